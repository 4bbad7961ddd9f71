"""PyTorch's own samples: the inputs it publishes for testing these functions and modules, run on both libraries.

    python tests/parity/samples.py                     # a line for each name in which something differs
    python tests/parity/samples.py cumsum nn.LSTM      # these alone, with every difference

The samples are `torch.testing._internal`'s `op_db` and `module_db`. Values, gradients, shapes, types and errors are
compared; how a result lies in memory is what our own tables look at.
"""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import torch
from torch.testing._internal import common_methods_invocations, common_modules

import tinytorch
from parity.compare import differences
from parity.harness import Case, Outcome, look

# Importing them forbids setting flags; our own tables set some.
torch.backends.disable_global_flags.__globals__["__allow_nonbracketed_mutation_flag"] = True

# What the contract names, as PyTorch's tables spell it (several entries of a table may have one name).
FUNCTIONS = """
    zeros ones full empty eye arange linspace zeros_like ones_like full_like empty_like new_zeros new_ones new_full
    rand_like randn_like randint multinomial normal bernoulli randn to float long double half int bool byte char
    short clone contiguous item add sub mul div true_divide pow neg abs sign exp exp2 expm1 log log2 log10 log1p
    sqrt rsqrt reciprocal square sin cos tan asin acos atan atan2 sinh cosh tanh sigmoid erf erfc floor ceil trunc
    frac round remainder fmod floor_divide maximum minimum clamp clamp_min clamp_max where masked_fill lerp addcmul
    addcdiv nan_to_num eq ne lt le gt ge logical_and logical_or logical_xor logical_not bitwise_and bitwise_or
    bitwise_xor bitwise_not isnan isinf isfinite isclose allclose equal positive rsub logaddexp logit isin hypot
    deg2rad rad2deg signbit __radd__ __rsub__ __rmul__ __rdiv__ __rpow__ __rmod__ __rmatmul__ __rand__ __ror__
    __rxor__ fill zero_ sum mean prod var std var_mean std_mean amax amin max min argmax argmin all any cumsum
    cumprod logsumexp norm median count_nonzero topk sort argsort unique bincount reshape reshape_as view view_as
    transpose permute t T mT movedim unsqueeze squeeze flatten unflatten ravel expand expand_as broadcast_to
    broadcast_tensors broadcast_shapes repeat repeat_interleave tile cat stack hstack vstack split chunk unbind
    narrow select gather scatter scatter_add index_add index_copy index_fill index_select take_along_dim
    masked_select nonzero argwhere __getitem__ tril triu tril_indices triu_indices diagonal diag diag_embed flip
    roll unfold meshgrid trace matmul mm mv bmm addmm baddbmm dot inner outer einsum tensordot cdist linalg.norm
    linalg.vector_norm linalg.inv linalg.det linalg.solve nn.functional.linear nn.functional.bilinear
    nn.functional.conv1d nn.functional.conv2d nn.functional.conv_transpose1d nn.functional.conv_transpose2d
    nn.functional.max_pool1d nn.functional.max_pool2d nn.functional.avg_pool1d nn.functional.avg_pool2d
    nn.functional.adaptive_avg_pool1d nn.functional.adaptive_avg_pool2d nn.functional.adaptive_max_pool1d
    nn.functional.adaptive_max_pool2d nn.functional.batch_norm nn.functional.layer_norm nn.functional.group_norm
    nn.functional.instance_norm nn.functional.rms_norm nn.functional.normalize nn.functional.embedding
    nn.functional.one_hot nn.functional.dropout nn.functional.dropout2d nn.functional.relu nn.functional.leaky_relu
    nn.functional.elu nn.functional.celu nn.functional.selu nn.functional.relu6 nn.functional.hardtanh
    nn.functional.hardsigmoid nn.functional.hardswish nn.functional.gelu nn.functional.silu nn.functional.mish
    nn.functional.softplus nn.functional.softsign nn.functional.tanhshrink nn.functional.logsigmoid
    nn.functional.threshold nn.functional.prelu nn.functional.glu nn.functional.softmin softmax log_softmax
    nn.functional.cross_entropy nn.functional.nll_loss nn.functional.mse_loss nn.functional.l1_loss
    nn.functional.smooth_l1_loss nn.functional.huber_loss nn.functional.binary_cross_entropy
    nn.functional.binary_cross_entropy_with_logits nn.functional.kl_div nn.functional.cosine_similarity
    nn.functional.pairwise_distance nn.functional.cosine_embedding_loss nn.functional.hinge_embedding_loss
    nn.functional.margin_ranking_loss nn.functional.triplet_margin_loss nn.functional.soft_margin_loss
    nn.functional.gaussian_nll_loss nn.functional.scaled_dot_product_attention nn.functional.pad
    nn.functional.interpolate nn.functional.unfold nn.functional.pixel_shuffle nn.functional.pixel_unshuffle
"""
MODULES = """
    Linear Conv1d Conv2d ConvTranspose1d ConvTranspose2d MaxPool1d MaxPool2d AvgPool1d AvgPool2d AdaptiveAvgPool1d
    AdaptiveAvgPool2d AdaptiveMaxPool1d AdaptiveMaxPool2d BatchNorm1d BatchNorm2d LayerNorm GroupNorm InstanceNorm1d
    InstanceNorm2d RMSNorm Embedding ReLU LeakyReLU ELU CELU SELU ReLU6 Hardtanh Hardswish GELU SiLU Mish Softplus
    Softsign Tanhshrink LogSigmoid Threshold PReLU GLU Sigmoid Tanh Softmax LogSoftmax Softmin
    CrossEntropyLoss NLLLoss MSELoss L1Loss SmoothL1Loss HuberLoss BCELoss BCEWithLogitsLoss KLDivLoss
    CosineEmbeddingLoss HingeEmbeddingLoss MarginRankingLoss SoftMarginLoss
    GaussianNLLLoss RNN LSTM GRU RNNCell LSTMCell GRUCell MultiheadAttention TransformerEncoderLayer
    TransformerDecoderLayer Transformer ZeroPad2d ConstantPad2d ReflectionPad2d ReplicationPad2d ReflectionPad1d
    ReplicationPad1d ConstantPad1d ZeroPad1d
"""
NAMES = [*FUNCTIONS.split(), *(f"nn.{name}" for name in MODULES.split())]
DTYPES = (torch.float32, torch.float64, torch.int64, torch.bool)
ROUNDED = """
    nn.MultiheadAttention nn.Transformer nn.TransformerEncoderLayer nn.TransformerDecoderLayer cdist
    nn.functional.scaled_dot_product_attention
"""
RANDOM = ("dropout", "rand", "multinomial", "normal", "bernoulli", "empty")  # two libraries draw different numbers


