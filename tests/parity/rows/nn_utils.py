"""torch.nn.utils: gradients kept small, parameters as one vector, sequences of different lengths in one tensor."""

from parity.harness import table
from parity.inputs import floats, given, ints

P = "p = torch.tensor([1.0, -2.0], requires_grad=True)"
TWO = "p, q, r = nn.Parameter(v.detach()), nn.Parameter(w.detach()), nn.Parameter(torch.ones(2))"
GRADS = f"{TWO}; (p.grad, q.grad) = ((3 * v).detach(), w.detach() ** 2)"
NORMS = "1; 2; 2.0; 3.5; inf; 'inf'; -inf; 0; 0.5; -1"
GIVEN = dict(v=floats(3), w=floats(2, 2))

CASES = [
    *table(
        "nn_utils",
        f"""
        {GRADS}; n = U.clip_grad_norm_([p, q, r], $bound); (n, p.grad, q.grad, r.grad)
        {GRADS}; n = U.clip_grad_norm_([p, q, r], $bound, norm_type=$norm); (n, p.grad, q.grad, r.grad)
        {GRADS}; n = U.clip_grad_norm_(p, max_norm=$bound, error_if_nonfinite=True, foreach=False); (n, p.grad, q.grad)
        {GRADS}; n = U.clip_grad_norm_((x for x in (p, q)), $bound); (n, p.grad, q.grad)
        {GRADS}; U.clip_grad_value_([p, q, r], $bound); (p.grad, q.grad, r.grad)
        {GRADS}; U.clip_grad_value_(q, clip_value=$bound); (p.grad, q.grad)
        """,
        bound="0.5; 1; 100.0",
        norm=NORMS,
        grad=False,
        **GIVEN,
    ),
    *table(
        "nn_utils",
        """
        U.clip_grad_norm_([], 1.0)
        U.clip_grad_norm_([nn.Parameter(v)], 1.0)
        """,
        v=[floats(4, dtype="float64"), floats(3, dtype="float16")],
        w=floats(2, dtype="float64"),
        x=given([3.0, nan]) if (nan := float("nan")) else None,
        grad=False,
    ),
    *table(
        "nn_utils",
        """
        p = nn.Parameter(torch.ones(2)); p.grad = x.detach(); n = U.clip_grad_norm_([p], 1.0); (n, p.grad)
        p = nn.Parameter(torch.ones(2)); p.grad = x.detach(); U.clip_grad_value_([p], 1.0); p.grad
        """,
        x=[given([3.0, nan]), given([0.0, 0.0]), given([-float("inf"), nan])],
        grad=False,
    ),
    *table(
        "nn_utils",
        """
        p = nn.Parameter(torch.ones(2)); g = x.detach(); p.grad = g; U.clip_grad_norm_(p, 0.1); g
        m = fill(nn.Linear(3, 2)); m(torch.ones(3)).sum().backward(); U.clip_grad_norm_(m.parameters(), 1); m.bias.grad
        m = fill(nn.Linear(3, 2)); v = U.parameters_to_vector(m.parameters()); (v, v.requires_grad)
        m = fill(nn.Linear(3, 2)); U.vector_to_parameters(torch.arange(8.0), m.parameters()); (m.weight, m.bias)
        m = fill(nn.Linear(3, 2)); v = torch.arange(9.0); U.vector_to_parameters(v, m.parameters()); v.zero_(); m.weight
        m = fill(nn.Linear(3, 2)); v = U.parameters_to_vector(m.parameters()); (v * v).sum().backward(); m.bias.grad
        m = fill(nn.Linear(3, 2)); w = [m.weight, m.bias]; U.vector_to_parameters(U.parameters_to_vector(w) * 2, w); w
        U.parameters_to_vector([x, x])
        """,
        x=floats(2, low=1),
        grad=False,
    ),
    *table("nn_utils", "U.parameters_to_vector([x, y])", x=floats(2, 3), y=floats(2)),
    *table(
        "nn_utils",
        """
        U.clip_grad_norm_([p], 1.0, error_if_nonfinite=True)
        U.clip_grad_norm_([p], "high")
        U.clip_grad_norm_([p], 1.0, "fro")
        U.clip_grad_value_([p], "high")
        U.clip_grad_norm_([3], 1.0)
        U.clip_grad_norm_(3, 1.0)
        U.clip_grad_norm_([p])
        U.parameters_to_vector([])
        U.parameters_to_vector([torch.ones(2, 3).t()])
        U.vector_to_parameters([1.0], [p])
        U.vector_to_parameters(torch.ones(1), [p])
        """.replace("        U.", "        p = nn.Parameter(torch.ones(2)); p.grad = torch.tensor([1.0, nan]); U."),
        raises=True,
        grad=False,
    ),
    *table(
        "nn_utils",
        """
        rnn.pad_sequence([x, y, z])
        rnn.pad_sequence([x, y, z], batch_first=True)
        rnn.pad_sequence([z, x], True, -1.5)
        rnn.pad_sequence((x, y), padding_value=2, padding_side="left")
        rnn.pad_sequence([x, y, z], batch_first=True, padding_side="left")
        rnn.pad_sequence([x])
        rnn.pad_sequence(s for s in (y, z))
        """,
        x=floats(2, 3),
        y=floats(4, 3),
        z=floats(1, 3),
    ),
    *table(
        "nn_utils",
        """
        rnn.pad_sequence([x, y], batch_first=True)
        rnn.pad_sequence([x, y], padding_value=7)
        rnn.pad_sequence([y, x.long()])
        rnn.pad_sequence([x.long(), y])
        rnn.pad_sequence([x, x])
        rnn.pad_sequence([x[:0], x])
        rnn.pad_sequence(y.reshape(2, 2))
        """,
        x=[floats(3), ints(3)],
        y=[floats(4), ints(4)],
        grad=False,
    ),
    *table(
        "nn_utils",
        """
        rnn.unpad_sequence(x, torch.tensor([1, 4, 2]), batch_first=True)
        rnn.unpad_sequence(x.transpose(0, 1), torch.tensor([1, 4, 0]))
        """,
        x=[floats(3, 4, 2), floats(3, 4)],
        grad=False,
    ),
    *table(
        "nn_utils",
        """
        rnn.pad_sequence([])
        rnn.pad_sequence(["ab"])
        rnn.pad_sequence([torch.ones(2, 3), torch.ones(3, 2)])
        rnn.pad_sequence([torch.ones(2)], padding_side="top")
        rnn.unpad_sequence(torch.ones(3, 2), torch.tensor([1, 2, 3]))
        """,
        raises=True,
    ),
]
