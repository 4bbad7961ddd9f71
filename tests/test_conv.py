"""Convolution and pooling as they are computed, in parts and in any order in memory, against what they mean.

The tables of `test_ops` hold small shapes against loops. Here are those for which the fast paths part: few and many
channels, several parts, rows of one image, groups; the definitions are sums over the places of the kernel in float64.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import tinytorch as torch
from tinytorch.nn import functional as F
from tinytorch.ops import conv as ops
from tinytorch.ops import windows as pooling


# ------------------------------------------------------------------------------------------------ definitions
def places(kernel, stride, padding, dilation, counts):
    """For each place in the kernel its index, and that of what lies there in the padded input, window by window."""
    for place in itertools.product(*map(range, kernel)):
        steps = zip(place, stride, dilation, counts)
        yield place, (..., *(slice(p * d, p * d + (c - 1) * s + 1, s) for p, s, d, c in steps))


def plain(x, weight, bias, grad, stride, padding, dilation, groups):
    """The convolution, and the gradients of sum(convolution * grad) in x, weight and bias."""
    x, weight, bias, grad = (a.astype(np.float64) for a in (x, weight, bias, grad))
    kernel, n, out = weight.shape[2:], len(x), len(weight) // groups
    padded = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    y, dx, dw = np.zeros(grad.shape), np.zeros(padded.shape), np.zeros(weight.shape)
    for place, seen in places(kernel, stride, padding, dilation, grad.shape[2:]):
        for g in range(groups):
            i, o = slice(g * weight.shape[1], (g + 1) * weight.shape[1]), slice(g * out, (g + 1) * out)
            w, under, up = weight[(o, slice(None), *place)], padded[seen][:, i], grad[:, o]
            y[:, o] += np.einsum("oi,ni...->no...", w, under)
            dx[seen][:, i] += np.einsum("oi,no...->ni...", w, up)
            rows = (a.swapaxes(0, 1).reshape(a.shape[1], n * math.prod(a.shape[2:])) for a in (up, under))
            dw[(o, slice(None), *place)] += np.matmul(next(rows), next(rows).T)
    inside = (..., *(slice(p, p + size) for p, size in zip(padding, x.shape[2:])))
    along = (0, *range(2, y.ndim))
    return y + bias.reshape(-1, *[1] * len(kernel)), dx[inside], dw, grad.sum(along)


def plain_pool(x, grad, kernel, stride, padding, dilation):
    """The largest elements, and the gradient of sum(pooled * grad): the last nan of a window has it, or the first of
    the largest."""
    padded = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)], constant_values=-np.inf)
    y, dx = np.zeros(grad.shape), np.zeros(padded.shape)
    for at in np.ndindex(*grad.shape):
        window = {}
        for place in itertools.product(*map(range, kernel)):
            where = (*at[:2], *(i * s + p * d for i, s, p, d in zip(at[2:], stride, place, dilation)))
            if all(p <= i < p + size for i, p, size in zip(where[2:], padding, x.shape[2:])):
                window[where] = padded[where]
        nans = [where for where, value in window.items() if np.isnan(value)]
        best = nans[-1] if nans else max(window, key=window.__getitem__)  # of equal ones the first
        y[at], dx[best] = padded[best], dx[best] + grad[at]
    return y, dx[(..., *(slice(p, p + size) for p, size in zip(padding, x.shape[2:])))]


ORDERS = {
    "as PyTorch's": np.ascontiguousarray,
    "channels innermost": lambda x: np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1),
    "images innermost": lambda x: np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0),
    "channels outermost": lambda x: np.ascontiguousarray(x.swapaxes(0, 1)).swapaxes(0, 1),
    "backwards, with gaps": lambda x: np.repeat(x, 2, -1)[..., ::-1].copy()[..., ::-2],
}


def tensor(array, order="as PyTorch's"):
    """A tensor that requires grad and lies in memory in that order."""
    x = torch.from_numpy(ORDERS[order](array))
    assert np.array_equal(x.numpy(), array, equal_nan=True)
    return x.requires_grad_()


# ------------------------------------------------------------------------------------------------ convolution
# n, in/groups, out/groups, groups, size, kernel, stride, padding, dilation
SHAPES = {
    "first layer": (3, 1, 6, 1, (12, 11), (5, 5), (1, 1), (2, 2), (1, 1)),
    "colours": (2, 3, 16, 1, (20, 18), (3, 3), (1, 1), (1, 1), (1, 1)),
    "narrow in and out": (3, 6, 4, 1, (9, 20), (3, 2), (1, 1), (0, 1), (1, 1)),
    "many channels": (2, 16, 24, 1, (6, 7), (3, 3), (1, 1), (1, 1), (1, 1)),
    "many, few windows": (2, 16, 24, 1, (6, 7), (5, 6), (1, 1), (0, 0), (1, 1)),
    "more padding than kernel": (2, 8, 8, 1, (4, 4), (2, 2), (1, 1), (3, 2), (1, 1)),
    "one element": (2, 16, 8, 1, (5, 6), (1, 1), (1, 1), (0, 0), (1, 1)),
    "strided": (2, 8, 8, 1, (9, 8), (3, 3), (2, 3), (1, 0), (1, 1)),
    "strided by row": (2, 2, 3, 1, (9, 20), (3, 3), (2, 1), (1, 0), (1, 2)),
    "strided beyond the kernel": (2, 8, 3, 1, (9, 10), (2, 1), (3, 4), (0, 0), (1, 1)),
    "dilated": (2, 8, 3, 1, (9, 12), (3, 2), (1, 1), (2, 1), (2, 3)),
    "groups": (2, 8, 9, 3, (6, 7), (3, 3), (1, 1), (1, 1), (1, 1)),
    "groups of one": (2, 1, 1, 10, (6, 40), (3, 3), (1, 1), (1, 1), (1, 1)),
    "groups of one, strided": (2, 1, 2, 10, (6, 7), (3, 3), (2, 2), (1, 1), (1, 1)),
    "one axis": (3, 8, 5, 1, (30,), (3,), (1,), (1,), (2,)),
    "one axis, few channels": (3, 2, 9, 2, (30,), (4,), (2,), (1,), (1,)),
    "many small images": (17, 2, 5, 1, (6, 5), (3, 2), (1, 1), (1, 1), (1, 1)),
    "many small images, strided": (16, 2, 3, 3, (7, 6), (3, 3), (2, 2), (1, 0), (1, 2)),
    "many short rows": (18, 4, 6, 1, (9,), (3,), (1,), (1,), (1,)),
    "no images": (0, 8, 3, 1, (5, 5), (3, 3), (1, 1), (1, 1), (1, 1)),
    "no images, strided": (0, 3, 8, 1, (5, 5), (3, 3), (2, 2), (1, 1), (1, 1)),
}


def forget():
    """What was worked out for another `_CACHED`."""
    ops._parts.cache_clear()
    ops._inner.cache_clear()


def drawn(shape):
    n, i, o, groups, size, kernel, stride, padding, dilation = shape
    random = np.random.default_rng(0)
    steps = zip(size, kernel, stride, padding, dilation)
    counts = [(length + 2 * p - d * (k - 1) - 1) // s + 1 for length, k, s, p, d in steps]
    shapes = (n, i * groups, *size), (o * groups, i, *kernel), (o * groups,), (n, o * groups, *counts)
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return [random.normal(size=shape).astype(np.float32) for shape in shapes], settings


def close(ours, theirs):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=2e-6 * max(1.0, np.abs(theirs).max(initial=0)), rtol=0)


@pytest.mark.parametrize("cached", [ops._CACHED, 700], ids=["a part", "parts"])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", SHAPES)
def test_convolution_and_its_gradients_are_the_sums_that_define_them(name, order, cached, monkeypatch):
    monkeypatch.setattr(ops, "_CACHED", cached)
    forget()
    (x, weight, bias, grad), settings = drawn(SHAPES[name])
    leaves = tensor(x, order), tensor(weight), tensor(bias)
    y = (F.conv2d if x.ndim == 4 else F.conv1d)(*leaves, **settings)
    y.backward(tensor(grad, order).detach())
    for ours, theirs in zip((y.detach(), *(leaf.grad for leaf in leaves)), plain(x, weight, bias, grad, **settings)):
        close(ours.numpy(), theirs)
    forget()


@pytest.mark.parametrize("cached", [ops._CACHED, 700], ids=["a part", "parts"])
@pytest.mark.parametrize("name", SHAPES)
def test_the_transposed_convolution_is_its_gradient_in_the_input(name, cached, monkeypatch):
    monkeypatch.setattr(ops, "_CACHED", cached)
    forget()
    (x, weight, _, grad), settings = drawn(SHAPES[name])
    y, dx, dw, _ = plain(x, weight, np.zeros(len(weight)), grad, **settings)
    steps = zip(x.shape[2:], weight.shape[2:], *(settings[name] for name in ("stride", "padding", "dilation")))
    more = tuple((length + 2 * p - d * (k - 1) - 1) % s for length, k, s, p, d in steps)  # that no window reaches
    leaves, bias = (tensor(grad), tensor(weight)), np.arange(x.shape[1], dtype=np.float32)
    transposed = F.conv_transpose2d if x.ndim == 4 else F.conv_transpose1d
    back = transposed(*leaves, torch.tensor(bias), output_padding=more, **settings)
    close(back.detach().numpy(), dx + bias.reshape(-1, *[1] * (x.ndim - 2)))
    back.backward(torch.tensor(x))
    close(leaves[0].grad.numpy(), y)
    close(leaves[1].grad.numpy(), dw)
    forget()


def test_parts_cover_every_window_once():
    windows = pooling.Windows((3, 3), (1, 1), (1, 1), (1, 1), (50, 40), (50, 40))
    for n, channels, out in itertools.product((0, 1, 7), (1, 8, 64), (1, 64)):
        seen = np.zeros((2, channels, n, *windows.counts), int)
        for part in ops._parts(seen.shape[:3], windows, out):
            seen[part] += 1
        assert (seen == 1).all()


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float16, 1e-3), (torch.float64, 1e-14)])
def test_other_types_are_as_accurate_as_they_can_be(dtype, tolerance):
    (x, weight, bias, grad), settings = drawn(SHAPES["many channels"])
    leaves = [torch.tensor(a).to(dtype).requires_grad_() for a in (x, weight, bias)]
    y = F.conv2d(*leaves, **settings)
    y.backward(torch.tensor(grad).to(dtype))
    arrays = [leaf.detach().numpy() for leaf in leaves]
    for ours, theirs in zip(
        (y.detach(), *(leaf.grad for leaf in leaves)), plain(*arrays, grad.astype(arrays[0].dtype), **settings)
    ):
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours.numpy(), theirs, atol=tolerance * np.abs(theirs).max(), rtol=0)


def test_the_gradient_in_the_bias_does_not_lose_what_many_rows_add_up_to():
    x, weight, bias = torch.ones(64, 1, 64, 64), torch.ones(8, 1, 1, 1), torch.zeros(8, requires_grad=True)
    grad = np.random.default_rng(0).random((64, 8, 64, 64), np.float32)
    F.conv2d(x, weight, bias).backward(torch.tensor(grad))
    np.testing.assert_allclose(bias.grad.numpy(), grad.astype(np.float64).sum((0, 2, 3)), rtol=2e-6)


# ------------------------------------------------------------------------------------------------ pooling
POOLS = {
    "side by side": ((2, 2), (2, 2), (0, 0), (1, 1)),
    "of other sizes": ((3, 2), (3, 2), (0, 0), (1, 1)),
    "overlapping": ((3, 3), (2, 1), (1, 1), (1, 1)),
    "with gaps": ((2, 1), (3, 2), (0, 0), (1, 1)),
    "dilated": ((2, 2), (2, 2), (1, 1), (2, 3)),
}


@pytest.mark.parametrize("cached", [pooling._CACHED, 10], ids=["a part", "parts"])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("values", ["ties", "nan", "-inf", "infinite gradients"])
def test_max_pooling_gives_the_gradient_to_the_first_of_the_largest(name, order, values, cached, monkeypatch):
    monkeypatch.setattr(pooling, "_CACHED", cached)
    kernel, stride, padding, dilation = POOLS[name]
    random = np.random.default_rng(0)
    x = random.integers(0, 3, (3, 9, 7, 8)).astype(np.float32)
    x[random.random(x.shape) < 0.2] = {"nan": np.nan, "-inf": -np.inf}.get(values, 0.0)
    if values == "-inf":
        x[1] = -np.inf
    leaf = tensor(x, order)
    y = F.max_pool2d(leaf, kernel, stride, padding, dilation)
    grad = random.normal(size=y.shape).astype(np.float32)
    if values == "infinite gradients":
        grad[random.random(grad.shape) < 0.1] = np.inf
    y.backward(torch.tensor(grad))
    best, dx = plain_pool(x, grad, kernel, stride, padding, dilation)
    assert np.array_equal(y.detach().numpy(), best, equal_nan=True)
    np.testing.assert_allclose(leaf.grad.numpy(), dx, atol=1e-5)


# ------------------------------------------------------------------------------------------------ view
def features():
    (x, weight, bias, _), settings = drawn(SHAPES["many channels"])
    y = F.conv2d(tensor(x), tensor(weight), tensor(bias), **settings)
    assert not y.is_contiguous()  # else these tests prove nothing
    return y, y.detach().numpy().copy()


def test_view_of_what_a_convolution_made_shares_its_memory():
    y, values = features()
    flat = y.view(len(y), -1)
    assert np.array_equal(flat.detach().numpy(), values.reshape(len(values), -1))
    assert y.is_contiguous()
    flat.mul_(2)
    assert np.array_equal(y.detach().numpy(), 2 * values)
    y[0].view(-1).zero_()
    assert not y.detach().numpy()[0].any()
    assert np.array_equal(flat.detach().numpy()[1:], 2 * values.reshape(len(y), -1)[1:])


def test_view_of_a_part_of_what_a_convolution_made():
    y, values = features()
    part = y[1:]
    y.mul_(2)
    part.view(-1).add_(1)
    y.mul_(2)
    values[1:] += 0.5
    assert np.array_equal(y.detach().numpy(), 4 * values)
    assert np.array_equal((part * 1).detach().numpy(), 4 * values[1:])


def test_the_gradient_of_a_part_is_right_after_its_base_was_changed_and_laid_in_order():
    y, values = features()
    y.retain_grad()
    z = y * 1
    part = z[1:]
    z.mul_(3)
    assert part.view(-1).shape == (values[1:].size,)
    part.sum().backward()
    assert np.array_equal(y.grad.numpy(), np.broadcast_to([[[[0]]], [[[3]]]], values.shape))


def test_the_gradient_through_a_view_is_that_through_reshape():
    grads = []
    for name in ("view", "reshape"):
        (x, weight, bias, _), settings = drawn(SHAPES["many channels"])
        leaf = tensor(x)
        y = F.conv2d(leaf, tensor(weight), tensor(bias), **settings)
        (getattr(y, name)(len(y), -1) ** 2).sum().backward()
        grads.append(leaf.grad.numpy())
    assert np.array_equal(*grads)


def test_a_view_made_before_is_refused_once_it_would_no_longer_be_one():
    y, _ = features()
    before = y[0]
    y.view(-1)
    before.mul_(2)
    with pytest.raises(RuntimeError, match="make the view anew"):
        before.sum()


def test_what_could_not_be_seen_in_order_in_pytorch_either_is_refused():
    y, _ = features()
    gaps = torch.from_numpy(np.zeros((2, 3, 4, 8))[:, :, ::2])
    for each in (y.transpose(2, 3), y[:, ::2], y.permute(1, 0, 2, 3), gaps, (y[0, 0] * 1).t()):
        with pytest.raises(RuntimeError, match="use reshape"):
            each.view(-1)


def test_files_and_numpy_see_the_elements_in_order(tmp_path):
    y, values = features()
    torch.save({"y": y.detach()}, tmp_path / "y.safetensors")
    assert np.array_equal(torch.load(tmp_path / "y.safetensors")["y"].numpy(), values)
    assert np.array_equal(y.detach().flatten().numpy(), values.ravel())
    assert y.tolist() == values.tolist()
