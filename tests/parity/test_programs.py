"""The milestones on PyTorch: do they take the same first steps as on TinyTorch, and do they meet their gates?

Both runs are of the unchanged program. TinyTorch draws its random numbers as always; for PyTorch, all that draws is
replaced, meanwhile, by what asks TinyTorch for them. So the weights at the start, the batches and the dropout masks are
the same, and what is left to differ is the arithmetic. What draws in other ways is not the same, and so is noticed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import torch

import tinytorch
from tinytorch.milestones import catalog, framework, trained

torch.set_num_threads(1)

STEPS = 50
# Of the loss. Most agree to 1e-6; in cnn_digits some inputs of a ReLU are so near 0 that rounding decides their side.
TOLERANCE = 1e-3

OFFLINE = [name for name in catalog.names() if catalog.load(name).dataset is None]
WITH_NETWORKS = [
    name
    for name in OFFLINE
    if re.search(r"tinytorch import .*\bnn\b|torch\.(nn|models)\b", catalog.path(name).read_text(encoding="utf-8"))
]


class EnoughError(Exception):
    """The steps that are compared have been taken."""


def losses(name: str, framework: str, seed: int = 0, **settings: Any) -> list[float]:
    """The losses of the first steps: the values of which a program asks for gradients."""
    found: list[float] = []
    inside: list[bool] = []  # with a default device, PyTorch's backward calls itself once more
    tensor_class = (torch if framework == "torch" else tinytorch).Tensor
    backward = tensor_class.backward

    def noted(loss: Any, *args: Any, **options: Any) -> None:
        if inside:
            return backward(loss, *args, **options)
        found.append(loss.item())
        if len(found) == STEPS:
            raise EnoughError
        inside.append(True)
        backward(loss, *args, **options)
        inside.clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tensor_class, "backward", noted)
        with suppress(EnoughError):
            catalog.load(name, framework).play(seed, **settings)
    return found


def difference(ours: list[float], theirs: list[float]) -> float:
    """The largest difference of two losses of the same step, as a share of the loss."""
    assert len(ours) == len(theirs) > 0
    return max(abs(a - b) / abs(a) for a, b in zip(ours, theirs))


# ---- the same random numbers ----


@contextmanager
def tinytorchs_random_numbers() -> Iterator[pytest.MonkeyPatch]:
    """Let PyTorch draw what TinyTorch would draw in its place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "manual_seed", tinytorch.manual_seed)
        for name in ("rand", "randn", "randint", "randperm", "rand_like", "randn_like", "bernoulli", "multinomial"):
            patch.setattr(torch, name, drawn_by(getattr(tinytorch, name)))
        patch.setattr(torch.utils.data.dataset, "randperm", torch.randperm)
        for name in ("uniform_", "normal_", "bernoulli_"):
            patch.setattr(torch.Tensor, name, filled_by(getattr(tinytorch.Tensor, name)))
        patch.setattr(torch.nn.functional, "dropout", dropout)
        patch.setattr(torch.utils.data.RandomSampler, "__iter__", order)
        yield patch


def to_ours(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return tinytorch.tensor(value.detach().numpy())
    return getattr(tinytorch, str(value).removeprefix("torch.")) if isinstance(value, torch.dtype) else value


def drawn_by(draw: Callable[..., Any]) -> Callable[..., torch.Tensor]:
    def drawn(*args: Any, generator: Any = None, **options: Any) -> torch.Tensor:
        ours = draw(*map(to_ours, args), **{name: to_ours(value) for name, value in options.items()})
        return torch.tensor(ours.detach().numpy(), requires_grad=ours.requires_grad)

    return drawn


def filled_by(fill: Callable[..., Any]) -> Callable[..., torch.Tensor]:
    def filled(tensor: torch.Tensor, *args: Any, generator: Any = None) -> torch.Tensor:
        return tensor.copy_(torch.tensor(fill(to_ours(tensor), *map(to_ours, args)).numpy()))

    return filled


def dropout(input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
    scale = tinytorch.nn.functional.dropout(tinytorch.ones(*input.shape), p, training)
    return input.mul_(torch.tensor(scale.numpy())) if inplace else input * torch.tensor(scale.numpy())


def order(sampler: torch.utils.data.RandomSampler) -> Iterator[int]:
    source = range(len(sampler.data_source))
    return iter(tinytorch.utils.data.RandomSampler(source, sampler.replacement, sampler.num_samples))


# ---- the first steps ----


def test_programs_with_networks_are_found():
    assert {"xor_crisis", "xor_solved", "mlp_digits"} <= set(WITH_NETWORKS)
    assert not {"forward_pass", "perceptron_trained"} & set(WITH_NETWORKS)


@pytest.mark.parametrize("name", WITH_NETWORKS)
def test_first_losses_are_the_same(name, monkeypatch, tmp_path):
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path))  # no trained model lies there: whoever needs one trains it
    ours = losses(name, "tinytorch")
    with tinytorchs_random_numbers():
        theirs = losses(name, "torch")
    print(f"{name}: losses {ours[0]:.4g} to {ours[-1]:.4g}, largest difference {difference(ours, theirs):.1e}")
    assert len(ours) == STEPS
    assert difference(ours, theirs) < TOLERANCE


