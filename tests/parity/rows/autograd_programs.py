"""Autograd in programs of a few lines: grad modes, hooks, graphs of odd shapes, descent by hand."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from parity.harness import programs


def leaf(torch: ModuleType) -> Any:
    return torch.tensor([1.0, -2.0, 3.0], requires_grad=True)


def no_grad_as_context(torch: ModuleType) -> Any:
    x = leaf(torch)
    with torch.no_grad():
        y = x * 2
        inside = torch.is_grad_enabled()
        made = torch.ones(2, requires_grad=True)
    return y, inside, torch.is_grad_enabled(), made, x * 2


def no_grad_as_decorator(torch: ModuleType) -> Any:
    @torch.no_grad()
    def double(x: Any) -> Any:
        return x * 2

    @torch.no_grad
    def triple(x: Any) -> Any:
        return x * 3

    return double(leaf(torch)), triple(leaf(torch)), double.__name__, torch.is_grad_enabled()


def enable_grad_inside_no_grad(torch: ModuleType) -> Any:
    x = leaf(torch)
    with torch.no_grad():
        with torch.enable_grad():
            y = x * 2
        z = x * 3
    return y, z


def set_grad_enabled_three_ways(torch: ModuleType) -> Any:
    x = leaf(torch)
    with torch.set_grad_enabled(False):
        a = x * 2
    torch.set_grad_enabled(False)
    b = x * 2
    torch.set_grad_enabled(True)
    c = x * 2
    with torch.set_grad_enabled(mode=True):
        d = x * 2
    return a, b, c, d, torch.is_grad_enabled()


def inference_mode_as_context(torch: ModuleType) -> Any:
    x = leaf(torch)
    with torch.inference_mode():
        y = (x * 2).requires_grad
    with torch.inference_mode(False):
        z = (x * 2).requires_grad
    return y, z, torch.is_grad_enabled()


def grad_mode_comes_back_after_an_error(torch: ModuleType) -> Any:
    try:
        with torch.no_grad():
            raise ValueError
    except ValueError:
        return torch.is_grad_enabled()


def views_under_no_grad(torch: ModuleType) -> Any:
    x = leaf(torch)
    with torch.no_grad():
        x[0] = 5
        x.mul_(2)
        x[1:].add_(1)
        x += 1
    (x * x).sum().backward()
    return x, x.grad


def hook_sees_and_replaces_the_gradient(torch: ModuleType) -> Any:
    x = leaf(torch)
    seen: list[Any] = []
    y = x * 2
    y.register_hook(lambda grad: seen.append(grad.clone()))
    y.register_hook(lambda grad: grad * 10)
    x.register_hook(lambda grad: seen.append(grad.clone()))
    (y * y).sum().backward()
    return seen, x.grad


def hook_can_be_removed(torch: ModuleType) -> Any:
    x = leaf(torch)
    handle = x.register_hook(lambda grad: grad * 0)
    handle.remove()
    x.sum().backward()
    return x.grad


def hook_is_called_once_with_the_whole_gradient(torch: ModuleType) -> Any:
    x = leaf(torch)
    seen: list[Any] = []
    x.register_hook(seen.append)
    (x * 2 + x * 3 + x.exp()).sum().backward()
    return seen


def hooks_and_retained_gradients(torch: ModuleType) -> Any:
    x = leaf(torch)
    y = x * 3
    y.register_hook(lambda grad: grad + 1)
    y.retain_grad()
    (y * 2).sum().backward()
    return y.grad, x.grad


def clipping_by_hook(torch: ModuleType) -> Any:
    x = leaf(torch)
    x.register_hook(lambda grad: grad.clamp(-1, 1))
    (x**3).sum().backward()
    return x.grad


def gradients_add_up_over_losses(torch: ModuleType) -> Any:
    x = leaf(torch)
    for k in range(3):
        (x * k).sum().backward()
    first = x.grad.clone()
    x.grad.zero_()
    x.sum().backward()
    return first, x.grad


def two_losses_one_graph(torch: ModuleType) -> Any:
    x = leaf(torch)
    h = x.tanh()
    (h.sum()).backward(retain_graph=True)
    (h * h).sum().backward()
    return x.grad


def truncated_backpropagation(torch: ModuleType) -> Any:
    w = torch.tensor(0.5, requires_grad=True)
    state = torch.tensor(1.0)
    for _ in range(3):
        for _ in range(4):
            state = torch.tanh(w * state + 0.1)
        state.backward()
        state = state.detach()
    return w.grad, state


def a_deep_chain(torch: ModuleType) -> Any:
    x = leaf(torch)
    y = x
    for _ in range(3000):
        y = y * 1.0001
    y.sum().backward()
    return x.grad


def a_diamond(torch: ModuleType) -> Any:
    x = leaf(torch)
    y = x
    for _ in range(40):  # 2^40 paths: each node must be walked once
        y = y * 0.5 + y * 0.5
    y.sum().backward()
    return x.grad


def a_graph_that_ends_in_constants(torch: ModuleType) -> Any:
    x, w = leaf(torch), torch.ones(3, requires_grad=True)
    ((x.detach() * w).sum() + (torch.ones(3) * 2).sum()).backward()
    return x.grad, w.grad


def detached_in_the_middle(torch: ModuleType) -> Any:
    x = leaf(torch)
    y = x * 2
    z = y.detach() * x
    z.sum().backward()
    return x.grad


def gradient_descent_by_hand(torch: ModuleType) -> Any:
    w = torch.tensor([1.0, 1.0], requires_grad=True)
    history = []
    for _ in range(5):
        loss = ((w - torch.tensor([3.0, -1.0])) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
            w.grad.zero_()
        history.append(loss.item())
    return w, history


def gradient_descent_through_data(torch: ModuleType) -> Any:
    w = torch.tensor([1.0, 1.0], requires_grad=True)
    for _ in range(5):
        w.grad = None
        (w * w).sum().backward()
        w.data += -0.1 * w.grad
    return w


def descent_by_rebinding(torch: ModuleType) -> Any:
    w = torch.tensor([1.0, 1.0], requires_grad=True)
    for _ in range(3):
        (w * w).sum().backward()
        w = (w - 0.1 * w.grad).detach().requires_grad_()
    return w, w.grad


def forgetting_no_grad(torch: ModuleType) -> Any:
    w = leaf(torch)
    (w * w).sum().backward()
    w -= 0.1 * w.grad
    return w


def deepcopy_of_a_leaf(torch: ModuleType) -> Any:
    x = leaf(torch)
    (x * x).sum().backward()
    twin = x.__deepcopy__({})
    twin.data[0] = 100.0
    return x, twin, twin.grad


def gradient_of_parts(torch: ModuleType) -> Any:
    x = torch.arange(12.0).reshape(3, 4).requires_grad_()
    a, b = x.split([1, 3], dim=1)
    q, k, v = x.unbind(0)
    (a.sum() * 2 + (b * b).sum() + (q * k).sum() + v[::2].sum()).backward()
    return x.grad


def loops_and_branches(torch: ModuleType) -> Any:
    x = torch.tensor(3.0, requires_grad=True)
    y = x
    while y < 100:
        y = y * x if y.item() % 2 else y + x
    y.backward()
    return y, x.grad


def manual_layer_norm(torch: ModuleType) -> Any:
    x = torch.arange(6.0).reshape(2, 3).pow(2).requires_grad_()
    mean, var = x.mean(-1, keepdim=True), x.var(-1, unbiased=False, keepdim=True)
    y = (x - mean) / torch.sqrt(var + 1e-5)
    (y * torch.tensor([1.0, 2.0, 4.0])).sum().backward()
    return y, x.grad


def manual_attention(torch: ModuleType) -> Any:
    x = torch.linspace(-1, 1, 24).reshape(2, 3, 4).requires_grad_()
    scores = x @ x.transpose(-2, -1) / 4**0.5
    mask = torch.tril(torch.ones(3, 3))
    weights = torch.softmax(scores.masked_fill(mask == 0, float("-inf")), dim=-1)
    y = weights @ x
    y.pow(2).sum().backward()
    return weights, y, x.grad


CASES = programs(
    "autograd",
    no_grad_as_context,
    no_grad_as_decorator,
    enable_grad_inside_no_grad,
    set_grad_enabled_three_ways,
    inference_mode_as_context,
    grad_mode_comes_back_after_an_error,
    views_under_no_grad,
    hook_sees_and_replaces_the_gradient,
    hook_can_be_removed,
    hook_is_called_once_with_the_whole_gradient,
    hooks_and_retained_gradients,
    clipping_by_hook,
    gradients_add_up_over_losses,
    two_losses_one_graph,
    truncated_backpropagation,
    a_deep_chain,
    a_diamond,
    a_graph_that_ends_in_constants,
    detached_in_the_middle,
    gradient_descent_by_hand,
    gradient_descent_through_data,
    descent_by_rebinding,
    deepcopy_of_a_leaf,
    gradient_of_parts,
    loops_and_branches,
    manual_layer_norm,
    manual_attention,
    grad=False,
)
CASES += programs("autograd", forgetting_no_grad, raises=True)