class Sample(NamedTuple):
    """One call: `call(lib, convert)` runs it on a library, with its tensors converted to that library's."""

    name: str
    call: Callable[[types.ModuleType, Callable[[Any], Any]], Any]
    text: str


# ------------------------------------------------------------------------------------------------ between libraries
def converter(lib: types.ModuleType, inputs: dict[str, Any]) -> Callable[[Any], Any]:
    """What turns PyTorch's values into fresh ones of `lib`; the tensors among them are collected in `inputs`."""
    known: dict[int, Any] = {}

    def convert(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            if id(value) not in known:
                known[id(value)] = _tensor(lib, value)
                inputs[str(len(inputs))] = known[id(value)]
            return known[id(value)]
        if isinstance(value, torch.Size):
            return lib.Size(value)
        if isinstance(value, torch.dtype):
            return getattr(lib, str(value).removeprefix("torch."))
        if isinstance(value, torch.device):
            return lib.device("cpu")
        if isinstance(value, (torch.layout, torch.memory_format)):
            return getattr(lib, str(value).removeprefix("torch."))
        if isinstance(value, (list, tuple)):
            items = [convert(each) for each in value]
            return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
        if isinstance(value, dict):
            return {key: convert(each) for key, each in value.items()}
        is_function = isinstance(value, (types.FunctionType, types.BuiltinFunctionType))
        return translated(lib, value) if is_function else value

    return convert


def _tensor(lib: types.ModuleType, value: torch.Tensor) -> Any:
    array = value.detach().cpu().numpy()
    parameter = isinstance(value, torch.nn.Parameter)
    made = lib.from_numpy(array.copy("K"))
    if parameter:
        return lib.nn.Parameter(made, requires_grad=value.requires_grad)
    return made.requires_grad_(value.requires_grad) if value.dtype.is_floating_point else made


def translated(lib: types.ModuleType, function: Any) -> Any:
    """PyTorch's function, or one written in terms of `torch`, as one of `lib`."""
    if lib is torch:
        return function
    if isinstance(function, types.FunctionType) and (
        function.__name__ == "<lambda>" or "testing" in function.__module__
    ):
        names = {"torch": lib, "F": lib.nn.functional, "nn": lib.nn}
        scope = {**function.__globals__, **{k: v for k, v in names.items() if k in function.__globals__}}
        made = types.FunctionType(function.__code__, scope, None, function.__defaults__, function.__closure__)
        made.__kwdefaults__ = function.__kwdefaults__
        return made
    name = function.__name__
    for room in (lib, lib.nn.functional, lib.linalg if "linalg" in repr(function) else lib):
        if hasattr(room, name):
            return getattr(room, name)
    raise AttributeError(f"TinyTorch has no {name}")


def attribute(lib: types.ModuleType, path: str) -> Any:
    """`nn.functional.relu` of a library."""
    found: Any = lib
    for part in path.split("."):
        found = getattr(found, part)
    return found


# ------------------------------------------------------------------------------------------------ PyTorch's tables
def function_samples(name: str) -> Iterator[Sample]:
    """The samples of every entry of that name: as a function, a method and in place."""
    for op in common_methods_invocations.op_db:
        if op.name != name:
            continue
        for dtype in DTYPES:
            if dtype in op.supported_dtypes("cpu"):
                grad = dtype.is_floating_point and op.supports_autograd
                for i, sample in enumerate(op.sample_inputs("cpu", dtype, requires_grad=grad)):
                    yield from _forms(op, sample, f"{name} {op.variant_test_name} {dtype} #{i}")
        if op.error_inputs_func is not None:
            for i, wrong in enumerate(op.error_inputs("cpu")):
                yield from _forms(op, wrong.sample_input, f"{name} {op.variant_test_name} wrong #{i}", methods=False)


def _forms(op: Any, sample: Any, text: str, methods: bool = True) -> Iterator[Sample]:
    values = (sample.input, *sample.args)

    def function(lib: types.ModuleType, convert: Callable[[Any], Any]) -> Any:
        run = op.op if lib is torch else _function(lib, op)
        return run(*[convert(v) for v in values], **convert(sample.kwargs))

    yield Sample(op.name, function, f"{text} {_short(values)} {_short(sample.kwargs)}")
    for kind, variant in (("method", op.method_variant), ("in place", op.inplace_variant)) if methods else ():
        method = getattr(variant, "__name__", "<lambda>")
        if variant is None or method == "<lambda>" or not isinstance(sample.input, torch.Tensor):
            continue
        if kind == "in place" and (sample.broadcasts_input or not hasattr(tinytorch.Tensor, method)):
            continue  # the contract names some in-place forms only

        def call(lib: types.ModuleType, convert: Callable[[Any], Any], method: str = method, kind: str = kind) -> Any:
            first = convert(sample.input)
            first = first * 1 if kind == "in place" and first.requires_grad else first
            return getattr(first, method)(*[convert(v) for v in sample.args], **convert(sample.kwargs))

        yield Sample(op.name, call, f"{text} {kind} {_short(values)} {_short(sample.kwargs)}")


def _short(value: Any) -> str:
    """The value as text, a tensor as its type and shape."""
    if isinstance(value, torch.Tensor):
        return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}"
    if isinstance(value, dict):
        return " ".join(f"{key}={_short(each)}" for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return f"({', '.join(map(_short, value))})"
    return getattr(value, "__name__", repr(value))


def _function(lib: types.ModuleType, op: Any) -> Any:
    if isinstance(op.op, types.FunctionType) and (op.op.__name__ == "<lambda>" or "testing" in op.op.__module__):
        return translated(lib, op.op)
    return getattr(lib.Tensor, op.name) if op.name.startswith("__") else attribute(lib, op.name)


def module_samples(name: str) -> Iterator[Sample]:
    """The samples of a module, with PyTorch's initial weights, in training and in evaluation."""
    for info in common_modules.module_db:
        if info.name.removeprefix("nn.") != name:
            continue
        for training in (True, False) if info.train_and_eval_differ else (True,):
            made = info.module_inputs_func(info, "cpu", torch.float32, requires_grad=True, training=training)
            for i, sample in enumerate(made):
                if sample.forward_input is not None:
                    yield _module(info, sample, training, f"nn.{name} {'train' if training else 'eval'} #{i}")


def _module(info: Any, sample: Any, training: bool, text: str) -> Sample:
    build, forward = sample.constructor_input, sample.forward_input
    torch.manual_seed(0)
    state = info.module_cls(*build.args, **build.kwargs).state_dict()

    def call(lib: types.ModuleType, convert: Callable[[Any], Any]) -> Any:
        plain = converter(lib, {})
        module = attribute(lib, info.name)(*plain(build.args), **plain(build.kwargs)).train(training)
        module.load_state_dict({key: plain(value) for key, value in state.items()})
        output = module(*convert(forward.args), **convert(forward.kwargs))
        total = sum(_weighted_sums(lib, output))
        if getattr(total, "requires_grad", False):
            total.backward()
        grads = {key: None if p.grad is None else p.grad.detach() for key, p in module.named_parameters()}
        return [output, grads, dict(module.named_buffers())]

    return Sample(
        f"nn.{info.name.removeprefix('nn.')}",
        call,
        f"{text} {_short(build.args)} {_short(build.kwargs)} {_short(forward.args)}",
    )


def _weighted_sums(lib: types.ModuleType, value: Any) -> Iterator[Any]:
    if isinstance(value, lib.Tensor):
        if value.requires_grad:
            weights = np.cos(np.arange(value.numel())).reshape(tuple(value.shape)).astype(value.detach().numpy().dtype)
            yield (value * lib.from_numpy(weights)).sum()
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _weighted_sums(lib, each)


# ------------------------------------------------------------------------------------------------ running
def outcome(lib: types.ModuleType, sample: Sample) -> Outcome:
    """What comes of a sample on a library."""
    found = Outcome()
    inputs: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = sample.call(lib, converter(lib, inputs))
            if not sample.name.startswith("nn.") or "functional" in sample.name:
                total = sum(_weighted_sums(lib, result))
                if getattr(total, "requires_grad", False):
                    total.backward()
            found.result = look(result, lib, {})
            found.grads = {name: look(x.grad, lib, {}) for name, x in inputs.items() if x.is_leaf}
        except Exception as error:
            found.error = error
    return found


def difference(sample: Sample) -> list[str]:
    """Where TinyTorch differs from PyTorch on a sample."""
    theirs, ours = outcome(torch, sample), outcome(tinytorch, sample)
    # These chain so many float32 products that both libraries are some 1e-5 from the answer in float64.
    tolerance = 3e-4 if sample.name in ROUNDED.split() else None
    case = Case("samples", sample.text, raises=theirs.error is not None, tolerance=tolerance)
    found = [line for line in differences(case, theirs, ours) if ".strides" not in line and ".kind" not in line]
    if any(word in sample.name for word in RANDOM) and theirs.error is None:
        found = [line for line in found if not line.startswith(("result: ", "result[", "grads["))]
    return found


def samples(name: str) -> Iterator[Sample]:
    """The samples of a function, or of a module (`nn.Linear`)."""
    torch.manual_seed(0)
    is_module = name.startswith("nn.") and name[3].isupper()
    return module_samples(name.removeprefix("nn.")) if is_module else function_samples(name)


def main(names: list[str]) -> int:
    """Print what differs, name by name."""
    tried = differing = 0
    for name in names or NAMES:
        count, wrong = 0, []
        for sample in samples(name):
            count += 1
            found = difference(sample)
            if found:
                wrong.append((sample, found))
        tried, differing = tried + count, differing + len(wrong)
        if names or wrong or not count:
            print(f"{name}: {count} samples, {len(wrong)} differ")
        for sample, found in wrong if names else wrong[:1]:
            print(f"    {sample.text[:300]}", *(f"        {line[:300]}" for line in found[:4]), sep="\n")
    print(f"{tried} samples, {differing} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.exit(main(sys.argv[1:]))
