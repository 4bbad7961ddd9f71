"""How a result lies in memory when its input is transposed or cut: seen in `stride()`, and in whether `view` works."""

from parity.harness import table
from parity.inputs import bools, floats, ints

# each a tensor of shape (3, 4) whose elements don't lie in order
ACROSS = "x.t(); c[..., 1]; c.transpose(0, 2)[0].t(); p[:, 1:5]; p[:3, ::2][:, :4]; e.expand(3, 4)"
UNARY = """
    exp(); tanh(); sigmoid(); relu(); neg(); abs(); sqrt(); log(); clone(); pow(2); square(); sign(); round()
    float(); double(); long(); clamp(0, 1); clamp(min=0.5); softmax(0); softmax(1); log_softmax(0); cumsum(0)
    cumsum(1); masked_fill(b, 1); contiguous(); reshape(12); reshape(4, 3); flatten(); sum(0); sum(1, keepdim=True)
    mean(0); amax(1); max(0).values; var(0); repeat(1, 2); flip(0); tril(); triu(); unsqueeze(0); unsqueeze(1); t()
    isnan(); logical_not(); add(1); mul(2.0); gt(0); index_select(0, i); gather(0, n); unbind(1)[0]; split(2)[0]
    detach(); to(torch.float64); norm(dim=0); prod(0); argmax(1); expand(2, 3, 4); narrow(1, 1, 2); movedim(0, 1)
    logsumexp(0); erf(); sin(); reciprocal(); floor(); type(torch.int64); cumprod(0)
    sort(0).values.contiguous(); roll(1, 0); diagonal(); diag(); unfold(1, 2, 1); tile(2)
    repeat_interleave(2, 1); ravel(); scatter(0, n, 2.0)
"""

CASES = [
    *table(
        "layout",
        "$a.$f",
        a=ACROSS,
        f=UNARY,
        x=floats(4, 3, low=0.1),
        c=floats(3, 4, 2, low=0.1),
        p=floats(3, 8, low=0.1),
        e=floats(3, 1, low=0.1),
        b=bools(3, 4),
        i=ints(2, high=2),
        n=ints(3, 4, high=2),
    ),
    *table(
        "layout",
        """
        x.t() $op y.t()
        x.t() $op z
        z $op x.t()
        x.t() $op z[0]
        x.t() $op 2
        2 $op x.t()
        x.t() $op s
        z[:, :1] $op x.t()
        """,
        op="+; -; *; /; <; ==; **",
        x=floats(4, 3, low=0.1),
        y=floats(4, 3, low=0.1),
        z=floats(3, 4, low=0.1),
        s=floats(low=0.1),
    ),
    *table(
        "layout",
        """
        torch.where(b, x.t(), z)
        torch.where(x.t() > 0, x.t(), x.t())
        torch.where(x.t() > 0, x.t(), 0.0)
        torch.maximum(x.t(), x.t())
        torch.cat([x.t(), x.t()], 0)
        torch.cat([x.t(), z], 1)
        torch.stack([x.t(), x.t()])
        x.t() @ x
        x @ x.t()
        z @ x
        x.t() @ z.t()
        c.transpose(1, 2) @ c
        c @ c.transpose(1, 2)
        F.linear(x.t(), z)
        F.relu(x.t())
        F.gelu(x.t())
        F.mse_loss(x.t(), z, reduction="none")
        F.dropout(x.t(), 0.5, training=False)
        torch.zeros_like(x.t())
        torch.full_like(x.t(), 2.0)
        torch.empty_like(x.t()).stride()
        torch.rand_like(x.t()).stride()
        torch.tensor(x.t().detach())
        x.t()[b]
        x.t()[[0, 2]]
        x.t()[:, [0, 2]]
        x.t()[None]
        c.permute(2, 0, 1).exp()
        c.permute(2, 0, 1).sum(0)
        c.permute(2, 0, 1).sum(1)
        c.permute(2, 0, 1).reshape(2, -1)
        c.permute(2, 0, 1).softmax(-1)
        c.permute(2, 0, 1).clone()
        c.permute(2, 0, 1).flatten(1)
        c.permute(2, 0, 1).contiguous()
        c.permute(2, 0, 1)[0].exp()
        c.permute(1, 2, 0) + c.permute(1, 2, 0)
        c.permute(1, 2, 0) + c.permute(1, 2, 0).contiguous()
        """,
        x=floats(4, 3),
        z=floats(3, 4),
        b=bools(3, 4),
        c=floats(3, 4, 2),
    ),
]
