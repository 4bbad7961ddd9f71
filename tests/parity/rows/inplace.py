"""Changes in place: what they do, what autograd makes of them, and which sequences are refused.

Here the inputs require grad unless the table says otherwise, and each row runs its own backward.
"""

from parity.harness import table
from parity.inputs import bools, floats, ints

X = floats(2, 3)
V = floats(3)
FORMS = """
    absolute_(); asin_(); acos_(); atan_(); arcsin_(); arccos_(); arctan_(); ceil_(); floor_(); trunc_(); fix_()
    frac_(); round_(); round_(decimals=1); cos_(); sin_(); tan_(); sinh_(); cosh_(); deg2rad_()
    rad2deg_(); erf_(); erfc_(); exp2_(); expm1_(); log_(); log2_(); log10_(); log1p_(); logit_(); logit_(0.1)
    negative_(); reciprocal_(); relu_(); rsqrt_(); sign_(); square_(); nan_to_num_(); clip_(0.3, 0.6)
    clamp_min_(0.5); clamp_max_(0.5); multiply_(2); divide_(2); true_divide_(2); subtract_(1); fmod_(0.3)
    remainder_(0.3); atan2_(torch.tensor(2.0)); hypot_(torch.tensor(2.0))
    addcmul_(torch.tensor(2.0), torch.tensor(3.0), value=0.5)
    addcdiv_(torch.tensor(2.0), torch.tensor(3.0)); div_(2, rounding_mode="floor")
"""

