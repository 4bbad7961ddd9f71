"""Packed sequences: packing and filling up, and recurrent layers that take them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from parity.harness import programs, table
from parity.inputs import floats, ints
from parity.material import load

FALLING = "[4, 2, 1]; torch.tensor([4, 3, 3]); [4, 4, 4]; [3, 1, 1]; [1, 1, 1]"
MIXED = "[2, 4, 1]; torch.tensor([1, 3, 4]); np.array([3, 4, 2]); [torch.tensor(1), torch.tensor(2), torch.tensor(4)]"
ORDERS = [
    "rnn.pack_padded_sequence(x, [5, 3, 2])",
    "rnn.pack_padded_sequence(x, [5, 5, 5])",
    "rnn.pack_padded_sequence(x, [3, 2, 1])",
    "rnn.pack_padded_sequence(x, [2, 5, 3], enforce_sorted=False)",
    "rnn.pack_padded_sequence(x, [1, 4, 5], False, False)",
    "rnn.pack_padded_sequence(x.transpose(0, 1), torch.tensor([4, 1, 5]), batch_first=True, enforce_sorted=False)",
    "rnn.pack_sequence([x[:4, 0], x[:, 1]], enforce_sorted=False)",
    "rnn.PackedSequence(x[:2].flatten(0, 1), torch.tensor([3, 2, 1]), unsorted_indices=torch.tensor([2, 0, 1]))",
]
OPTIONS = (
    "", ", batch_first=True", ", bidirectional=True", ", num_layers=2, bias=False", ", num_layers=2, bidirectional=True",
    ", num_layers=3, bidirectional=True, batch_first=True",
)  # fmt: skip
KINDS = "RNN; LSTM; GRU"
LAYERS = [f"nn.{kind}(2, 3{options})" for kind in KINDS.split("; ") for options in OPTIONS]
LAYERS += ["nn.RNN(2, 3, 2, 'relu', bidirectional=True)", "nn.LSTM(2, 3, 2, dropout=0.5).eval()"]
ONE = "p = rnn.pack_padded_sequence(x, [4, 3, 1], True)"
TWO = "p = rnn.pack_padded_sequence(x, [1, 4, 3], True, False)"
BAD = "rnn.PackedSequence(torch.ones(6, 2), torch.tensor([3, 2, 1]))"

CASES = [
    # -------------------------------------------------------------------------------- packing and filling up
    *table(
        "packed",
        """
        rnn.pack_padded_sequence(x, $falling, batch_first=True)
        rnn.pack_padded_sequence(x.transpose(0, 1), $falling)
        rnn.pack_padded_sequence(input=x, lengths=$falling, batch_first=True, enforce_sorted=False)
        rnn.pack_padded_sequence(x, $mixed, True, False)
        rnn.pack_padded_sequence(x.transpose(0, 1), $mixed, enforce_sorted=False)
        rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, $falling, True))
        rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, $falling, True), batch_first=True)
        rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, $falling, True), True, -1.5, 6)
        rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, $mixed, True, False), padding_value=2)
        rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, $mixed, True, False), batch_first=True)
        rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, $mixed, True, False), True, total_length=5)
        rnn.unpack_sequence(rnn.pack_padded_sequence(x, $falling, True))
        rnn.unpack_sequence(rnn.pack_padded_sequence(x, $mixed, True, False))
        """,
        falling=FALLING,
        mixed=MIXED,
        x=[floats(3, 4, 2), floats(3, 4), floats(3, 4, 2, 2, dtype="float64"), ints(3, 4)],
    ),
    *table(
        "packed",
        """
        rnn.pack_padded_sequence(x, torch.tensor([4, 2, 1], dtype=torch.int32), True)
        rnn.pack_padded_sequence(x, torch.tensor([4.0, 2, 1]), True)
        rnn.pack_padded_sequence(x, [2, 2, 2], True, False)
        rnn.pack_padded_sequence(x[:1], [3], True)
        rnn.pack_sequence([x[0], x[1, :3], x[2, :1]])
        rnn.pack_sequence([x[0, :1], x[1], x[2, :3]], enforce_sorted=False)
        rnn.pack_sequence((x[0, :1], x[1]), False)
        rnn.pack_sequence(list(x))
        rnn.unpack_sequence(rnn.pack_sequence([x[0, :1], x[1], x[2, :3]], False))
        rnn.PackedSequence(x, torch.tensor([1, 2]))
        rnn.PackedSequence(x, torch.tensor([1, 2]), torch.tensor([2, 0, 1]))
        rnn.PackedSequence((x, torch.tensor([1, 2])))
        rnn.PackedSequence(data=x, batch_sizes=torch.tensor([3]), unsorted_indices=torch.tensor([2, 0, 1]))
        """,
        x=floats(3, 4, 2),
    ),
    *table("packed", "rnn.pack_padded_sequence(x, [5, 2, 1], True)", x=floats(3, 4, 2), grad=False),
    *table(  # among sequences of one length PyTorch leaves the order open
        "packed",
        "rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, n, enforce_sorted=False))",
        x=floats(9, 99),
        n=ints(99, low=1),
    ),
    *table(
        "packed",
        f"""
        {ONE}; repr(p)
        {TWO}; repr(p)
        {TWO}; str(p)
        {TWO}; (p._fields, len(p), isinstance(p, tuple), type(p).__name__)
        {TWO}; data, sizes, order, back = p; (data is p.data, sizes is p.batch_sizes, order is p[2], back is p[-1])
        {TWO}; p._replace(data=p.data * 2)
        {TWO}; copy.deepcopy(p)
        {TWO}; pickle.loads(pickle.dumps(p))
        {TWO}; (p.double(), p.float() is p, p.cpu() is p, p.to("cpu") is p, p.is_cuda)
        {TWO}; p.to(torch.float64)
        {TWO}; p.to(dtype=torch.float64)
        {ONE}; [y.data.dtype for y in (p.half(), p.long(), p.int(), p.short(), p.char(), p.byte(), p.float())]
        (nn.utils.rnn.PackedSequence is rnn.PackedSequence, rnn.invert_permutation(None))
        rnn.invert_permutation(torch.tensor([2, 0, 1, 3]))
        rnn.invert_permutation(permutation=torch.tensor([0]))
        """,
        x=floats(3, 4),
        grad=False,
    ),
    *table(
        "packed",
        """
        rnn.pack_padded_sequence(x, [2, 4, 1], True)
        rnn.pack_padded_sequence(x, torch.tensor([1, 2, 3]), batch_first=True)
        rnn.pack_padded_sequence(x, [4, 2, 0], True)
        rnn.pack_padded_sequence(x, [4, 0, 2], True, False)
        rnn.pack_padded_sequence(x, [4, -1, 2], True, False)
        rnn.pack_padded_sequence(x, [4, 2], True)
        rnn.pack_padded_sequence(x, [4, 2, 2, 1], True)
        rnn.pack_padded_sequence(x, [4, 2, 1])
        rnn.pack_padded_sequence(x, [], True)
        rnn.pack_padded_sequence(x, 4, True)
        rnn.pack_padded_sequence(x, torch.tensor(4), True)
        rnn.pack_padded_sequence(x, torch.tensor([[4, 2, 1]]), True)
        rnn.pack_padded_sequence(x[:0], [], True)
        rnn.pack_padded_sequence(x[0, 0], [1, 1])
        rnn.pack_padded_sequence(3, [1])
        rnn.pack_padded_sequence([1.0], [1])
        rnn.pack_padded_sequence(x)
        rnn.pack_padded_sequence(rnn.pack_padded_sequence(x, [4, 2, 1], True), [1])
        rnn.pad_packed_sequence(x)
        rnn.pad_packed_sequence()
        rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, [4, 2, 1], True), total_length=3)
        rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, [3, 1, 2], True, False), total_length=0)
        rnn.pad_packed_sequence(rnn.PackedSequence(torch.ones(6, 2), torch.tensor([3, 2, 2])))
        rnn.pad_packed_sequence(rnn.PackedSequence(torch.ones(6, 2), torch.tensor([2, 4])))
        rnn.pack_sequence([])
        rnn.pack_sequence([x[0, :2], x[0]])
        rnn.pack_sequence([x[0], x[0, :0]])
        rnn.unpack_sequence(x)
        rnn.PackedSequence()
        rnn.PackedSequence(x)
        """,
        raises=True,
        x=floats(3, 4, 2),
    ),
    # -------------------------------------------------------------------------------- through the layers
    *table("packed", "trained($layer, $packed)", layer=LAYERS, packed=ORDERS, x=floats(5, 3, 2)),
    *table(
        "packed",
        "trained($layer.double(), $packed)",
        layer=LAYERS,
        packed=ORDERS[3],
        x=floats(5, 3, 2, dtype="float64"),
    ),
    *table(
        "packed",
        """
        trained(nn.$kind(2, 3), $packed, h[:1])
        trained(nn.$kind(2, 3, batch_first=True), $packed, hx=h[:1])
        trained(nn.$kind(2, 3, 2, bidirectional=True), $packed, h)
        fill(nn.$kind(2, 3, 2, bidirectional=True))($packed, h)
        """,
        kind="RNN; GRU",
        packed=[each for each in ORDERS if "pack_sequence" not in each],
        x=floats(5, 3, 2),
        h=floats(4, 3, 3),
    ),
    *table(
        "packed",
        """
        trained(nn.LSTM(2, 3), $packed, (h[:1], c[:1]))
        trained(nn.LSTM(2, 3, batch_first=True), $packed, hx=(h[:1], c[:1]))
        trained(nn.LSTM(2, 3, 2, bidirectional=True), $packed, (h, c))
        fill(nn.LSTM(2, 3, 2, bidirectional=True))($packed, (h, c))
        m = fill(nn.LSTM(2, 3)); y, s = m($packed); z, s = m($packed, s); (z, s)
        """,
        packed=[each for each in ORDERS if "pack_sequence" not in each],
        x=floats(5, 3, 2),
        h=floats(4, 3, 3),
        c=floats(4, 3, 3),
    ),
    *table(
        "packed",
        """
        m = fill(nn.$kind(2, 3, 2, bidirectional=True)); y, s = m($packed); rnn.pad_packed_sequence(y, batch_first=True)
        m = fill(nn.$kind(2, 3, bidirectional=True)); y, s = m($packed); rnn.unpack_sequence(y)
        m = fill(nn.$kind(2, 3)); y, s = m($packed); (y.data.shape, y.sorted_indices, y.unsorted_indices)
        m = fill(nn.$kind(2, 3, 2, dropout=1.0)); p = $packed; y, s = m(p); (y.data, y.batch_sizes is p.batch_sizes)
        """,
        kind=KINDS,
        packed=ORDERS,
        x=floats(5, 3, 2),
    ),
    *table(
        "packed",
        f"""
        nn.$kind(3, 3)({BAD})
        nn.$kind(2, 3).double()({BAD})
        nn.$kind(2, 3)({BAD}.long())
        nn.$kind(2, 3)(rnn.PackedSequence(torch.ones(6), torch.tensor([3, 2, 1])))
        nn.$kind(2, 3)(rnn.PackedSequence(torch.ones(6, 2), torch.tensor([2, 4])))
        """,
        kind=KINDS,
        raises=True,
    ),
    *table(
        "packed",
        f"""
        nn.$kind(2, 3)({BAD}, h[:, :2])
        nn.$kind(2, 3)({BAD}, h[0])
        nn.$kind(2, 3, 2)({BAD}, h)
        nn.$kind(2, 3)({BAD}, h.double())
        nn.LSTM(2, 3)({BAD}, (h[:, :2], h[:, :2]))
        """,
        kind="RNN; GRU",
        raises=True,
        h=floats(1, 3, 3),
    ),
]


# ------------------------------------------------------------------------------------ programs
def reviews(torch: ModuleType, n: int = 12) -> Any:
    """Padded words (n, 7), how many each review has (n,), and whether more of them are low than high (n,)."""
    random = np.random.RandomState(5)
    lengths = random.randint(1, 8, n)
    words = random.randint(1, 20, (n, 7)) * (np.arange(7) < lengths[:, None])
    label = ((words > 9).sum(1) * 2 < lengths).astype("float32")
    return torch.tensor(words), torch.tensor(lengths), torch.tensor(label)


def sentiment_by_two_way_lstm(torch: ModuleType) -> Any:
    nn = torch.nn

    class Sentiment(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(20, 5, padding_idx=0)
            self.rnn = nn.LSTM(5, 6, num_layers=2, bidirectional=True, batch_first=True)
            self.fc = nn.Linear(12, 1)

        def forward(self, text: Any, lengths: Any) -> Any:
            embedded = self.embedding(text)
            packed = nn.utils.rnn.pack_padded_sequence(embedded, lengths.cpu(), batch_first=True, enforce_sorted=False)
            _, (hidden, _) = self.rnn(packed)
            hidden = torch.cat((hidden[-2, :, :], hidden[-1, :, :]), dim=1)
            return self.fc(hidden).squeeze(1)

    text, lengths, label = reviews(torch)
    model = load(torch, Sentiment())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    criterion = nn.BCEWithLogitsLoss()
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        predictions = model(text, lengths)
        loss = criterion(predictions, label)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, torch.round(torch.sigmoid(model(text, lengths))).tolist(), [p.detach() for p in model.parameters()]


def chatbot_encoder_and_masked_loss(torch: ModuleType) -> Any:
    """A GRU over (time, batch) sorted by length, whose two directions are added, as in PyTorch's chatbot tutorial."""
    nn = torch.nn
    text, lengths, _ = reviews(torch)
    lengths, order = lengths.sort(descending=True)
    text = text[order].t()
    embedding = load(torch, nn.Embedding(20, 4))
    gru = load(torch, nn.GRU(4, 4, 2, dropout=0, bidirectional=True))
    optimizer = torch.optim.SGD([*embedding.parameters(), *gru.parameters()], lr=0.5)
    losses = []
    for _ in range(4):
        packed = nn.utils.rnn.pack_padded_sequence(embedding(text), lengths)
        outputs, hidden = gru(packed, None)
        outputs, _ = nn.utils.rnn.pad_packed_sequence(outputs)
        outputs = outputs[:, :, :4] + outputs[:, :, 4:]
        mask = text > 0
        loss = (outputs - 0.3).square().sum(2).masked_select(mask).mean() + hidden.square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, outputs, hidden


def loss_over_packed_tags(torch: ModuleType) -> Any:
    """Tagging: the labels are packed, too, so that the padding has no part in the loss."""
    nn = torch.nn
    text, lengths, _ = reviews(torch)
    words = [row[:n] for row, n in zip(text, lengths.tolist())]
    packed = nn.utils.rnn.pack_sequence(words, enforce_sorted=False)
    table, lstm, head = (load(torch, m) for m in (nn.Embedding(20, 3), nn.LSTM(3, 4), nn.Linear(4, 2)))
    output, _ = lstm(nn.utils.rnn.PackedSequence(table(packed.data), *packed[1:]))
    loss = nn.functional.cross_entropy(head(output.data), (packed.data > 9).long())
    loss.backward()
    return loss, [p.grad for m in (table, lstm, head) for p in m.parameters()]


CASES += programs(
    "packed", sentiment_by_two_way_lstm, chatbot_encoder_and_masked_loss, loss_over_packed_tags, grad=False
)
