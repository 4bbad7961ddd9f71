"""What runs in the page "Try it in this page"? A network that learns TinyDigits, and one backward pass, taken apart."""

import io

import numpy as np

import tinytorch as torch
from tinytorch import nn


class Reader:
    """A network of 64-32-10 that learns to read digits of 8×8 grey levels, 0 to 16."""

    def __init__(self, archive, seed=0):
        """`archive`: the bytes of an .npz with the images and labels of the training and the test split."""
        kept = np.load(io.BytesIO(archive))
        torch.manual_seed(seed)
        self.x, self.y = as_input(kept["train_images"]), torch.tensor(kept["train_labels"]).long()
        self.test_images, self.test_labels = kept["test_images"], kept["test_labels"]
        self.net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=0.01)

    def epoch(self, batch_size=30):
        """Learn from each training image once; returns the mean loss."""
        total = 0.0
        for batch in torch.randperm(len(self.y)).split(batch_size):
            loss = self.loss(self.net(self.x[batch]), self.y[batch])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(batch)
        return total / len(self.y)

    def right(self):
        """How many of the test images it reads, none of which it learns from."""
        with torch.no_grad():
            said = self.net(as_input(self.test_images)).argmax(dim=1)
        return int((said.numpy() == self.test_labels).sum())

    def read(self, image):
        """How sure it is of each of the ten digits, for an image of 8×8 grey levels."""
        with torch.no_grad():
            return self.net(as_input(np.asarray(image)[None])).softmax(dim=1)[0].tolist()


def as_input(images):
    """(n, 8, 8) grey levels of 0 to 16 → (n, 64) numbers of 0 to 1."""
    return torch.tensor(np.asarray(images) / 16.0, dtype=torch.float32).flatten(1)


def grey_levels(drawing):
    """A drawing of 32×32 dots, made as large as it goes, as 8×8 grey levels: how many of each 4×4 dots are black.

    So were the images of TinyDigits made from what people wrote.
    """
    dots = np.asarray(drawing, dtype=bool).reshape(32, 32)
    if not dots.any():
        return np.zeros((8, 8), dtype=int).tolist()
    rows, columns = np.flatnonzero(dots.any(axis=1)), np.flatnonzero(dots.any(axis=0))
    inked = dots[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = inked.shape
    scale = 32 / max(height, width)
    high, wide = max(1, round(height * scale)), max(1, round(width * scale))
    large = inked[np.arange(high) * height // high][:, np.arange(wide) * width // wide]
    whole = np.zeros((32, 32), dtype=bool)
    top, left = (32 - high) // 2, (32 - wide) // 2
    whole[top : top + high, left : left + wide] = large
    return whole.reshape(8, 4, 8, 4).sum(axis=(1, 3)).tolist()


def backward(w, x, b, target):
    """One neuron, its loss and its backward pass: (name, value, gradient) in the order in which gradients are known."""
    w, x, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (w, x, b))
    product = w * x
    z = product + b
    p = z.sigmoid()
    loss = (p - target) ** 2
    known = []
    for name, tensor in {"loss": loss, "p": p, "z": z, "product": product, "b": b, "w": w, "x": x}.items():
        tensor.register_hook(lambda grad, name=name, tensor=tensor: known.append([name, tensor.item(), grad.item()]))
    loss.backward()
    return known
