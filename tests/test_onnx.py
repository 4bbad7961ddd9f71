"""Do other people's runtimes compute from the exported file what the model computes?"""

from __future__ import annotations

import io
import math
import sys

import numpy as np
import pytest

import tinytorch as torch
from tinytorch import nn
from tinytorch.autograd import apply
from tinytorch.nn import functional as F
from tinytorch.onnx.translators import TRANSLATORS


@pytest.fixture
def onnx():
    return pytest.importorskip("onnx", reason="exporting needs the package onnx")


def exported(model, args, **options):
    file = io.BytesIO()
    torch.onnx.export(model, args, file, **options)
    return file.getvalue()


def results_of(content, inputs, but=""):
    """What the runtimes that are installed compute from a file, each with its name."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    feed = dict(zip([each.name for each in model.graph.input], inputs))
    results = {} if but else {"onnx.reference": ReferenceEvaluator(model).run(None, feed)}
    try:
        import onnxruntime
    except ImportError:
        return results
    try:
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:  # a type that it has no code for
        return results
    return {**results, "onnxruntime": session.run(None, feed)}


def assert_same(model, args, *others, tolerance=1e-5, **options):
    """Export with `args`; compare on them and on the `others`, which have other values and perhaps other sizes."""
    content = exported(model, args, **options)
    for given in (args, *others):
        given = given if isinstance(given, tuple) else (given,)
        with torch.no_grad():
            expected = model.eval()(*given)
        expected = expected if isinstance(expected, tuple) else (expected,)
        for name, results in results_of(content, [x.numpy() for x in given]).items():
            assert len(results) == len(expected)
            for result, wanted in zip(results, expected):
                wanted = wanted.detach().numpy()
                assert result.shape == wanted.shape, name
                assert result.dtype == wanted.dtype, name
                np.testing.assert_allclose(result, wanted, rtol=tolerance, atol=tolerance, err_msg=name)
    return content


class Fn(nn.Module):
    """A function as a model."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def op(name, function):
    """An operation by its definition in NumPy: the translator knows it by name and options only."""

    def run(*arrays, **options):
        return np.asarray(function(*arrays, **options)), None

    run.__name__ = name
    return lambda *inputs, **options: apply(run, *inputs, **options)


# ------------------------------------------------------------------------------------------------ each translator
torch.manual_seed(3)
X, Y = torch.randn(3, 4), torch.randn(3, 4)
POSITIVE, UNIT, N = torch.rand(3, 4) + 0.5, torch.rand(3, 4) * 1.8 - 0.9, torch.randint(-5, 6, (3, 4))
MASK, WORDS = torch.rand(3, 4) > 0.5, torch.randint(0, 3, (2, 5))
IMAGE = torch.randn(2, 4, 7, 6)
Q, K, V = torch.randn(2, 3, 5, 4), torch.randn(2, 3, 6, 4), torch.randn(2, 3, 6, 2)
W, B, W4 = torch.randn(5, 4), torch.randn(5), torch.randn(4, 2, 3, 2)