CASES = [
    *table(
        "inplace",
        """
        x.$op; x
        x.$op is x
        y = x.t(); y.$op; x
        y = x[0]; y.$op; x
        """,
        op="""
            add_(1); sub_(2.5); mul_(2); div_(2); pow_(2); neg_(); abs_(); exp_(); tanh_(); sigmoid_(); zero_()
            fill_(3); fill_(value=2.5); clamp_(-0.5, 0.5); clamp_(min=0); clamp_(max=1.0)
            copy_(torch.tensor(2.0)); add_(1, alpha=3); fill_(torch.tensor(4))
            masked_fill_(torch.tensor(True), 3.0); sqrt_()
            sub_(torch.tensor(1))
        """,
        x=floats(2, 3, low=0.5, high=2),
        grad=False,
    ),
    *table(
        "inplace",
        """
        x.add_(v); x
        x.sub_(v, alpha=2); x
        x.mul_(v); x
        x.div_(v); x
        x.add_(x); x
        x.mul_(x); x
        x.add_(n); x
        x.copy_(v); x
        x.copy_(n); x
        x.copy_(d); x
        x.masked_fill_(b, 0); x
        x.masked_fill_(b[0], -inf); x
        x += v; x
        x -= v; x
        x *= v; x
        x /= v; x
        x //= 1; x
        x %= 1; x
        x **= 2; x
        n += 1; n
        n *= 2; n
        n -= n; n
        n //= 2; n
        n %= 3; n
        n &= 3; n
        n |= 4; n
        n.add_(2); n
        n.copy_(x); n
        n.fill_(2.7); n
        b &= ~b; b
        b |= True; b
        b ^= b; b
        d += x; d
        d.copy_(x); d
        y = x; y += 1; x
        y = x; y = y + 1; x
        y = x.view(-1); y += 1; x
        x.t().copy_(x.t().clone() * 2); x
        x.add_(x.t().t()); x
        x[0].add_(x[1]); x
        x.flatten()[0].fill_(9); x
        x.data.add_(1); x
        x.detach().zero_(); x
        x.data = torch.ones(4); x
        x.data = x.data * 2; x
        a = x.numpy(); x.add_(1); a
        """,
        x=X,
        v=V,
        n=ints(2, 3),
        d=floats(2, 3, dtype="float64"),
        b=bools(2, 3),
        grad=False,
    ),
    *table(
        "inplace",
        """
        x.add_(z)
        x.copy_(z)
        v.add_(x)
        v.copy_(x)
        n.add_(1.5)
        n.mul_(x)
        n.div_(2)
        n /= 2; n
        n.sqrt_()
        b.add_(1)
        b.add_(x)
        n += x; n
        x.masked_fill_(n, 1)
        x.fill_(v)
        x.fill_()
        x.add_()
        x.add_("1")
        v.expand(2, 3).add_(1)
        """,
        raises=True,
        x=X,
        v=V,
        z=floats(2, 4),
        n=ints(2, 3),
        b=bools(2, 3),
        grad=False,
    ),
    # ------------------------------------------------------------------------ with gradients
    *table(
        "inplace",
        """
        y = x * 2; y.add_(1); y.sum().backward(); y.detach()
        y = x * 2; y.mul_(v); y.sum().backward(); y.detach()
        y = x * 2; y.mul_(3).add_(v); (y * y).sum().backward(); y.detach()
        y = x * 2; y += v; y *= 2; y.sum().backward(); y.detach()
        y = x.clone(); y.exp_(); y.sum().backward(); y.detach()
        y = x.clone(); y.tanh_(); y.sum().backward(); y.detach()
        y = x.clone(); y.sigmoid_(); y.sum().backward(); y.detach()
        y = x * 1; y.zero_(); (y + x).sum().backward(); y.detach()
        y = x * 1; y.fill_(2); (y * x).sum().backward(); y.detach()
        y = x * 1; y.copy_(v); (y * x).sum().backward(); y.detach()
        y = x * 1; y.clamp_(-0.5, 0.5); (y * y).sum().backward(); y.detach()
        y = x * 1; y.masked_fill_(x > 0, 0); (y * y).sum().backward(); y.detach()
        y = x * 1; y.pow_(3); y.sum().backward(); y.detach()
        y = x * 1; y.neg_(); y.sum().backward(); y.detach()
        y = x * 1; y.div_(2); y.sum().backward(); y.detach()
        y = x * 1; y.sub_(v); (y * y).sum().backward(); y.detach()
        y = x * 1; y[0] = v; (y * y).sum().backward(); y.detach()
        y = x * 1; y[:, 1] = 0; (y * y).sum().backward(); y.detach()
        y = x * 1; y[y > 0] = 0; (y * y).sum().backward(); y.detach()
        y = x * 1; y[0] = y[1]; (y * y).sum().backward(); y.detach()
        y = x * 1; y[0] *= 2; (y * y).sum().backward(); y.detach()
        y = torch.zeros(2, 3); y[0] = v; y.sum().backward(); (y.requires_grad, y.detach())
        y = torch.zeros(2, 3); y += x; y.sum().backward(); (y.requires_grad, y.is_leaf)
        y = torch.zeros(2, 3); y.copy_(x); (y * y).sum().backward(); y.requires_grad
        y = torch.zeros(3); y.add_(v).mul_(2); (y * y).sum().backward(); y.detach()
        total = torch.zeros(()); total += x.sum(); total += v.sum(); total.backward(); total.detach()
        y = x.exp(); z = y + 1; y.add_(1); (y.detach(), z.detach())
        y = x + 1; z = y * 2; y.add_(1); z.sum().backward(); y.detach()
        y = x + 1; z = y.sum(); y.mul_(5); z.backward(); y.detach()
        y = x * 2; z = y + v; y.mul_(2); z.sum().backward(); y.detach()
        y = x * 2; z = y.relu() + 0; y.mul_(2); z.sum().backward(); y.detach()
        y = x * 2; z = torch.cat([y, y]); y.zero_(); z.sum().backward(); z.detach()
        y = x.exp(); w = y.detach(); z = w + 1; y.sum().backward(); z
        y = x.exp(); y = y.add(1); y.sum().backward(); y.detach()
        y = x.exp().clone(); y.add_(1); y.sum().backward(); y.detach()
        y = x.tanh(); y = y * 2; y.add_(1); y.sum().backward(); y.detach()
        y = x.sum(1); y.add_(1); y.sum().backward(); y.detach()
        y = (x * v).sum(0); y.mul_(2); y.sum().backward(); y.detach()
        y = x @ x.t(); y.add_(1); y.sum().backward(); y.detach()
        y = x @ x.t(); y.mul_(2); (y * y).sum().backward(); y.detach()
        y = x.reshape(3, 2) * 1; y.add_(1); y.sum().backward(); y.detach()
        y = x * 1; y.detach().mul_(2); y.sum().backward(); y.detach()
        y = x + 1; y.data.mul_(2); y.sum().backward(); y.detach()
        x.data.add_(1); (x * x).sum().backward(); x.detach()
        x.data.zero_(); x.sum().backward(); x.detach()
        (x * 2).sum().backward(); x.grad.zero_(); x.grad
        (x * 2).sum().backward(); x.grad.mul_(3); (x * 2).sum().backward(); x.grad
        (x * 2).sum().backward(); x.data -= 0.1 * x.grad; x.detach()
        (x * 2).sum().backward(); x.grad = None; x.grad
        (x * 2).sum().backward(); x.grad += 1; x.grad
        (x * 2).sum().backward(); x.grad[0] = 0; x.grad
        (x * 2).sum().backward(); x.grad.clamp_(-1, 1); x.grad
        x.grad = torch.ones(2, 3); (x * 2).sum().backward(); x.grad
        y = F.relu(x * 2, inplace=True); y.sum().backward(); y.detach()
        y = x * 2; F.relu(y, inplace=True); (y * y).sum().backward(); y.detach()
        y = nn.ReLU(inplace=True)(x + 1); y.sum().backward(); y.detach()
        y = x.requires_grad_(False); y.add_(1); y
        y = x.detach(); y.add_(1); y.requires_grad
        y = x * 1; y.detach_(); y.add_(1); y.requires_grad
        y = torch.ones(2, 3); y.requires_grad_(); (y * x).sum().backward(); y.grad
        y = torch.ones(2, 3); y *= x; y.is_leaf
        y = torch.ones(2, 3).add_(x); y.sum().backward(); y.requires_grad
        y = x * 2; v2 = y.view(-1); z = v2.sum(); z.backward(); z.detach()
        y = x * 2; y.mul_(2); w = y.view(-1); w.sum().backward(); w.detach()
        y = x * 2; w = y[0]; y = y.add_(1); (y * y).sum().backward(); y.detach()
        """,
        x=X,
        v=V,
        grad="own",
    ),
    *table(
        "inplace",
        """
        y = x * 2; w = y.view(-1); w.mul_(3); y.sum().backward(); y.detach()
        y = x * 2; w = y[0]; w.zero_(); (y * y).sum().backward(); y.detach()
        y = x * 2; w = y.t(); w.add_(1); (y * y).sum().backward(); w.detach()
        y = x * 2; w = y[0]; y.mul_(3); w.sum().backward(); w.detach()
        y = x * 2; w = y.view(-1); y.add_(1); (w * w).sum().backward(); w.detach()
        y = x * 2; y[0][1] = 5; (y * y).sum().backward(); y.detach()
        y = x * 2; y[0].add_(v); (y * y).sum().backward(); y.detach()
        y = torch.zeros(2, 3); y[0].add_(v); y.sum().backward(); y.requires_grad
        y = torch.zeros(2, 3); w = y[0]; w += v; y.sum().backward(); y.requires_grad
        """,
        x=X,
        v=V,
        grad="own",
    ),
    *table(
        "inplace",
        """
        x.add_(1)
        x.zero_()
        x.fill_(3)
        x[0] = 1; x
        y = x + 1; y.mul_(y); y.sum().backward()
        i = torch.tensor([0, 1]); y = x[i]; i.add_(0); y.sum().backward()
        y = x * 2; z = y.gather(1, torch.tensor([[0], [1]])); y.add_(1); z.sum().backward()
        x[x > 0] = 1; x
        x += 1; x
        x *= x; x
        x.copy_(v)
        x.mul_(2)
        x.clamp_(0, 1)
        x.masked_fill_(x > 0, 1)
        F.relu(x, inplace=True)
        x.view(-1).add_(1)
        x[0].add_(1)
        x.t().mul_(2)
        x.unsqueeze(0).zero_()
        y = x[0]; y += 1; y
        y = x.exp(); y.add_(1); y.sum().backward()
        y = x.tanh(); y.mul_(2); y.sum().backward()
        y = x.sigmoid(); y.zero_(); y.sum().backward()
        y = x.abs().sqrt(); y.add_(1); y.sum().backward()
        y = x * 2; z = y * y; y.add_(1); z.sum().backward()
        y = x * 2; z = y ** 2; y.add_(1); z.sum().backward()
        y = x * 2; z = y.exp(); z.add_(1); z.sum().backward()
        y = x * 2; z = y * v; y.mul_(2); z.sum().backward()
        y = x * 2; z = v * y; y.zero_(); z.sum().backward()
        y = x * 2; z = y.log(); y.add_(1); z.sum().backward()
        y = x * 2; z = y.sin(); y.add_(1); z.sum().backward()
        y = x * 2; z = y @ y.t(); y.add_(1); z.sum().backward()
        y = x * 2; z = y / v; y.detach(); z.mul_(1); y.add_(1); w = z * y; y.add_(1); w.sum().backward()
        y = x * 2; z = v / y; y.add_(1); z.sum().backward()
        y = x * 2; z = y.prod(); y.add_(1); z.backward()
        y = x * 2; z = y.norm(); y.add_(1); z.backward()
        y = x * 2; z = y.var(); y.add_(1); z.backward()
        y = x * 2; z = y.square(); y.add_(1); z.sum().backward()
        y = x * 2; z = y.abs(); y.add_(1); z.sum().backward()
        y = x * 2; z = y.clamp(0, 1); y.add_(1); z.sum().backward()
        y = x * 2; z = torch.maximum(y, v); y.add_(1); z.sum().backward()
        y = x * 2; z = y.softmax(1); z.add_(1); z.sum().backward()
        y = x * 2; z = torch.relu(y); z.add_(1); z.sum().backward()
        y = x * 2; z = y.relu(); z.mul_(2); z.sum().backward()
        y = x * 2; z = F.gelu(y); y.add_(1); z.sum().backward()
        y = x * 2; z = y * y; y.t().add_(1); z.sum().backward()
        y = x * 2; z = y * y; y[0] = 0; z.sum().backward()
        y = x * 2; z = y * y; y.view(-1).add_(1); z.sum().backward()
        y = x * 2; w = y.view(-1); z = w * w; y.add_(1); z.sum().backward()
        y = x * 2; w = y.detach(); z = y * y; w.add_(1); z.sum().backward()
        y = torch.ones(2, 3); z = x * y; y.add_(1); z.sum().backward()
        y = torch.ones(2, 3); z = x @ y.t(); y[0] = 3; z.sum().backward()
        y = x.amax(1); y.add_(1); y.sum().backward()
        y = x.logsumexp(1); y.add_(1); y.sum().backward()
        y = x.reciprocal(); y.add_(1); y.sum().backward()
        y = x.abs().rsqrt(); y.add_(1); y.sum().backward()
        i = torch.tensor([0, 1]); y = x[i]; i.zero_(); y.sum().backward()
        m = x > 0; y = x.masked_fill(m, 0); m.zero_(); y.sum().backward()
        m = x > 0; y = torch.where(m, x, v); m.zero_(); y.sum().backward()
        i = torch.tensor([[0], [1]]); y = x.gather(1, i); i.zero_(); y.sum().backward()
        t = torch.tensor([0, 1]); y = F.cross_entropy(x, t); t.zero_(); y.backward()
        t = torch.zeros(2, 3); y = F.mse_loss(x, t); t.add_(1); y.backward()
        w = torch.ones(4, 3); y = F.linear(x, w); w.add_(1); y.sum().backward()
        (a, b) = x.unbind(); a.add_(1)
        (a, b) = (x * 2).unbind(); a.add_(1)
        y = (x * 2).expand(2, 2, 3); y.add_(1)
        x.requires_grad_(False).add_(1).requires_grad_().mul_(2)
        y = (x * 2)[0]; y.detach_()
        x.data = torch.ones(2, 3, dtype=torch.int64); x
        x.grad = torch.ones(3); x
        x.grad = torch.ones(2, 3, dtype=torch.float64); x
        x.grad = 3; x
        """,
        raises=True,
        x=floats(2, 3, low=0.2, high=2),
        v=V,
        grad="own",
    ),
    *table(
        "inplace",
        """
        y = x * 2; z = y - v; y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = -y; y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = y.mean(); y.add_(1); z.backward(); z.detach()
        y = x * 2; z = y / 2; y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = y * 3; y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = y.t() * 1; y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = y.cumsum(1); y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = y.clone(); y.add_(1); z.sum().backward(); z.detach()
        y = x.clamp(0.5, 1); z = y / 3; y.pow_(2); (z + y).sum().backward(); z.detach()
        y = x.clamp(min=1); y.mul_(2); y.sum().backward(); y.detach()
        y = x.relu() * 1; y.mul_(2); y.sum().backward(); y.detach()
        y = x.abs(); y.mul_(2); y.sum().backward(); y.detach()
        y = x.sin(); y.mul_(2); y.sum().backward(); y.detach()
        y = x.log(); y.mul_(2); y.sum().backward(); y.detach()
        y = x.pow(2); y.mul_(2); y.sum().backward(); y.detach()
        y = x * v; y.mul_(2); y.sum().backward(); y.detach()
        y = x / v; y.add_(2); y.sum().backward(); y.detach()
        y = torch.maximum(x, v); y.mul_(2); y.sum().backward(); y.detach()
        y = torch.where(x > 1, x, v); y.mul_(2); y.sum().backward(); y.detach()
        y = x.masked_fill(x > 1, 0); y.mul_(2); y.sum().backward(); y.detach()
        y = x @ v; y.mul_(2); y.sum().backward(); y.detach()
        y = F.linear(x, x); y.mul_(2); y.sum().backward(); y.detach()
        y = F.gelu(x); y.mul_(2); y.sum().backward(); y.detach()
        y = x.cumsum(0); y.mul_(2); y.sum().backward(); y.detach()
        y = x.var(0); y.mul_(2); y.sum().backward(); y.detach()
        y = x.log1p(); y.mul_(2); y.sum().backward(); y.detach()
        y = x.square(); y.mul_(2); y.sum().backward(); y.detach()
        y = x[[0, 1]]; y.mul_(2); y.sum().backward(); y.detach()
        y = x.gather(1, torch.tensor([[0], [1]])); y.mul_(2); y.sum().backward(); y.detach()
        y = x * 1; y.expand_as(y).mul_(2); y.sum().backward(); y.detach()
        y = x * 1; y.broadcast_to((2, 3)).mul_(2); y.sum().backward(); y.detach()
        y = x * 1; y.float().mul_(2); y.sum().backward(); y.detach()
        y = x * 1; y.contiguous().mul_(2); y.sum().backward(); y.detach()
        y = x * 1; z = y * y; y.data.mul_(2); z.sum().backward(); z.detach()
        y = x * 2; z = y[:, 0] * 1; y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = y * v.detach(); y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = y @ torch.ones(3, 2); y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = y.exp(); y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = y.tanh(); y.zero_(); z.sum().backward(); z.detach()
        y = x * 2; z = torch.sigmoid(y); y.zero_(); z.sum().backward(); z.detach()
        y = x * 2; z = torch.relu(y); y.mul_(-1); z.sum().backward(); z.detach()
        y = x * 2; z = y.softmax(1); y.mul_(-1); z.sum().backward(); z.detach()
        y = x * 2; z = y.sqrt(); y.mul_(-1); z.sum().backward(); z.detach()
        y = x * 2; z = F.linear(y, torch.ones(4, 3)); y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = torch.stack([y, y]); y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = y.masked_fill(y > 1, 0); y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = torch.where(y > 1, y, v); y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = y[[0, 1]]; y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = y.floor() + y; y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = y.max(1).values; y.add_(1); z.sum().backward(); z.detach()
        y = x * 2; z = F.log_softmax(y, 1); y.add_(1); z.sum().backward(); z.detach()
        """,
        x=floats(2, 3, low=0.2, high=2),
        v=V,
        grad="own",
    ),
    # ------------------------------------------------------------------------ every form there is
    *table(
        "inplace",
        """
        x.$op; x
        x.$op is x
        """,
        op=FORMS,
        x=floats(2, 3, low=0.1, high=0.9),
        grad=False,
    ),
    *table(
        "inplace",
        """
        y = x * 1; y.$op; y.sum().backward(); y.detach()
        y = x * 1; y[0].$op; (y * y).sum().backward(); y.detach()
        """,
        op=FORMS,
        x=floats(2, 3, low=0.1, high=0.9),
        grad="own",
    ),
    *table(
        "inplace",
        """
        n.$op; n
        y = n.clone(); y.$op; y
        """,
        op="""
            bitwise_and_(3); bitwise_or_(4); bitwise_xor_(n); bitwise_not_(); bitwise_left_shift_(1)
            bitwise_right_shift_(1); floor_divide_(2); fmod_(3); remainder_(3); abs_(); neg_(); sign_(); sgn_()
            clamp_(2, 5); clamp_min_(3); clamp_max_(4); logical_not_(); logical_and_(n); logical_or_(n); logical_xor_(n)
            eq_(3); ne_(3); lt_(3); le_(3); gt_(3); ge_(3); greater_(3); less_equal_(3); not_equal_(3); square_()
            addcmul_(n, n, value=2); zero_(); pow_(2); masked_fill_(n > 3, 7); copy_(3); relu_()
        """,
        n=ints(2, 3),
        grad=False,
    ),
    *table(
        "inplace",
        """
        n <<= 1; n
        n >>= 1; n
        n ^= 5; n
        x.eq_(v); x
        x.gt_(0.5); x
        x.logical_not_(); x
        x.lerp_(v, 0.25); x
        x.lerp_(v, torch.tensor(0.5)); x
        x.addcmul_(v, v); x
        x.addcdiv_(v, v, value=2); x
        x.copy_(2); x
        x.fill_(True); x
        d.atan2_(x); d
        x.hypot_(v); x
        """,
        x=X,
        v=V,
        d=floats(2, 3, dtype="float64"),
        n=ints(2, 3),
        grad=False,
    ),
    *table(
        "inplace",
        """
        n.$real
        v.lerp_(x, 0.5)
        v.addcmul_(x, x)
        n.addcdiv_(n, n)
        n.true_divide_(2)
        n.fmod_(0)
        x.copy_([1, 2, 3])
        x.copy_(np.ones(3))
        x.clamp_()
        x <<= 1
        x.logaddexp_(x)
        x.maximum_(x)
        """,
        raises=True,
        real="exp_(); log_(); sin_(); atan_(); sigmoid_(); reciprocal_(); erfc_(); expm1_(); logit_(); acosh_()",
        x=X,
        v=V,
        z=floats(2, 4),
        n=ints(2, 3),
        grad=False,
    ),
]
