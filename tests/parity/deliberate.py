"""Where TinyTorch differs from PyTorch on purpose: each reason, and the cases that show the difference.

A case is named by its family and text; what is listed here is run like the rest, and must still differ.
"""

from __future__ import annotations

REASONS: dict[str, str] = {
    "TinyTorch has no gradients of gradients": """
        autograd: (x * x).sum().backward(create_graph=True); x.grad.detach()
    """,
    "a second backward through a freed graph is always refused; PyTorch allows it where nothing had been saved": """
        autograd: z = x.sum(); z.backward(); z.backward(); x.grad
        autograd: z = (x + y).t(); z.sum().backward(); z.sum().backward(); x.grad
    """,
    "the gradient does not need what PyTorch saved and so protects: TinyTorch's is right after the change": """
        inplace: y = x * 2; z = y.gather(1, torch.tensor([[0], [1]])); y.add_(1); z.sum().backward()
        inplace: y = x * 2; z = y.var(); y.add_(1); z.backward()
        inplace: y = x.logsumexp(1); y.add_(1); y.sum().backward()
        inplace: t = torch.zeros(2, 3); y = F.mse_loss(x, t); t.add_(1); y.backward()
    """,
    "a change through .data counts as a change: PyTorch does not notice it, and gives a wrong gradient": """
        inplace: y = x * 1; z = y * y; y.data.mul_(2); z.sum().backward(); z.detach()
    """,
    "a view from unbind may be changed in place like any other view: its gradient is right": """
        inplace: (a, b) = (x * 2).unbind(); a.add_(1)
    """,
    "PyTorch only warns that a loss was broadcast, or that softmax had to guess its dim: TinyTorch refuses": """
        functional: F.mse_loss(v, v.detach().unsqueeze(1))
        functional: F.mse_loss(x, x.detach()[0])
        functional: nn.MSELoss()(v.unsqueeze(1), v.detach())
        modules: nn.Softmax()(x)
        loss: F.l1_loss(v, v.detach().unsqueeze(1))
        loss: F.smooth_l1_loss(v, v.detach().unsqueeze(1))
        loss: F.huber_loss(v.unsqueeze(1), v.detach())
        loss: nn.L1Loss()(x, x.detach()[0])
    """,
    "what is not a tensor is always a TypeError; of some losses, PyTorch first asks for its size: AttributeError": """
        loss: F.mse_loss(x, 1.0)
        loss: F.l1_loss(x, 1.0)
        loss: F.smooth_l1_loss(x, 1.0)
    """,
    "PyTorch's soft margin loss is infinite, and its gradient nan, from -89 on; TinyTorch's is right": """
        loss: F.soft_margin_loss(x * 1e3, t.abs().detach())
    """,
    "there are no complex numbers and no device but the CPU; asking for another is a RuntimeError, in one sentence": """
        creation: torch.tensor([1 + 2j]).shape
        creation: torch.device("cuda").type
        creation: torch.zeros(2, device="cuda")
        names: x.cuda()
    """,
    "over dim=() PyTorch's gradient of var and std divides by zero; TinyTorch's is the one over all dimensions": """
        reduction: x.var(())
        reduction: x.std(())
        reduction: torch.var(x, dim=())
        reduction: torch.std(x, dim=())
        reduction: x.var(dim=(), keepdim=True)
        reduction: x.std(dim=(), keepdim=True)
    """,
    "where operands lie in memory in different orders, the result lies in order; PyTorch follows the first operand": """
        layout: x.t() + z
        layout: x.t() - z
        layout: x.t() * z
        layout: x.t() / z
        layout: x.t() < z
        layout: x.t() == z
        layout: x.t() ** z
        layout: F.mse_loss(x.t(), z, reduction="none")
        layout: c.permute(1, 2, 0) + c.permute(1, 2, 0).contiguous()
    """,
    "max_pool leaves the order of dimensions in memory as it is; PyTorch does if channels are innermost": """
        pooling: F.max_pool2d(x.transpose(2, 3), 2)
    """,
    "the channels of a convolution's result may be innermost in memory, which is faster; `view` works all the same": """
        convolution: F.conv2d(x, w).stride()
    """,
    "an image without channels is a RuntimeError everywhere; PyTorch stumbles here over the missing dimension": """
        convolution: F.unfold(x[0, 0], 2)
        pooling: F.avg_pool2d(x[0, 0], 2)
    """,
    "the result of batch_norm lies in memory as its input does; PyTorch's in order, unless channels come last": """
        normalization: F.batch_norm(x.transpose(1, 2), None, None, training=True, eps=1e-3)
    """,
    "to pack more steps than there are is an error; PyTorch packs those there are, with wrong batch_sizes": """
        packed: rnn.pack_padded_sequence(x, [5, 2, 1], True)
    """,
    "windows that overlap may not be changed in place, where PyTorch changes some elements twice": """
        shape: y = x.unfold(1, 2, 1); y.add_(1); x
    """,
    "PyTorch has a kind of RuntimeError for matrices without inverse; TinyTorch raises RuntimeError itself": """
        linalg: torch.linalg.inv(torch.zeros(2, 2))
        linalg: torch.linalg.solve(torch.zeros(3, 3), v)
    """,
    "what is no tensor is a TypeError that says what to do; PyTorch stumbles over an attribute that it misses": """
        modules: nn.Parameter([1.0, 2.0])
    """,
    "the mean of gradients one of which is infinite is infinite; PyTorch's is nan, for it takes the old mean away": """
        optimizers: steps(optim.Adam, lr=0.1, spoil=inf)
        optimizers: steps(optim.Adam, lr=0.1, spoil=-inf)
        optimizers: steps(optim.AdamW, lr=0.1, spoil=inf)
        optimizers: steps(optim.AdamW, lr=0.1, spoil=-inf)
    """,
    "grad_fn names the operation that was recorded; TinyTorch has few and derives the rest": """
        autograd: type(x.sum().grad_fn).__name__
        autograd: z = x.sum(); g = z.grad_fn; (g.next_functions[0][0].name(), g.next_functions[0][1])
        printing: repr(x.t())
        printing: repr(x[0])
    """,
}

DELIBERATE = {line.strip(): reason for reason, lines in REASONS.items() for line in lines.strip().splitlines()}