# name of the operation: (a function that uses it, its inputs), ...
CASES = {
    "abs": [(torch.abs, X), (torch.abs, N)],
    "exp": [(torch.exp, X), (torch.exp, N)],
    "log": [(torch.log, POSITIVE)],
    "sqrt": [(torch.sqrt, POSITIVE)],
    "reciprocal": [(torch.reciprocal, X)],
    "rsqrt": [(torch.rsqrt, POSITIVE)],
    "log1p": [(torch.log1p, POSITIVE)],
    "square": [(torch.square, X), (torch.square, N)],
    "sin": [(torch.sin, X)],
    "cos": [(torch.cos, X)],
    "tanh": [(torch.tanh, X)],
    "sigmoid": [(torch.sigmoid, X)],
    "erf": [(torch.erf, X)],
    "relu": [(torch.relu, X)],
    "sign": [(torch.sign, X), (torch.sign, N)],
    "floor": [(torch.floor, X * 3)],
    "ceil": [(torch.ceil, X * 3)],
    "round": [(torch.round, torch.tensor([0.5, 1.5, -2.5, 2.6]))],
    "neg": [(lambda x: -x, X), (lambda x: -x, N)],
    "mish": [(op("mish", lambda x: x * np.tanh(np.log1p(np.exp(x)))), X)],
    "asin": [(op("asin", np.arcsin), UNIT)],
    "acos": [(op("acos", np.arccos), UNIT)],
    "atan": [(op("atan", np.arctan), X)],
    "asinh": [(op("asinh", np.arcsinh), X)],
    "acosh": [(op("acosh", np.arccosh), POSITIVE * 5)],
    "atanh": [(op("atanh", np.arctanh), UNIT)],
    "sinh": [(op("sinh", np.sinh), X)],
    "cosh": [(op("cosh", np.cosh), X)],
    "tan": [(op("tan", np.tan), UNIT)],
    "add": [(lambda a, b: a + b[0], X, Y), (lambda a: a + 2, X), (lambda a: a + 0.5, N), (lambda a: 2 + a, N),
            (lambda a, b: a + b, X, N), (lambda a, b: a + b, N, MASK)],
    "sub": [(lambda a, b: a - b[:, :1], X, Y), (lambda a: 1 - a, X), (lambda a: a - 1.5, N)],
    "mul": [(lambda a, b: a * b, X, Y), (lambda a: a * math.pi, X), (lambda a, b: a * b, X, MASK)],
    "div": [(lambda a, b: a / b, X, POSITIVE), (lambda a: a / 3, N), (lambda a: 1 / a, POSITIVE)],
    "pow": [(lambda a, b: a**b, POSITIVE, Y)],
    "power": [(lambda a: a**2, X), (lambda a: a**0.5, POSITIVE), (lambda a: a**3, N), (lambda a: a**-1.0, N * N + 1)],
    "maximum": [(torch.maximum, X, Y)],
    "minimum": [(torch.minimum, X, Y)],
    "clamp": [(lambda a: a.clamp(-0.5, 0.5), X), (lambda a: a.clamp(min=0), X), (lambda a: a.clamp(max=1), N),
              (lambda a, b: a.clamp(b, b + 0.5), X, Y), (lambda a: a.clamp(0.5), N)],
    "where": [(torch.where, MASK, X, Y), (lambda m, x: torch.where(m, x, 0.0), MASK, X)],
    "masked_fill": [(lambda x, m: x.masked_fill(m, -math.inf), X, MASK),
                    (lambda x, m: x.masked_fill(m[0], 2), N, MASK)],
    "logical_and": [(torch.logical_and, N, MASK)],
    "logical_or": [(torch.logical_or, N, MASK)],
    "logical_xor": [(torch.logical_xor, N, MASK)],
    "logical_not": [(torch.logical_not, X)],
    "bitwise_and": [(lambda a, b: a & b, MASK, MASK), (lambda a: a & 3, N)],
    "bitwise_or": [(lambda a, b: a | b, MASK, MASK), (lambda a: a | 3, N)],
    "bitwise_xor": [(lambda a, b: a ^ b, MASK, MASK), (lambda a: a ^ 3, N)],
    "bitwise_not": [(lambda a: ~a, MASK), (lambda a: ~a, N)],
    "eq": [(lambda a: a == 2, N), (lambda a, b: a == b, N, N)],
    "ne": [(lambda a: a != 2, N)],
    "lt": [(lambda a, b: a < b, X, Y), (lambda a: a < 0.5, N)],
    "le": [(lambda a, b: a <= b, X, N)],
    "gt": [(lambda a: a > 0, X)],
    "ge": [(lambda a: a >= 2, N)],
    "isnan": [(torch.isnan, X.masked_fill(MASK, math.nan))],
    "isinf": [(torch.isinf, X.masked_fill(MASK, -math.inf))],
    "to": [(lambda a: a.long(), X * 9), (lambda a: a.double(), X), (lambda a: a.bool(), N),
           (lambda a: a.float(), MASK)],
    "clone": [(lambda a: a.clone(), X), (lambda a: a.t().contiguous(), X)],
    "copy": [(lambda a, b: torch.zeros(3, 4).copy_(a[0]) + b, X, Y)],
    "overwrite": [(lambda a: (a + 1).mul_(2), X), (lambda a, b: (a + 1).add_(b).relu().sqrt_(), X, Y),
                  (lambda a: F.relu(a + 1, inplace=True), X), (lambda a: (N * a.long()).copy_(a * 7), X)],
    "gelu": [(F.gelu, X)],
    "gelu_tanh": [(lambda a: F.gelu(a, approximate="tanh"), X)],
    "silu": [(op("silu", lambda x: x / (1 + np.exp(-x))), X)],
    "leaky_relu": [(lambda a: op("leaky_relu", lambda x, slope: np.maximum(x, np.float32(slope) * x))(
        a, slope=0.2), X)],
    "elu": [(lambda a: op("elu", lambda x, alpha, scale, rate: np.float32(scale) * np.where(
        x > 0, x, np.float32(alpha) * np.expm1(np.float32(rate) * x)))(a, alpha=1.5, scale=2.0, rate=0.5), X)],
    "softplus": [(lambda a: op("softplus", lambda x, beta, threshold: np.log1p(np.exp(2 * x)) / 2)(
        a, beta=2.0, threshold=20.0), X)],
    "logsigmoid": [(op("logsigmoid", lambda x: -np.log1p(np.exp(-x))), X)],
    "hardsigmoid": [(op("hardsigmoid", lambda x: np.clip(x + 3, 0, 6) / 6), X * 3)],
    "hardswish": [(op("hardswish", lambda x: x * np.clip(x + 3, 0, 6) / 6), X * 3)],
    "hardtanh": [(lambda a: op("hardtanh", lambda x, low, high: np.clip(x, low, high))(a, low=-1.0, high=0.5), X)],
    "softmax": [(lambda a: a.softmax(-1), X), (lambda a: a.softmax(0), X)],
    "log_softmax": [(lambda a: a.log_softmax(1), X)],
    "sum": [(lambda a: a.sum(), X), (lambda a: a.sum(0), N), (lambda a: a.sum(1, keepdim=True), MASK)],
    "mean": [(lambda a: a.mean(), X), (lambda a: a.mean((0, 1), keepdim=True), X), (lambda a: a.sum().mean(), X)],
    "prod": [(lambda a: a.prod(1), X)],
    "amax": [(lambda a: a.amax(1), X), (lambda a: a.max(), X)],
    "amin": [(lambda a: a.amin(0, keepdim=True), X)],
    "logsumexp": [(lambda a: a.logsumexp(1), X)],
    "argmax": [(lambda a: a.argmax(1), X), (lambda a: a.argmax(-1, keepdim=True), X)],
    "argmin": [(lambda a: a.argmin(0), X)],
    "var": [(lambda a: a.var(1), X), (lambda a: a.var(), X), (lambda a: a.var(0, keepdim=True, correction=0), X)],
    "std": [(lambda a: a.std(1, keepdim=True), X)],
    "reshape": [(lambda a: a.reshape(2, 6), X), (lambda a: a.flatten(), X), (lambda a: a.unsqueeze(1).squeeze(), X)],
    "permute": [(lambda a: a.t(), X), (lambda a: a.permute(2, 0, 3, 1), IMAGE)],
    "expand": [(lambda a: a.unsqueeze(1).expand(3, 2, 4), X), (lambda a: a.expand(5, -1, -1), X)],
    "cat": [(lambda a, b: torch.cat([a, b, a], 1), X, Y), (lambda a, b: torch.stack([a, b]), X, N)],
    "tril": [(lambda a: a.tril(), X), (lambda a: a.tril(-1), X)],
    "triu": [(lambda a: a.triu(1), X)],
    "flip": [(lambda a: a.flip(0, 1), X)],
    "pad": [(lambda a: F.pad(a, (1, 2)), X), (lambda a: F.pad(a, (0, 1, 2, 1), value=3.0), IMAGE)],
    "getitem": [(lambda a: a[1], X), (lambda a: a[-1, 1:3], X), (lambda a: a[:, None, ::2], X),
                (lambda a: a[..., -2:, -1], IMAGE), (lambda a: a[1:, :, None, 2, ..., None], IMAGE),
                (lambda a: a.split(3, 1)[1], IMAGE), (lambda a: a[...], X), (lambda a: a[:-1, :-2], X)],
    "take": [(lambda i: X[i], WORDS), (lambda a: a[:, [0, 2, -1]], X), (lambda a, i: a[:, i], IMAGE, WORDS),
             (lambda a: a[:, [-1], :], IMAGE), (lambda i: X[i.int()], WORDS), (lambda a, i: a[i], X, WORDS)],
    "gather": [(lambda a, i: a.gather(0, i), X, torch.randint(0, 3, (2, 4)))],
    "embedding": [(lambda i: F.embedding(i, X), WORDS)],
    "matmul": [(lambda a, b: a @ b.t(), X, Y), (lambda a, b: a @ b.mT, Q, K), (lambda a: a @ a[0], X),
               (lambda a, b: a[0] @ b[0], X, Y)],
    "linear": [(lambda a: F.linear(a, W, B), X), (lambda a: F.linear(a, W), X), (lambda a: F.linear(a, W, B), Q),
               (lambda a: F.linear(a[0], W, B), X), (lambda a, w: F.linear(a, w), Q, W)],
    "normalize": [(lambda a: F.group_norm(a, 2), IMAGE)],
    "normalize_rows": [
        (lambda a: F.layer_norm(a, (4,), Y[0], X[0]), X), (lambda a: F.layer_norm(a, (7, 6), eps=1e-3), IMAGE),
        (lambda a: F.rms_norm(a, (4,), Y[0]), X)],
    "attention": [(F.scaled_dot_product_attention, Q, K, V),
                  (lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=0.3), Q, K, V),
                  (lambda q, k, v: F.scaled_dot_product_attention(q, k, v, torch.ones(5, 6).tril(1) > 0), Q, K, V)],
    "conv": [(lambda a, s=settings: F.conv2d(a, W4, groups=2, **s), IMAGE) for settings in (
        {}, {"bias": B[:4]}, {"stride": 2}, {"padding": 1, "stride": (3, 2)}, {"dilation": 2, "padding": (0, 2)},
        {"padding": "same"})] + [(lambda a: F.conv1d(a, W4[:, :, 0], B[:4], padding=1, groups=2), IMAGE[..., 0])],
    "conv_transpose": [(lambda a, s=settings: F.conv_transpose2d(a, W4, **s), IMAGE) for settings in (
        {}, {"bias": B[:2]}, {"stride": 2, "padding": 1}, {"stride": 3, "output_padding": 2, "dilation": (1, 2)})],
    "max_pool": [(lambda a, s=settings: F.max_pool2d(a, **s), IMAGE) for settings in (
        {"kernel_size": 2}, {"kernel_size": 3, "stride": 2, "padding": 1}, {"kernel_size": 2, "dilation": (2, 1)},
        {"kernel_size": 2, "ceil_mode": True})] + [(lambda a: F.max_pool1d(a, 2), IMAGE[..., 0])],
    "avg_pool": [(lambda a, s=settings: F.avg_pool2d(a, **s), IMAGE) for settings in (
        {"kernel_size": 2}, {"kernel_size": 3, "padding": 1}, {"kernel_size": 2, "ceil_mode": True},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False, "ceil_mode": True})],
}  # fmt: skip


