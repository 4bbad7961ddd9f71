"""The rules of autograd: what gets a gradient and when, hooks, grad modes, graphs that are used twice."""

from parity.harness import table
from parity.inputs import floats, given, ints

X = floats(2, 3)

CASES = [
    *table(
        "autograd",
        """
        x.sum().backward(); x.grad
        (x * x).sum().backward(); x.grad
        (x * y).sum().backward(); (x.grad, y.grad)
        x.sum().backward(); x.sum().backward(); x.grad
        z = x.sum(); z.backward(retain_graph=True); z.backward(); x.grad
        (x * 2).backward(torch.ones(2, 3)); x.grad
        (x * 2).backward(gradient=torch.ones(2, 3) * 3); x.grad
        (x * 2).backward(y.detach()); x.grad
        x.backward(torch.ones(2, 3)); x.grad
        (x * 2).sum(0, keepdim=True)[0, :1].backward(); x.grad
        (x * 2).sum().backward(torch.tensor(3.0)); x.grad
        z = x * 2; z.sum().backward(); (z.requires_grad, z.is_leaf, x.grad)
        z = x * 2; z.retain_grad(); z.sum().backward(); (z.grad, z.retains_grad)
        z = x * 2; z.retain_grad(); (z * z).sum().backward(); z.grad
        z = x * 2; z.retain_grad(); z.retain_grad(); (z + z).sum().backward(); z.grad
        z = x * 2; (z * z).sum().backward(); z.grad
        x.retain_grad(); x.sum().backward(); (x.grad, x.retains_grad)
        (x + x + x).sum().backward(); x.grad
        z = x * 2; (z * z + z).sum().backward(); x.grad
        (x.detach() * y).sum().backward(); (x.grad, y.grad)
        ((x - x.detach()) * y).sum().backward(); (x.grad, y.grad)
        (x * 0).sum().backward(); x.grad
        (x[0] * y[1]).sum().backward(); (x.grad, y.grad)
        x.requires_grad_(False); (x * y).sum().backward(); (x.grad, y.grad)
        x.requires_grad = False; (x * y).requires_grad
        z = x.detach(); z.requires_grad_(); (z * z).sum().backward(); (z.grad, x.grad)
        z = x.detach().requires_grad_(True); (z.requires_grad, z.is_leaf)
        z = x.clone(); (z.requires_grad, z.is_leaf)
        z = (x * 2).detach(); (z.requires_grad, z.is_leaf)
        z = x.data; (z.requires_grad, z.is_leaf)
        (x > 0).requires_grad
        x.argmax().requires_grad
        (n * 2).requires_grad
        (x * n).sum().backward(); x.grad
        x.double().sum().backward(); x.grad
        (x.double() * 2).float().sum().backward(); x.grad
        (x * torch.ones(2, 3, dtype=torch.float64)).sum().backward(); x.grad
        x.to(torch.float16).sum().backward(); x.grad
        (x * y.double()).sum().backward(); (x.grad.dtype, y.grad.dtype)
        x.mean().backward(); x.grad
        x.max().backward(); x.grad
        x.abs().max().backward(); x.grad
        x.amin().backward(); x.grad
        torch.ones(2).grad
        torch.ones(2).grad_fn
        x.grad_fn
        type(x.sum().grad_fn).__name__
        (x * 2).grad_fn is None
        len((x * y).grad_fn.next_functions)
        x.sum().grad_fn.name()
        z = x.sum(); g = z.grad_fn; (g.next_functions[0][0].name(), g.next_functions[0][1])
        x.grad = y.detach(); x.sum().backward(); x.grad
        x.sum().backward(); g = x.grad; (x * 2).sum().backward(); g
        x.sum().backward(); g = x.grad; x.grad = None; (x * 2).sum().backward(); (g, x.grad)
        x.sum().backward(); x.grad.requires_grad
        x.sum().backward(); x.grad.is_leaf
        x.t().sum(0).sum().backward(); x.grad.stride()
        (x.t() * y.t()).sum().backward(); (x.grad.is_contiguous(), x.grad.view(-1).shape)
        x.expand(4, 2, 3).sum().backward(); (x.grad.is_contiguous(), x.grad)
        x.permute(1, 0).reshape(-1).sum().backward(); x.grad.is_contiguous()
        (x @ y.t()).sum().backward(); (x.grad.is_contiguous(), y.grad.is_contiguous())
        x.sum().backward(); x.grad.add_(1); (x.grad, y.grad)
        (x + y).sum().backward(); x.grad.add_(1); (x.grad, y.grad)
        (x + y).sum().backward(); x.grad is y.grad
        z = x.sum(); z.backward(); z.backward(); x.grad
        z = (x + y).t(); z.sum().backward(); z.sum().backward(); x.grad
        (x * x).sum().backward(create_graph=True); x.grad.detach()
        x.sum().backward(inputs=[x]); x.grad
        (x * y).sum().backward(inputs=[x]); (x.grad, y.grad)
        (x * y).sum().backward(inputs=x); (x.grad, y.grad)
        torch.is_grad_enabled()
        """,
        x=X,
        y=floats(2, 3),
        n=ints(2, 3),
        grad="own",
    ),
    # an infinite gradient, or none at all, must not leak through a place where the derivative is 0
    *table(
        "autograd",
        "($f).backward(g); x.grad",
        f="""
            x.clamp(-0.5, 0.5); x.clamp(min=0); x.clamp(max=0); x.relu(); F.relu(x); x.abs(); x.masked_fill(x > 0, 0)
            torch.where(x > 0, x, 0.0); torch.where(x > 0, 0.0, x); torch.maximum(x, torch.zeros(3)); x.tril(); x.triu()
            torch.minimum(x, torch.zeros(3)); x.sign(); x.floor(); x.round(); x * 0; x * 1; x + 1; x / 2; x ** 2; x ** 0
            x.square(); x.exp(); x.tanh(); x.sigmoid(); x.flip(0); x[:, [0, 1, 2]]; x.cumsum(1); x.softmax(1); F.gelu(x)
            x.gather(1, torch.tensor([[0, 0, 0], [1, 1, 1]])); x.sum(1, keepdim=True) * torch.ones(3); x.double()
            x.amax(1, keepdim=True).expand(2, 3); x.max(1, keepdim=True).values.expand(2, 3); (x * 1).clamp_(0, 1)
            (x * 1).masked_fill_(x > 0, 1); (x * 0).sqrt(); (x * 0).abs(); x.log_softmax(1); torch.cat([x[:1], x[1:]])
        """,
        x=floats(2, 3),
        g=given([[float("inf"), float("nan"), 1.0], [float("-inf"), float("nan"), float("inf")]]),
        grad="own",
    ),
    *table(
        "autograd",
        """
        z = torch.zeros(2, requires_grad=True); z.$f.sum().backward(); z.grad
        z = torch.zeros(2, requires_grad=True); (z * 0).$f.sum().backward(); z.grad
        """,
        f="""
            sqrt(); log(); rsqrt(); reciprocal(); norm(); pow(0.5); pow(-1); abs(); std(); prod(); log().clamp(min=-5)
            sqrt().clamp(min=1); log1p(); norm(1); norm(3); norm(float("inf")); softmax(0).log(); relu().log()
        """,
        grad="own",
    ),
    *table(
        "autograd",
        """
        x.backward()
        (x * 2).backward()
        (x * 2).backward(torch.ones(3))
        x.detach().sum().backward()
        (x * 2).backward(3.0)
        n.sum().backward()
        torch.tensor(1.0).backward()
        z = (x * x).sum(); z.backward(); z.backward()
        z = (x * x).sum(); z.backward(); (z * 2).backward()
        z = x.exp(); z.sum().backward(); z.mean().backward()
        n.requires_grad_()
        n.requires_grad = True; n
        torch.tensor([True]).requires_grad_()
        z = x * 2; z.requires_grad_(False)
        z = x * 2; z.requires_grad = False; z
        x.detach().retain_grad()
        x.detach().register_hook(lambda g: g)
        (x > 0).sum().backward()
        x.argmax().backward()
        x.numpy()
        (x * 2).numpy()
        h = x.register_hook(lambda g: g[0]); x.sum().backward()
        h = x.register_hook(lambda g: 3); x.sum().backward()
        x.grad = torch.ones(3, 2); x
        copy.deepcopy(x * 2)
        torch.inference_mode(3, 4)
        """,
        raises=True,
        x=X,
        n=ints(2, 3),
        grad="own",
    ),
    *table(
        "autograd",
        """
        torch.autograd.grad((x * y).sum(), x)
        torch.autograd.grad((x * y).sum(), [x, y])
        torch.autograd.grad((x * y).sum(), (y,)); (x.grad, y.grad)
        torch.autograd.grad(x * y, x, y.detach())
        torch.autograd.grad(x * y, x, torch.ones(2, 3, dtype=torch.float64))
        torch.autograd.grad([x.sum(), x * 2], x, [None, torch.ones(2, 3)])
        torch.autograd.grad([(x * 2).sum(), y.prod()], [x, y])
        torch.autograd.grad([x * 2], x, [torch.ones(2, 3), torch.ones(2, 3)])
        torch.autograd.grad(outputs=x * 2, inputs=x, grad_outputs=torch.ones(2, 3))
        torch.autograd.grad((x * 2).sum(), [x, x])
        torch.autograd.grad((x * 2).sum(), [x, y], allow_unused=True)
        torch.autograd.grad((x * 2).sum(), [x, y], materialize_grads=True)
        torch.autograd.grad((x * 2).sum(), [x, y], None, None, False, True, True)
        z = x.sum(); torch.autograd.grad(z, z)
        z = (x * 2).sum(); torch.autograd.grad(z * 3, [x, z])
        z = x * 2; torch.autograd.grad((z * z).sum(), [z, x])
        z = x * 2; torch.autograd.grad((z * z).sum(), z, retain_graph=True) + torch.autograd.grad((z * z).sum(), x)
        z = x * x; g = torch.autograd.grad((z * 3).sum(), z); z.backward(g[0]); (g, x.grad)
        z = x * x; z.sum().backward(); torch.autograd.grad((z * 2).sum(), z)
        z = x * x; z.retain_grad(); torch.autograd.grad((z * 2).sum(), x) + (z.grad,)
        z = x * x; z.retain_grad(); torch.autograd.grad((z * 2).sum(), z) + (z.grad,)
        z = x * x; z.retain_grad(); (z * 2).sum().backward(inputs=[z]); (z.grad, x.grad)
        z = x * x; h = z.register_hook(lambda g: g * 10); torch.autograd.grad(z.sum(), z)
        h = x.register_hook(lambda g: g * 10); torch.autograd.grad((x * x).sum(), x)
        z = (x * x).sum(); torch.autograd.grad(z, x, retain_graph=True) + torch.autograd.grad(z, x)
        x.grad = y.detach(); torch.autograd.grad((x * x).sum(), x) + (x.grad,)
        g = torch.autograd.grad((x * 2).sum(), x)[0]; g.add_(1); torch.autograd.grad((x * y).sum(), x)
        z = x.exp(); a, b = torch.autograd.grad((z * 2 + y * 2).sum(), [z, y]); a.add_(1); b
        z = x.exp(); (y * z).sum().backward(inputs=[y]); (x.grad, y.grad)
        m = nn.Linear(3, 2); sum(g.numel() for g in torch.autograd.grad(m(x).sum(), m.parameters()))
        torch.autograd.backward(x.sum()); x.grad
        torch.autograd.backward([x.sum(), (x * y).sum()]); (x.grad, y.grad)
        torch.autograd.backward([x.sum(), x * 2], [None, torch.ones(2, 3)]); x.grad
        torch.autograd.backward(x * 2, torch.ones(2, 3)); x.grad
        torch.autograd.backward(tensors=[x * 2], grad_tensors=[torch.ones(2, 3)], inputs=[x]); x.grad
        torch.autograd.backward((x * y).sum(), inputs=x); (x.grad, y.grad)
        z = (x * y).sum(); torch.autograd.backward(z, None, True); torch.autograd.backward(z); x.grad
        torch.autograd.backward(x.sum(), inputs=[y]); (x.grad, y.grad)
        v = torch.autograd.Variable(x); (v, v.requires_grad, v.is_leaf)
        v = torch.autograd.Variable(x.detach(), requires_grad=True); (v * v).sum().backward(); (v.grad, x.grad)
        z = x.detach().clone(); v = torch.autograd.Variable(z); v[0, 0] = 9.0; z
        l = []; h = x.register_post_accumulate_grad_hook(lambda p: l.append(p.grad.clone())); x.sum().backward(); l
        x.register_post_accumulate_grad_hook(lambda p: setattr(p, "grad", p.grad * 2)); x.exp().sum().backward(); x.grad
        h = x.register_post_accumulate_grad_hook(lambda p: 1 / 0); h.remove(); x.sum().backward(); x.grad
        h = x.register_post_accumulate_grad_hook(lambda p: setattr(p, "grad", None)); x.sum().backward(); x.grad
        torch.autograd.gradcheck(torch.sin, d)
        torch.autograd.gradcheck(torch.mul, (d, d.detach() * 2))
        torch.autograd.gradcheck(lambda a: (a * 2, a.exp(), a.argmax()), [d])
        torch.autograd.gradcheck(lambda a, k: a[k], (d, n.bool()))
        torch.autograd.gradcheck(lambda a, b: a * 2, (d, d * 1))
        torch.autograd.gradcheck(lambda a, k: a * k, (d, 3))
        torch.autograd.gradcheck(torch.exp, d.t(), eps=1e-5, atol=1e-4, rtol=1e-3, fast_mode=False)
        torch.autograd.gradcheck(lambda a: a.detach() * a, d, raise_exception=False)
        torch.autograd.gradcheck(lambda a: a * 1 if torch.is_grad_enabled() else a * 1, d)
        torch.autograd.gradcheck(lambda a: a.argmax(), d)
        torch.autograd.gradcheck(nn.Linear(3, 2).double(), d)
        torch.autograd.gradcheck(F.cross_entropy, (d, n[0, :2] % 3))
        torch.autograd.gradcheck(lambda a: a.clone().mul_(a), d)
        torch.autograd.gradcheck(torch.abs, torch.zeros(2, dtype=torch.float64, requires_grad=True))
        torch.autograd.gradcheck(torch.sin, torch.zeros(0, dtype=torch.float64, requires_grad=True))
        torch.autograd.gradcheck(torch.sin, torch.tensor(1.0, dtype=torch.float64, requires_grad=True))
        torch.is_anomaly_enabled()
        """,
        x=X,
        y=floats(2, 3),
        n=ints(2, 3),
        d=floats(2, 3, dtype="float64"),
        grad="own",
    ),
    *table(
        "autograd",
        """
        torch.autograd.grad(x.sum(), [x, y])
        torch.autograd.grad(x.sum(), [x, y], allow_unused=False)
        torch.autograd.grad(x.sum(), [x, y], allow_unused=False, materialize_grads=True)
        torch.autograd.grad(x * 2, x)
        torch.autograd.grad(x.detach().sum(), x)
        torch.autograd.grad(x.sum(), x.detach())
        torch.autograd.grad(x.sum(), x.sum())
        torch.autograd.grad(x * 2, x, torch.ones(3))
        torch.autograd.grad(x * 2, x, 1.0)
        torch.autograd.grad([x.sum(), x.sum()], x, [None])
        torch.autograd.grad(x.sum(), [])
        torch.autograd.grad([], [x])
        torch.autograd.grad(x.sum(), 3)
        torch.autograd.grad(3, x)
        z = (x * x).sum(); torch.autograd.grad(z, x); torch.autograd.grad(z, x)
        z = (x * x).sum(); torch.autograd.grad(z, x); z.backward()
        z = (x * x).sum(); z.backward(); z.backward(inputs=[x])
        torch.autograd.backward(x * 2)
        torch.autograd.backward(x.detach())
        torch.autograd.backward(x.sum(), inputs=[])
        torch.autograd.backward(x.sum(), inputs=[x.detach()])
        torch.autograd.Variable(3.0)
        torch.autograd.Variable([1.0])
        x.detach().register_post_accumulate_grad_hook(print)
        (x * 2).register_post_accumulate_grad_hook(print)
        torch.autograd.gradcheck(torch.sin, d.detach())
        torch.autograd.gradcheck(torch.sin, d, 1e-6)
        torch.autograd.gradcheck(torch.sin, d[:1].expand(2, 3))
        torch.autograd.gradcheck(lambda a: 1 / 0, d)
        torch.autograd.detect_anomaly()(print)
        """,
        raises=True,
        x=X,
        y=floats(2, 3),
        d=floats(2, 3, dtype="float64"),
        grad="own",
    ),
]
