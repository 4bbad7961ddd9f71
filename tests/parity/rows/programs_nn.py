"""Teaching programs with layers and optimizers, written once: from the same weights every loss must agree."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from parity.harness import programs
from parity.material import CHARACTERS, INDEX, load, two_moons, weights


def logistic_regression(torch: ModuleType) -> Any:
    x, label = two_moons(torch)
    model = load(torch, torch.nn.Linear(2, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    criterion = torch.nn.BCEWithLogitsLoss()
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = criterion(model(x).squeeze(1), label.float())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        accuracy = ((model(x).squeeze(1) > 0).long() == label).float().mean()
    return losses, accuracy


def xor(torch: ModuleType) -> Any:
    nn = torch.nn
    x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
    model = load(torch, nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1), nn.Sigmoid()))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    losses = []
    for _ in range(40):
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, model(x).round().int().tolist()


def classifier(torch: ModuleType) -> Any:
    nn = torch.nn

    class Net(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 16)
            self.fc2 = nn.Linear(16, 2)
            self.dropout = nn.Dropout(0.5)

        def forward(self, x: Any) -> Any:
            return self.fc2(self.dropout(torch.relu(self.fc1(x))))

    x, label = two_moons(torch)
    model = load(torch, Net()).eval()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=1e-3)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, label), batch_size=16)
    losses = []
    for _ in range(4):
        for batch, target in loader:
            optimizer.zero_grad()
            output = model(batch)
            loss = nn.CrossEntropyLoss()(output, target)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    _, predicted = torch.max(model(x).data, 1)
    correct = (predicted == label).sum().item()
    return losses, correct, str(model)


def autoencoder(torch: ModuleType) -> Any:
    nn = torch.nn
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(16, 6), nn.GELU(), nn.Linear(6, 3), nn.GELU(), nn.Linear(3, 16), nn.Sigmoid()
    )
    load(torch, model)
    images = torch.tensor(np.random.RandomState(2).uniform(0, 1, (10, 4, 4)).astype("float32"))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
    losses = []
    for _ in range(15):
        loss = nn.functional.mse_loss(model(images).view_as(images), images)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def residual_blocks(torch: ModuleType) -> Any:
    nn = torch.nn

    class Block(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self, width: int) -> None:
            super().__init__()
            self.net = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(inplace=True), nn.Linear(2 * width, width))

        def forward(self, x: Any) -> Any:
            return x + self.net(x)

    class Net(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.blocks = nn.ModuleList([Block(2) for _ in range(3)])
            self.head = nn.Linear(2, 2)

        def forward(self, x: Any) -> Any:
            for block in self.blocks:
                x = block(x)
            return self.head(x)

    x, label = two_moons(torch)
    model = load(torch, Net())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    losses = []
    for _ in range(15):
        loss = nn.functional.cross_entropy(model(x), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, list(model.state_dict()), repr(model)


def recurrent_network_by_hand(torch: ModuleType) -> Any:
    F = torch.nn.functional
    text = torch.tensor([INDEX[c] for c in "emmaoliviaava"])
    wx, wh = weights(torch, len(CHARACTERS), 8, seed=1, scale=0.3), weights(torch, 8, 8, seed=2, scale=0.3)
    wo = weights(torch, 8, len(CHARACTERS), seed=3, scale=0.3)
    optimizer = torch.optim.Adam([wx, wh, wo], lr=0.02)
    losses = []
    for _ in range(10):
        h = torch.zeros(8)
        outputs = []
        for c in text[:-1]:
            h = torch.tanh(wx[c] + h @ wh)
            outputs.append(h @ wo)
        loss = F.cross_entropy(torch.stack(outputs), text[1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def attention_head(torch: ModuleType) -> Any:
    nn = torch.nn

    class Head(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self, width: int, size: int, block: int) -> None:
            super().__init__()
            self.key, self.query = nn.Linear(width, size, bias=False), nn.Linear(width, size, bias=False)
            self.value = nn.Linear(width, size, bias=False)
            self.register_buffer("tril", torch.tril(torch.ones(block, block)), persistent=False)

        def forward(self, x: Any) -> Any:
            _, t, c = x.shape
            scores = self.query(x) @ self.key(x).transpose(-2, -1) * c**-0.5
            scores = scores.masked_fill(self.tril[:t, :t] == 0, float("-inf"))
            return torch.softmax(scores, dim=-1) @ self.value(x)

    x = torch.tensor(np.random.RandomState(5).normal(size=(2, 5, 6)).astype("float32"))
    head = load(torch, Head(6, 4, 8))
    optimizer = torch.optim.AdamW(head.parameters(), lr=0.01)
    losses = []
    for _ in range(10):
        out = head(x)
        loss = (out - x[..., :4]).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, list(head.state_dict())


CASES = programs(
    "programs",
    logistic_regression,
    xor,
    classifier,
    autoencoder,
    residual_blocks,
    recurrent_network_by_hand,
    attention_head,
    grad=False,
    tolerance=1e-4,
)