def test_every_translator_has_a_case():
    assert set(CASES) == set(TRANSLATORS)


@pytest.mark.usefixtures("onnx")
@pytest.mark.parametrize(
    ("name", "function", "inputs"),
    [
        pytest.param(name, function, inputs, id=f"{name}-{i}")
        for name, cases in CASES.items()
        for i, (function, *inputs) in enumerate(cases)
    ],
)
def test_one_operation(name, function, inputs, monkeypatch):
    model, names = Fn(function), ["a", "b", "c"][: len(inputs)]
    assert_same(model, tuple(inputs), input_names=names)
    monkeypatch.delitem(TRANSLATORS, name)
    with pytest.raises(NotImplementedError, match=rf"^onnx.export: {name} in the model: it has no translation"):
        exported(model, tuple(inputs), input_names=names)


# ------------------------------------------------------------------------------------------------ models
class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 6, 3, stride=2)
        self.norm, self.drop = nn.BatchNorm2d(6), nn.Dropout(0.5)
        self.fc = nn.Linear(6 * 3 * 3, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x), inplace=True), 2)
        x = F.relu(self.norm(self.conv2(x)))
        return F.log_softmax(self.fc(self.drop(x.flatten(1))), dim=1)


class Block(nn.Module):
    def __init__(self, width, heads, time):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.weight, self.shift = nn.Parameter(torch.rand(width)), nn.Parameter(torch.rand(width))
        self.register_buffer("mask", torch.tril(torch.ones(time, time)).view(1, 1, time, time))

    def norm(self, x):
        return (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, keepdim=True, unbiased=False) + 1e-5) * self.weight

    def forward(self, x):
        batch, time, width = x.shape
        q, k, v = self.qkv(self.norm(x)).split(width, 2)
        q, k, v = (each.view(batch, time, self.heads, width // self.heads).transpose(1, 2) for each in (q, k, v))
        scores = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        scores = scores.masked_fill(self.mask[:, :, :time, :time] == 0, float("-inf"))
        y = (F.softmax(scores, dim=-1) @ v).transpose(1, 2).contiguous().view(batch, time, width)
        x = x + self.proj(y)
        return x + self.down(F.gelu(self.up(self.norm(x) + self.shift)))


class GPT(nn.Module):
    """As nanoGPT writes it, with the weights of the embedding and of the head tied."""

    def __init__(self, vocabulary=11, width=16, heads=2, time=8):
        super().__init__()
        self.wte, self.wpe = nn.Parameter(torch.randn(vocabulary, width)), nn.Parameter(torch.randn(time, width))
        self.h = nn.ModuleList([Block(width, heads, time) for _ in range(2)])
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.lm_head.weight = self.wte

    def forward(self, idx, targets=None):
        x = self.wte[idx] + self.wpe[torch.arange(0, idx.size(1), dtype=torch.long)]
        for block in self.h:
            x = block(x)
        if targets is not None:
            logits = self.lm_head(x)
            return logits, F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1))
        return self.lm_head(x[:, [-1], :]), None


