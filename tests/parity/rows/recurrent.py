"""Recurrent layers and cells."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from parity.harness import programs, table
from parity.inputs import floats
from parity.material import load, name_pairs

KINDS = "RNN; LSTM; GRU"
OPTIONS = (
    "", ", bias=False", ", num_layers=2", ", bidirectional=True", ", 2, bidirectional=True", ", batch_first=True",
    ", num_layers=3, bias=False, batch_first=True, bidirectional=True",
)  # fmt: skip
MORE = [
    "nn.RNN(2, 3, nonlinearity='relu')",
    "nn.RNN(2, 3, 2, 'relu', False, True, 0.0, True)",
    "nn.RNN(input_size=2, hidden_size=3, num_layers=1, nonlinearity='tanh', bias=True, batch_first=True)",
    "nn.LSTM(2, 3, 2, False, True, 0.0, True)",
    "nn.GRU(2, 3, 2, True, True, 0.0, True)",
    "nn.LSTM(input_size=2, hidden_size=1)",
    "nn.LSTM(2, 3, 2, dropout=0.5).eval()",
]
LAYERS = [f"nn.{kind}(2, 3{options})" for kind in KINDS.split("; ") for options in OPTIONS] + MORE
CELLS = [
    "nn.RNNCell(2, 3)",
    "nn.RNNCell(2, 3, bias=False)",
    "nn.RNNCell(2, 3, nonlinearity='relu')",
    "nn.RNNCell(2, 3, True, 'relu')",
    "nn.GRUCell(2, 3)",
    "nn.GRUCell(2, 3, False)",
    "nn.GRUCell(input_size=2, hidden_size=3)",
]

CASES = [
    *table("recurrent", "trained($layer, x)", layer=LAYERS, x=[floats(4, 5, 2), floats(1, 3, 2), floats(6, 2)]),
    *table("recurrent", "trained($layer.double(), x)", layer=LAYERS, x=floats(4, 5, 2, dtype="float64")),
    *table(
        "recurrent", "trained(nn.$kind(2, 3), x)", kind=KINDS, x=[floats(3, 0, 2), floats(3, 2, 2, low=-60, high=60)]
    ),
    *table(
        "recurrent",
        """
        trained(nn.$kind(2, 3), x, h)
        trained(nn.$kind(2, 3, batch_first=True), x.transpose(0, 1), h)
        trained(nn.$kind(2, 3, 2, bidirectional=True), x, hx=g)
        trained(nn.$kind(2, 3), x[:, 0], h[:, 0])
        trained(nn.$kind(2, 3, batch_first=True), x[:, 0], h[:, 0])
        """,
        kind="RNN; GRU",
        x=floats(4, 5, 2),
        h=floats(1, 5, 3),
        g=floats(4, 5, 3),
    ),
    *table(
        "recurrent",
        """
        trained(nn.LSTM(2, 3), x, (h, c))
        trained(nn.LSTM(2, 3, batch_first=True), x.transpose(0, 1), (h, c))
        trained(nn.LSTM(2, 3, 2, bidirectional=True), x, hx=(g, g * 2))
        trained(nn.LSTM(2, 3), x[:, 0], (h[:, 0], c[:, 0]))
        m = fill(nn.LSTM(2, 3)); m(x, [h, c])
        m = fill(nn.LSTM(2, 3)); y, s = m(x); m(x, s)
        """,
        x=floats(4, 5, 2),
        h=floats(1, 5, 3),
        c=floats(1, 5, 3),
        g=floats(4, 5, 3),
    ),
    *table("recurrent", "trained($cell, x)", cell=[*CELLS, "nn.LSTMCell(2, 3)"], x=[floats(4, 2), floats(2)]),
    *table("recurrent", "trained($cell, x, h)", cell=CELLS, x=floats(4, 2), h=floats(4, 3)),
    *table("recurrent", "trained($cell, x, hx=h)", cell=CELLS, x=floats(2), h=floats(3)),
    *table(
        "recurrent",
        """
        trained(nn.LSTMCell(2, 3), x, (h, c))
        trained(nn.LSTMCell(2, 3, bias=False), x, (h, c))
        trained(nn.LSTMCell(2, 3), x[0], (h[0], c[0]))
        """,
        x=floats(4, 2),
        h=floats(4, 3),
        c=floats(4, 3),
    ),
    *table(
        "recurrent",
        """
        repr($layer)
        [(k, tuple(x.shape)) for k, x in $layer.state_dict().items()]
        [(k, p.requires_grad) for k, p in $layer.named_parameters()]
        """,
        layer=[*LAYERS, *CELLS, "nn.LSTMCell(2, 3)", "nn.LSTMCell(2, 3, bias=False)", "nn.LSTM(2, 3, 2, dropout=0.1)"],
    ),
    *table(
        "recurrent",
        """
        m = nn.$kind(2, 3, 2, batch_first=True); (m.input_size, m.hidden_size, m.num_layers, m.batch_first, m.bias)
        m = nn.$kind(2, 3); (m.dropout, m.bidirectional, m.flatten_parameters())
        m = fill(nn.$kind(2, 3, 2, dropout=0.5)); y = m(x)[0]; z = m(x)[0]; torch.equal(y, z)
        m = fill(nn.$kind(2, 3, 2, dropout=0.5)).eval(); torch.equal(m(x)[0], m(x)[0])
        m = fill(nn.$kind(2, 3, 2, dropout=1.0)); n = fill(nn.$kind(2, 3, 2)); n.weight_ih_l1.data.zero_(); m(x)[0]
        m = nn.$kind(2, 3, dtype=torch.float64, device="cpu"); m.weight_hh_l0.dtype
        m = fill(nn.$kind(2, 3)); copy.deepcopy(m)(x)
        m = fill(nn.$kind(2, 3)); n = nn.$kind(2, 3); n.load_state_dict(m.state_dict()); n(x)
        m = fill(nn.$kind(2, 3)); w = m.weight_hh_l0.clone(); m.reset_parameters(); torch.equal(w, m.weight_hh_l0)
        """,
        kind=KINDS,
        x=floats(4, 5, 2),
        grad=False,
    ),
    *table(
        "init",
        """
        w = nn.$kind(100, 400).weight_hh_l0; (w.min().item(), w.max().item(), w.std().item())
        w = nn.$kind(100, 400, 2, bidirectional=True).weight_ih_l1_reverse; (w.min().item(), w.max().item())
        """,
        kind=KINDS,
        tolerance=0.02,
    ),
    *table(
        "init",
        "w = nn.$cell(100, 400).weight_ih; (w.min().item(), w.max().item(), w.std().item())",
        cell="RNNCell; LSTMCell; GRUCell",
        tolerance=0.02,
    ),
    *table(
        "recurrent",
        """
        nn.$kind(2, 3)(x[None])
        nn.$kind(2, 3)(x[0, 0])
        nn.$kind(3, 3)(x)
        nn.$kind(2, 3)(x.double())
        nn.$kind(2, 3)(x[:0])
        nn.$kind(0, 3)
        nn.$kind(2, -1)
        nn.$kind(2, 3, 0)
        nn.$kind("2", 3)
        nn.$kind(2, 3.0)
        nn.$kind(2)
        nn.$kind(2, 3, dropout=1.5)
        nn.$kind(2, 3, frobnicate=1)
        """,
        kind=KINDS,
        raises=True,
        x=floats(4, 5, 2),
    ),
    *table(
        "recurrent",
        """
        nn.$kind(2, 3)(x, h[:, :2])
        nn.$kind(2, 3, 2)(x, h)
        nn.$kind(2, 3)(x[:, 0], h)
        nn.$kind(2, 3)(x, h[:, 0])
        nn.$kind(2, 3)(x, h.double())
        nn.$kind(2, 3)(x, (h, h))
        """,
        kind="RNN; GRU",
        raises=True,
        x=floats(4, 5, 2),
        h=floats(1, 5, 3),
    ),
    *table(
        "recurrent",
        """
        nn.LSTM(2, 3)(x, (h, h[:, :2]))
        nn.LSTM(2, 3)(x, (h[:, 0], h[:, 0]))
        nn.LSTM(2, 3)(x[:, 0], (h, h))
        nn.LSTM(2, 3)(x, h)
        nn.LSTM(2, 3)(x, (h.double(), h.double()))
        nn.RNN(2, 3, 1, "sin")
        nn.RNN(2, 3, nonlinearity="sigmoid")
        nn.RNNCell(2, 3, nonlinearity="sin")(x[0])
        nn.LSTMCell(2, 3)(x[0], (h[0], h[0, :2]))
        nn.LSTMCell(2, 3)(x[0], (h, h))
        nn.LSTMCell(2, 3)(x)
        """,
        raises=True,
        x=floats(4, 5, 2),
        h=floats(1, 5, 3),
    ),
    *table(
        "recurrent",
        """
        nn.$cell(2, 3)(x)
        nn.$cell(3, 3)(x[0])
        nn.$cell(2, 3)(x[0], h[0, :2])
        nn.$cell(2, 3)(x[0], h[0, :, :2])
        nn.$cell(2, 3)(x[0], h)
        nn.$cell(2, 3)(x[0].double())
        """,
        cell="RNNCell; GRUCell",
        raises=True,
        x=floats(4, 5, 2),
        h=floats(1, 5, 3),
    ),
]


# ------------------------------------------------------------------------------------ programs
def names_by_lstm(torch: ModuleType) -> Any:
    """A character-level model, as in makemore: embedding, LSTM, linear, cross-entropy."""
    nn = torch.nn

    class Model(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(27, 6)
            self.lstm = nn.LSTM(6, 8, num_layers=2, batch_first=True)
            self.head = nn.Linear(8, 27)

        def forward(self, x: Any, state: Any = None) -> Any:
            y, state = self.lstm(self.table(x), state)
            return self.head(y[:, -1]), state

    model = load(torch, Model())
    x, y = name_pairs(torch, 4)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(4):
        logits, _ = model(x)
        loss = nn.functional.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        first, state = model(x[:2])
        second, _ = model(x[2:4], state)
    return losses, first, second


def a_cell_in_a_loop(torch: ModuleType) -> Any:
    cell = load(torch, torch.nn.GRUCell(2, 3))
    x = torch.linspace(-1, 1, 24).reshape(4, 3, 2).requires_grad_()
    h = torch.zeros(3, 3)
    outputs = []
    for step in x:
        h = cell(step, h)
        outputs.append(h)
    torch.stack(outputs).square().sum().backward()
    return torch.stack(outputs).detach(), x.grad, [p.grad for p in cell.parameters()]


def state_carried_over_and_detached(torch: ModuleType) -> Any:
    rnn = load(torch, torch.nn.RNN(2, 3, nonlinearity="relu", batch_first=True))
    x = torch.linspace(-1, 1, 40).reshape(2, 10, 2)
    state, grads = None, []
    for piece in x.split(5, 1):
        y, state = rnn(piece, None if state is None else state.detach())
        y.mean().backward()
        grads.append([p.grad.clone() for p in rnn.parameters()])
    return grads


CASES += programs("recurrent", names_by_lstm, a_cell_in_a_loop, state_carried_over_and_detached, grad=False)
