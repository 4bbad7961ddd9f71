"""Functions with a derivative of one's own, the check of gradients, and the search for nan, in programs."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from parity.harness import programs


def leaf(torch: ModuleType, **options: Any) -> Any:
    return torch.tensor([1.0, -2.0, 3.0], requires_grad=True, **options)


def own(torch: ModuleType, forward: Callable[..., Any], backward: Callable[..., Any], **more: Any) -> Any:
    """Make a Function and return its apply."""
    methods = {"forward": forward, "backward": backward, **more}
    namespace = {name: staticmethod(method) for name, method in methods.items()}
    return type("Own", (torch.autograd.Function,), namespace).apply


def own_square(torch: ModuleType) -> Any:
    class Square(torch.autograd.Function):  # type: ignore[name-defined, misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad * 2 * x

    x = leaf(torch)
    y = Square.apply(x * 3)
    (y * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    return y, y.grad_fn.name(), repr(y), x.grad


def own_with_setup_context(torch: ModuleType) -> Any:
    class Scale(torch.autograd.Function):  # type: ignore[name-defined, misc]
        @staticmethod
        def forward(x: Any, factor: float = 2.0, shift: float = 0.0) -> Any:
            return x * factor + shift

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
            x, factor, _ = inputs
            ctx.factor = factor
            ctx.count = len(inputs)
            ctx.save_for_backward(x, output)

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx: Any, grad: Any) -> Any:
            x, output = ctx.saved_tensors
            return grad * ctx.factor * ctx.count + 0 * output * x, None, None

    results = []
    for arguments, named in (((3.0, 1.0), {}), ((3.0,), {}), ((), {}), ((), {"shift": 4.0})):
        x = leaf(torch)
        y = Scale.apply(x, *arguments, **named)
        y.sum().backward()
        results.append((y, x.grad))
    return results


def own_linear_with_every_kind_of_input(torch: ModuleType) -> Any:
    seen: list[Any] = []

    def forward(ctx: Any, x: Any, weight: Any, bias: Any, times: int) -> Any:
        seen.append(ctx.needs_input_grad)
        seen.append((torch.is_grad_enabled(), x.requires_grad))
        ctx.save_for_backward(x, weight, bias)
        ctx.times = times
        return (x @ weight.t() + (0 if bias is None else bias)) * times

    def backward(ctx: Any, grad: Any) -> Any:
        seen.append((torch.is_grad_enabled(), grad.requires_grad))
        x, weight, bias = ctx.saved_tensors
        grad = grad * ctx.times
        to_x = grad @ weight if ctx.needs_input_grad[0] else None
        to_weight = grad.t() @ x if ctx.needs_input_grad[1] else None
        return to_x, to_weight, None if bias is None else grad.sum(0), None

    linear = own(torch, forward, backward)
    results = []
    for with_bias in (True, False):
        for x_learns in (True, False):
            x = torch.arange(6.0).reshape(2, 3).requires_grad_(x_learns)
            w = torch.ones(4, 3, requires_grad=True)
            b = torch.zeros(4, requires_grad=True) if with_bias else None
            linear(x, w, b, 2).pow(2).sum().backward()
            results.append((x.grad, w.grad, b.grad if with_bias else None))
    return results, seen


def own_with_several_outputs(torch: ModuleType) -> Any:
    seen: list[Any] = []

    def backward(ctx: Any, a: Any, b: Any, c: Any) -> Any:
        seen.append((a.clone(), b.clone(), c))
        return a * 2 + b.sum(1) * 3

    split = own(torch, lambda ctx, x: (x * 2, x.expand(2, 3).t() * 3, "name"), backward)
    results = []
    for use in (lambda a, b: a.sum(), lambda a, b: (b * b).sum(), lambda a, b: a.sum() * b.sum()):
        x = leaf(torch)
        a, b, name = split(x)
        use(a, b).backward()
        results.append((a, b, name, x.grad))
    x = leaf(torch)
    a, b, _ = split(x)
    a.sum().backward(retain_graph=True)
    b.sum().backward()
    return results, seen, x.grad, torch.autograd.grad(split(x)[1].sum(), x)


def own_without_materialized_zeros(torch: ModuleType) -> Any:
    seen: list[Any] = []

    def forward(ctx: Any, x: Any) -> Any:
        ctx.set_materialize_grads(False)
        return x * 2, x * 3

    def backward(ctx: Any, a: Any, b: Any) -> Any:
        seen.append((a is None, b is None))
        return None if a is None else a * 2

    x, z = leaf(torch), leaf(torch)
    own(torch, forward, backward)(x)[0].sum().backward()
    own(torch, forward, backward)(z)[1].sum().backward()
    return seen, x.grad, z.grad


def own_with_outputs_that_have_no_gradient(torch: ModuleType) -> Any:
    seen: list[Any] = []

    def forward(ctx: Any, x: Any) -> Any:
        places, rounded = x.argsort() if hasattr(x, "argsort") else x.argmax(), x.round()
        ctx.mark_non_differentiable(rounded)
        return x * 2, rounded, (places * 0).sum()

    def backward(ctx: Any, *grads: Any) -> Any:
        seen.extend(grad.clone() for grad in grads)
        return grads[0] * 2

    x = leaf(torch)
    y, rounded, places = own(torch, forward, backward)(x)
    y.sum().backward()
    return y, rounded, places, seen, x.grad


def own_that_returns_its_input(torch: ModuleType) -> Any:
    results = []
    for forward in (lambda ctx, x: x, lambda ctx, x: x.view(3, 1), lambda ctx, x: x.detach()):
        x = leaf(torch)
        y = own(torch, forward, lambda ctx, grad: grad.reshape(3) * 5)(x)
        y.sum().backward()
        results.append((y.detach().clone(), y is x, y.requires_grad, x.grad))
    return results


def own_gradient_reversal(torch: ModuleType) -> Any:
    class Reverse(torch.autograd.Function):  # type: ignore[name-defined, misc]
        @staticmethod
        def forward(ctx: Any, x: Any, strength: float) -> Any:
            ctx.strength = strength
            return x.view_as(x)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad.neg() * ctx.strength, None

    x = leaf(torch)
    Reverse.apply(x * 2, 0.5).sum().backward()
    return x.grad


def own_straight_through(torch: ModuleType) -> Any:
    sign = own(torch, lambda ctx, x: (x > 0).float(), lambda ctx, grad: grad.clamp(-1, 1))
    x = leaf(torch)
    (sign(x) * torch.tensor([5.0, 0.5, -5.0])).sum().backward()
    return x.grad


def own_relu_that_writes_into_a_clone(torch: ModuleType) -> Any:
    def backward(ctx: Any, grad: Any) -> Any:
        (x,) = ctx.saved_tensors
        to_x = grad.clone()
        to_x[x < 0] = 0
        return to_x

    x = leaf(torch)
    own(torch, lambda ctx, x: (ctx.save_for_backward(x), x.clamp(min=0))[1], backward)(x).sum().backward()
    return x.grad


def own_with_gradients_of_other_forms(torch: ModuleType) -> Any:
    results = []
    for to_y in (lambda g: g, lambda g: g.expand(4, 3), lambda g: g.double(), lambda g: None):
        x, y = leaf(torch), leaf(torch)
        multiply = own(torch, lambda ctx, x, y: x * y, lambda ctx, g, to_y=to_y: (g * 2, to_y(g)))
        multiply(x, y).sum().backward()
        results.append((x.grad, y.grad))
    return results


def own_with_more_than_it_needs(torch: ModuleType) -> Any:
    x = leaf(torch)
    apply = own(torch, lambda ctx, x, k: x * k, lambda ctx, g: (g * 3, None, None))
    apply(x, 3).sum().backward()
    return x.grad, apply(x.detach(), 3), torch.no_grad()(apply)(x, 3)


def own_of_what_needs_no_gradient(torch: ModuleType) -> Any:
    seen: list[Any] = []
    multiply = own(torch, lambda ctx, x, y: x * y, lambda ctx, g: (seen.append(ctx.needs_input_grad), (g, g[:1]))[1])
    x = leaf(torch)
    multiply(x, torch.ones(3)).sum().backward()
    return seen, x.grad


def own_in_a_module(torch: ModuleType) -> Any:
    double = own(torch, lambda ctx, x: x * 2, lambda ctx, g: g * 2)

    class Net(torch.nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.w = torch.nn.Parameter(torch.ones(3))

        def forward(self, x: Any) -> Any:
            return double(self.w * x)

    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        net(torch.tensor([1.0, 2.0, 3.0])).pow(2).sum().backward()
        optimizer.step()
    return net.w


def own_checkpoint(torch: ModuleType) -> Any:
    """Computes the inside of a network a second time on the way back."""
    w = torch.tensor([0.5, 1.0, 2.0], requires_grad=True)

    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return (x * w).tanh()

    def backward(ctx: Any, grad: Any) -> Any:
        x = ctx.saved_tensors[0].detach().requires_grad_()
        with torch.enable_grad():
            y = (x * w).tanh()
        torch.autograd.backward(y, grad)
        return x.grad

    x = leaf(torch)
    own(torch, forward, backward)(x * 2).sum().backward()
    return x.grad, w.grad


def own_exp_passes_gradcheck(torch: ModuleType) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    exp = own(torch, forward, lambda ctx, grad: grad * ctx.saved_tensors[0])
    wrong = own(torch, forward, lambda ctx, grad: grad * (ctx.saved_tensors[0] + 0.01))
    forgets = own(
        torch, lambda ctx, x: (ctx.save_for_backward(x), (x * x).sum())[1], lambda ctx, g: 2 * ctx.saved_tensors[0]
    )
    x = leaf(torch, dtype=torch.float64)
    check = torch.autograd.gradcheck
    return [check(f, x, raise_exception=False) for f in (exp, wrong, forgets)], check(exp, (x,))


def gradcheck_failures(torch: ModuleType) -> Any:
    x = leaf(torch, dtype=torch.float64)
    found = []
    for function in (lambda a: a.detach() * a, lambda a: a.detach(), lambda a: (a * 0).sqrt()):
        for check in (torch.autograd.gradcheck, torch.no_grad()(torch.autograd.gradcheck)):
            try:
                found.append(check(function, x))
            except RuntimeError as error:
                found.append(type(error).__name__)
    return found, x.grad


def gradcheck_leaves_no_trace(torch: ModuleType) -> Any:
    x = leaf(torch, dtype=torch.float64)
    before = x.detach().clone()
    torch.autograd.gradcheck(torch.exp, x)
    return torch.equal(before, x), x.grad, torch.is_grad_enabled()


CASES = programs(
    "autograd",
    gradcheck_failures,
    gradcheck_leaves_no_trace,
    own_square,
    own_with_setup_context,
    own_linear_with_every_kind_of_input,
    own_with_several_outputs,
    own_without_materialized_zeros,
    own_with_outputs_that_have_no_gradient,
    own_that_returns_its_input,
    own_gradient_reversal,
    own_straight_through,
    own_relu_that_writes_into_a_clone,
    own_with_gradients_of_other_forms,
    own_with_more_than_it_needs,
    own_of_what_needs_no_gradient,
    own_in_a_module,
    own_checkpoint,
    own_exp_passes_gradcheck,
    grad=False,
)


# ------------------------------------------------------------------------------------ mistakes
def returning(value: Callable[[Any], Any], *arguments: Any) -> Callable[[ModuleType], Any]:
    """A program whose backward, of two arguments, returns something wrong."""

    def program(torch: ModuleType) -> Any:
        others = arguments or (leaf(torch),)
        return own(torch, lambda ctx, x, y: x * y, lambda ctx, g: value(g))(leaf(torch), *others).sum().backward()

    return program


def named(name: str, program: Callable[[ModuleType], Any]) -> Callable[[ModuleType], Any]:
    program.__name__ = name
    return program


def own_without_forward(torch: ModuleType) -> Any:
    return type("Own", (torch.autograd.Function,), {}).apply(leaf(torch))


def own_without_backward(torch: ModuleType) -> Any:
    forward = staticmethod(lambda ctx, x: x * 2)
    return type("Own", (torch.autograd.Function,), {"forward": forward}).apply(leaf(torch)).sum().backward()


def own_called_like_a_module(torch: ModuleType) -> Any:
    return type("Own", (torch.autograd.Function,), {})()(leaf(torch))


def own_saves_a_number(torch: ModuleType) -> Any:
    return own(torch, lambda ctx, x: (ctx.save_for_backward(3), x * 2)[1], lambda ctx, g: g)(leaf(torch))


def own_saved_and_changed(torch: ModuleType) -> Any:
    h = leaf(torch) * 1
    y = own(torch, lambda ctx, x: (ctx.save_for_backward(x), x * x)[1], lambda ctx, g: g * ctx.saved_tensors[0])(h)
    h.add_(1)
    y.sum().backward()


def own_twice(torch: ModuleType) -> Any:
    y = own(torch, lambda ctx, x: (ctx.save_for_backward(x), x * x)[1], lambda ctx, g: g * ctx.saved_tensors[0])(
        leaf(torch)
    )
    y.sum().backward()
    y.sum().backward()


def own_that_raises(torch: ModuleType) -> Any:
    own(torch, lambda ctx, x: x * x, lambda ctx, g: {}["missing"])(leaf(torch)).sum().backward()


def anomaly_in_backward(torch: ModuleType) -> Any:
    with torch.autograd.set_detect_anomaly(True):
        (leaf(torch).abs().sqrt() * 0 + (leaf(torch) * 0).sqrt() * 0).sum().backward()


def anomaly_of_a_graph_made_before(torch: ModuleType) -> Any:
    y = ((leaf(torch) * 0).sqrt() * 0).sum()
    with torch.autograd.detect_anomaly():
        y.backward()


def anomaly_in_a_given_gradient(torch: ModuleType) -> Any:
    with torch.autograd.detect_anomaly(check_nan=True):
        leaf(torch).sum().backward(torch.tensor(float("nan")))


def anomaly_in_my_own_function(torch: ModuleType) -> Any:
    with torch.autograd.detect_anomaly():
        own(torch, lambda ctx, x: x * 1, lambda ctx, g: g * float("nan"))(leaf(torch)).sum().backward()


CASES += programs(
    "autograd",
    named("own too few gradients", returning(lambda g: g)),
    named("own too many gradients", returning(lambda g: (g, g, g))),
    named("own gradients in a list", returning(lambda g: [g, g])),
    named("own gradient of another shape", returning(lambda g: (g[:2], g))),
    named("own gradient that is too small", returning(lambda g: (g, g[0]))),
    named("own gradient that is a number", returning(lambda g: (2.0, g))),
    named("own gradient for a number", returning(lambda g: (g, g), 3.0)),
    own_without_forward,
    own_without_backward,
    own_called_like_a_module,
    own_saves_a_number,
    own_saved_and_changed,
    own_twice,
    own_that_raises,
    anomaly_in_backward,
    anomaly_of_a_graph_made_before,
    anomaly_in_a_given_gradient,
    anomaly_in_my_own_function,
    raises=True,
)


def anomaly_modes_do_not_leak(torch: ModuleType) -> Any:
    states = [torch.is_anomaly_enabled()]
    with torch.autograd.detect_anomaly():
        states.append(torch.is_anomaly_enabled())
        with torch.autograd.set_detect_anomaly(False):
            states.append(torch.is_anomaly_enabled())
        states.append(torch.is_anomaly_enabled())
    torch.autograd.set_detect_anomaly(True)
    states.append(torch.is_anomaly_enabled())
    torch.autograd.set_detect_anomaly(False)
    return [*states, torch.is_anomaly_enabled()]


def anomaly_that_is_none(torch: ModuleType) -> Any:
    x, y, z = leaf(torch), leaf(torch), leaf(torch)
    with torch.autograd.detect_anomaly():
        (x * x).sum().backward()  # nothing wrong
        (y * 0).abs().sqrt().sum()  # infinite slope, but no backward
        made_inside = ((z * 0).sqrt() * 0).sum()
    made_inside.backward()  # outside: nan passes
    with torch.autograd.detect_anomaly(check_nan=False):
        ((y * 0).sqrt() * 0).sum().backward()
    return x.grad, y.grad, z.grad


def anomaly_masked_attention_is_none(torch: ModuleType) -> Any:
    x = torch.arange(12.0).reshape(3, 4).requires_grad_()
    with torch.autograd.set_detect_anomaly(True):
        scores = (x @ x.t() / 10).masked_fill(torch.tril(torch.ones(3, 3)) == 0, float("-inf"))
        (torch.softmax(scores, dim=-1) @ x).pow(2).sum().backward()
    return x.grad


CASES += programs(
    "autograd", anomaly_modes_do_not_leak, anomaly_that_is_none, anomaly_masked_attention_is_none, grad=False
)