class First(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, idx):
        return self.model(idx)[0]


def graph_of(content):
    import onnx

    return onnx.load_from_string(content).graph


def test_an_mlp_is_two_products_with_the_names_of_its_parameters(onnx):
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Dropout(0.5), nn.Linear(4, 1)).train()
    content = assert_same(model, torch.randn(3, 2), torch.randn(3, 2))
    graph = graph_of(content)
    assert [node.op_type for node in graph.node] == ["Gemm", "Tanh", "Gemm"]
    assert {each.name for each in graph.initializer} == {name for name, _ in model.named_parameters()}
    assert [each.name for each in (*graph.input, *graph.output)] == ["input", "output"]
    assert onnx.load_from_string(content).opset_import[0].version == 18
    assert next(iter(graph.node)).name == "0/Gemm_0"


def test_a_cnn_of_any_batch(onnx):
    model = CNN()
    model(torch.randn(20, 1, 14, 14))  # so that the running statistics are not those of the start
    content = assert_same(
        model,
        torch.randn(2, 1, 14, 14),
        torch.randn(1, 1, 14, 14),
        torch.randn(5, 1, 14, 14),
        input_names=["image"],
        output_names=["scores"],
        dynamic_axes={"image": {0: "batch"}, "scores": {0: "batch"}},
    )
    graph = graph_of(content)
    assert [node.op_type for node in graph.node].count("Conv") == 2
    sizes = [
        [size.dim_param or size.dim_value for size in each.type.tensor_type.shape.dim]
        for each in (*graph.input, *graph.output)
    ]
    assert sizes == [["batch", 1, 14, 14], ["batch", 10]]


