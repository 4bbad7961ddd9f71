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
]