def test_gpt_takes_the_other_ones_weights(tmp_path):
    file = tmp_path / "sample.py"
    file.write_text("from tinytorch.models import GPT, KVCache, generate", encoding="utf-8")
    ours, theirs = (framework.load("sample", file, name) for name in ("tinytorch", "torch"))
    one, other = (library.GPT(vocab=20, context=12, width=16, heads=4, layers=2) for library in (ours, theirs))
    other.load_state_dict({name: torch.tensor(values.numpy()) for name, values in one.state_dict().items()})
    ids = [[3, 1, 4, 1, 5, 9, 2, 6]]
    with torch.no_grad():
        for found, expected in zip(one.attention_maps(tinytorch.tensor(ids)), other.attention_maps(torch.tensor(ids))):
            assert abs(found.detach().numpy() - expected.numpy()).max() < 1e-5
        scores, expected = one(tinytorch.tensor(ids)), other(torch.tensor(ids))
        assert abs(scores.detach().numpy() - expected.numpy()).max() < 1e-5
        cache = theirs.KVCache(other)
        pieces = [other(torch.tensor([part]), cache) for part in (ids[0][:3], ids[0][3:4], ids[0][4:])]
        assert abs(torch.cat(pieces, 1) - expected).max() < 1e-5
    for cached in (True, False):
        assert theirs.generate(other, ids[0], 4, cached=cached) == ours.generate(one, ids[0], 4, cached=cached)


# ---- would a fault be noticed? ----


def one_weight_is_changed(patch: pytest.MonkeyPatch) -> None:
    honest = torch.optim.Optimizer.__init__

    def changed(optimizer: Any, params: Any, defaults: Any) -> None:
        honest(optimizer, params, defaults)
        with torch.no_grad():
            optimizer.param_groups[0]["params"][-1][0] += 0.01

    patch.setattr(torch.optim.Optimizer, "__init__", changed)


def batches_are_others(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(torch.utils.data.RandomSampler, "__iter__", lambda sampler: iter(range(len(sampler.data_source))))


def the_rate_is_others(patch: pytest.MonkeyPatch) -> None:
    honest = torch.optim.AdamW.__init__
    patch.setattr(
        torch.optim.AdamW, "__init__", lambda self, params, lr, **rest: honest(self, params, lr * 1.01, **rest)
    )


@pytest.mark.parametrize("fault", [one_weight_is_changed, batches_are_others, the_rate_is_others])
def test_a_fault_on_one_side_is_noticed(fault):
    ours = losses("mlp_digits", "tinytorch")
    with tinytorchs_random_numbers() as patch:
        fault(patch)
        theirs = losses("mlp_digits", "torch")
    print(f"{fault.__name__}: {difference(ours, theirs):.1e}")
    assert difference(ours, theirs) > TOLERANCE


# ---- the whole program ----


@pytest.fixture(scope="module")
def _one_folder(tmp_path_factory):
    """What one program trains is there for the next."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINYTORCH_DATA", str(tmp_path_factory.mktemp("trained")))
        yield


@pytest.mark.timeout(300)  # the longest takes a dozen seconds of a quiet machine
@pytest.mark.usefixtures("_one_folder")
@pytest.mark.parametrize("name", OFFLINE)
def test_meets_its_gates_on_pytorch(name):
    result = catalog.load(name, "torch").play(seed=0)
    assert result.success, [str(gate) for gate in result.missed]
    assert result.to_json()["framework"] == "torch"
    assert result.to_json()["torch"] == torch.__version__
    trained.keep(result)


@pytest.mark.parametrize("name", OFFLINE)
def test_nothing_of_tinytorch_is_in_a_program_on_pytorch(name):
    catalog.load(name), catalog.load(name, "torch")
    ours, theirs = (vars(sys.modules[prefix + f"tinytorch.milestones.{name}"]) for prefix in ("", "on torch:"))
    assert theirs["torch"].tensor is torch.tensor
    assert ours["torch"] is tinytorch
    for names, other in ((ours, "torch"), (theirs, "tinytorch")):
        for value in names.values():
            room = (getattr(value, "__module__", None) or getattr(value, "__name__", "") or "").split(".")
            assert room[0] != other or room[1:2] in (["datasets"], ["milestones"], ["text"])