@pytest.mark.usefixtures("onnx")
def test_a_gpt_of_any_batch():
    model = First(GPT())
    words = torch.randint(0, 11, (3, 6))
    content = assert_same(model, words, torch.randint(0, 11, (1, 6)), dynamic_axes={"idx": {0: "batch"}})
    graph = graph_of(content)
    names = [each.name for each in graph.initializer]
    assert names.count("model.wte") == 1
    assert "model.lm_head.weight" not in names
    assert sum("mask" in name for name in names) == 0, "the mask compared to 0 is a constant, worked out"
    assert [size.dim_param for size in graph.output[0].type.tensor_type.shape.dim] == ["batch", "", ""]


@pytest.mark.usefixtures("onnx")
def test_a_transformer_and_its_attention_of_any_batch():
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    batches = torch.randn(2, 6, 8), torch.randn(3, 6, 8)
    assert_same(nn.TransformerEncoder(layer, 2), *batches, dynamic_axes={"src": {0: "batch"}})


@pytest.mark.usefixtures("onnx")
@pytest.mark.parametrize(
    "layer",
    [nn.Conv1d(4, 6, 3), nn.ConvTranspose2d(4, 6, 3), nn.BatchNorm2d(4), nn.GroupNorm(2, 4), nn.LayerNorm(6),
     nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Upsample(scale_factor=2), nn.PixelShuffle(2), nn.ZeroPad2d(1),
     nn.Flatten(), nn.GELU()],
    ids=lambda layer: type(layer).__name__,
)  # fmt: skip
def test_a_layer_of_any_batch(layer):
    x, y = IMAGE, torch.randn(3, 4, 7, 6)
    x, y = (x, y) if "1d" not in type(layer).__name__ else (x[..., 0], y[..., 0])
    content = assert_same(layer, x, y, dynamic_axes={"input": {0: "batch"}})
    assert [each.name for each in graph_of(content).input] == ["input"]


@pytest.mark.usefixtures("onnx")
def test_a_transposed_convolution_in_groups():
    pytest.importorskip("onnxruntime", reason="onnx.reference can't do it")
    layer = nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2)
    results = results_of(exported(layer, IMAGE), [IMAGE.numpy()], but="onnx.reference")
    np.testing.assert_allclose(results["onnxruntime"][0], layer(IMAGE).detach().numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.usefixtures("onnx")
def test_several_inputs_and_outputs_one_of_them_left_out_and_one_twice():
    class Model(nn.Module):
        def forward(self, a, mask=None, b=None):
            return {"sum": a + b, "pair": (a * 2, [a * 2, a])}, None

    given = (torch.randn(2, 3), None, torch.randn(2, 3))
    graph = graph_of(exported(Model(), given))
    assert [each.name for each in graph.input] == ["a", "b"]
    assert [each.name for each in graph.output] == [f"output_{i}" for i in range(4)]
    names = results_of(
        exported(Model(), given, output_names=["s", "d", "e", "a2"]), [given[0].numpy(), given[2].numpy()]
    )
    for results in names.values():
        expected = [given[0] + given[2], given[0] * 2, given[0] * 2, given[0]]
        assert all(np.allclose(result, wanted.numpy()) for result, wanted in zip(results, expected))

    def shares(a):
        b = a * 2
        return b, b

    assert_same(Fn(shares), torch.randn(3), torch.randn(3))
    assert_same(Fn(lambda a, b: (b, a)), (torch.randn(3), torch.randn(2)), input_names=["a", "b"])


@pytest.mark.usefixtures("onnx")
def test_a_buffer_that_is_changed_before_it_is_used_and_what_no_output_needs():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("cache", torch.zeros(3))

        def forward(self, x):
            self.cache.fill_(2)
            y = x * self.cache
            self.cache.add_(1)
            unused = op("no_such_operation", lambda x: x + 1)(x).exp()  # nobody needs it, so it needs no translation
            assert unused.shape == x.shape
            return y + self.cache

    assert_same(Model(), torch.randn(3), torch.randn(3))


@pytest.mark.usefixtures("onnx")
def test_detached_and_indexed_by_what_was_computed():
    table = torch.randn(5, 2)
    assert_same(Fn(lambda x: table[(x.detach() * 2).long()] + x.data.unsqueeze(1)), torch.rand(4), torch.rand(4))


@pytest.mark.usefixtures("onnx")
def test_other_types():
    assert_same(nn.Linear(3, 2).double(), torch.randn(4, 3).double())
    assert_same(Fn(lambda a: a.exp() * 2), torch.tensor(0.5), torch.tensor(2.0))
    assert_same(Fn(lambda a: (a * 2).half() + 1), torch.randn(3))
    assert_same(Fn(lambda a: F.gelu(a) + a.var(1, keepdim=True) * 2), torch.randn(4, 3).double())


@pytest.mark.usefixtures("onnx")
def test_two_dynamic_sizes_and_a_list_of_axes():
    model = nn.Sequential(nn.Linear(3, 4), nn.GELU(), nn.Linear(4, 2))
    content = assert_same(model, torch.randn(2, 5, 3), torch.randn(4, 1, 3), dynamic_axes={"input": [0, 1]})
    (given,) = graph_of(content).input
    assert [size.dim_param for size in given.type.tensor_type.shape.dim] == ["input_0", "input_1", ""]
    heads = Fn(lambda x: x.view(*x.shape[:2], 2, 3).transpose(1, 2).softmax(-1).mean((2, 3)))
    assert_same(
        heads,
        torch.randn(2, 5, 6),
        torch.randn(3, 4, 6),
        input_names=["x"],
        dynamic_axes={"x": {0: "batch", 1: "time"}},
    )
    flat = Fn(lambda x: x.reshape(-1, 6))
    assert_same(flat, torch.randn(2, 5, 6), torch.randn(3, 4, 6), input_names=["x"], dynamic_axes={"x": [0, 1]})


# ------------------------------------------------------------------------------------------------ what is refused
class Named(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.layer = Fn(function)

    def forward(self, x):
        return self.layer(x) + 1


def branch(x):
    return x.exp() if abs(x[0, 0].item()) > 0.9 * abs(X[0, 0].item()) else x.tanh()


def view_changed(x):
    y = x + 1
    part = y[0]
    part.zero_()
    return y


@pytest.mark.usefixtures("onnx")
@pytest.mark.parametrize(
    ("function", "options", "error", "says"),
    [
        (lambda x: op("fold", lambda x: x * 2)(x), {}, NotImplementedError, "fold in layer: it has no translation"),
        (branch, {}, RuntimeError, "layer/(Exp|Tanh)_0 is not the same when the example has other values"),
        (lambda x: x * x.sum().item(), {}, RuntimeError, "layer/Mul_0 is not the same"),
        (
            lambda x: x + torch.from_numpy(x.detach().numpy()[::-1].copy()),
            {},
            RuntimeError,
            "layer/Add_0 is not the same",
        ),
        (lambda x: x + torch.rand(4), {}, RuntimeError, "layer/Add_0 is not the same"),
        (lambda x: x / x.shape[0], {"dynamic_axes": {"x": [0]}}, RuntimeError, "layer/Div_0 is not the same"),
        (lambda x: x + torch.zeros(x.shape[0], 1), {"dynamic_axes": {"x": [0]}}, RuntimeError, "layer/Add_0 is not"),
        (
            lambda x: x[:1].expand(*x.shape),
            {"dynamic_axes": {"x": [0]}},
            NotImplementedError,
            "expand in layer: it repeats",
        ),
        (lambda x: x.var(0), {"dynamic_axes": {"x": [0]}}, NotImplementedError, "var in layer: it divides by a size"),
        (lambda x: x[x > 0], {}, NotImplementedError, "take in layer: only an index of one tensor of integers"),
        (lambda x: F.max_pool2d(x.unsqueeze(0), 2), {}, NotImplementedError, "max_pool in layer: it needs a batch"),
        (lambda x: x.argmax(), {}, NotImplementedError, "argmax in layer: it needs a dim"),
        (
            view_changed,
            {},
            RuntimeError,
            r"zero_|fill_|copy_ changed in place memory that another tensor, of shape \(3, 4\)",
        ),
        (lambda x: x, {"input_names": ["a", "b"]}, ValueError, "1 inputs need as many different input_names"),
        (lambda x: x, {"output_names": ["a", "a"]}, ValueError, "1 outputs need as many different output_names"),
        (lambda x: x, {"dynamic_axes": {"y": [0]}}, ValueError, r"dynamic sizes of \['y'\], but inputs \['x'\]"),
        (lambda x: x, {"opset_version": 17}, ValueError, "opset 18"),
    ],
)
def test_what_is_refused_and_why(function, options, error, says, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_text("the older file")
    model = Named(function).train()
    with pytest.raises(error, match=says) as caught:
        torch.onnx.export(model, X, path, **options)
    assert "\n" not in str(caught.value)
    assert path.read_text() == "the older file"
    assert list(tmp_path.iterdir()) == [path]
    assert all(module.training and not module._hooked for module in model.modules())


@pytest.mark.usefixtures("onnx")
def test_an_output_that_does_not_depend_on_the_input():
    with pytest.raises(RuntimeError, match="output does not depend on the inputs"):
        exported(Fn(lambda x: torch.ones(2)), X)


@pytest.mark.usefixtures("onnx")
def test_the_model_and_the_example_stay_as_they_were(tmp_path):
    class Model(nn.Sequential):
        def forward(self, x):
            return super().forward(x.add_(1))

    model = Model(nn.Linear(4, 3), nn.ReLU(inplace=True), nn.Dropout(0.5)).train()
    x = torch.randn(2, 4, requires_grad=True)
    before, state = x.detach().clone(), {name: value.clone() for name, value in model.state_dict().items()}
    torch.onnx.export(model, x, tmp_path / "model.onnx", verbose=False, dynamo=False)
    assert torch.equal(x, before)
    assert x.grad is None
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert model.training
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_without_the_package_one_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"^onnx.export needs the package onnx: python -m pip install onnx$"):
        exported(nn.Linear(1, 1), torch.ones(1, 1))
