"""Does a seed give the same shuffles, weights and trainings, on every NumPy and machine, whatever ran before?

The digests were written down on NumPy 2.4 and hold since NumPy 1.24. Where a number comes out of a logarithm or a
sine, whose last bit the C library of a system decides, the numbers themselves are compared, to seven digits.
"""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256

import pytest
from command import ROOT, environment

import tinytorch as torch
from tinytorch import nn
from tinytorch.utils import data


def digest(*tensors):
    whole = sha256()
    for x in tensors:
        array = x.detach().numpy()
        whole.update(
            f"{array.dtype.name} {array.shape}".encode() + array.astype(array.dtype.newbyteorder("<")).tobytes()
        )
    return whole.hexdigest()[:16]


def weights(make):
    torch.manual_seed(11)
    return digest(*make().state_dict().values())


def order(sampler):
    torch.manual_seed(12)
    return digest(torch.tensor([list(sampler(torch.Generator().manual_seed(13)))]))


SHUFFLES = {
    "randperm": (lambda g: torch.randperm(1000), "d9faac2f027f9e24"),
    "randint": (lambda g: torch.randint(0, 10**12, (100,), generator=g), "df4b9cff31ddf171"),
    "RandomSampler": (lambda g: data.RandomSampler(range(100), generator=g), "d5655d3288c296fd"),
    "with replacement": (lambda g: data.RandomSampler(range(100), True, 300), "20393fecbfe9c1c0"),
    "more than there are": (lambda g: data.RandomSampler(range(10), num_samples=25), "64aa741d95ea3046"),
    "SubsetRandomSampler": (lambda g: data.SubsetRandomSampler(range(5, 50), g), "ff496f3e26c5c7b0"),
    "WeightedRandomSampler": (
        lambda g: data.WeightedRandomSampler([1.0, 2.0, 5.0] * 20, 50, generator=g),
        "01622b44a6893da3",
    ),
    "random_split": (lambda g: data.random_split(range(60), [0.5, 0.5], g)[1].indices, "326030b1165d9ecf"),
    "DataLoader": (
        lambda g: torch.cat([*data.DataLoader(range(50), 8, True, generator=g)]).tolist(),
        "e8b299968a191a75",
    ),
}
WEIGHTS = {
    "Linear": (lambda: nn.Linear(30, 20), "b104fda7d5d0fca7"),
    "Conv2d": (lambda: nn.Conv2d(3, 8, 5), "acdf4b0f0cdf7d87"),
    "LSTM": (lambda: nn.LSTM(5, 7, 2, bidirectional=True), "8f7906a346dd2725"),
    "MultiheadAttention": (lambda: nn.MultiheadAttention(16, 4), "5039545b8d2c4dbb"),
    "TransformerEncoderLayer": (lambda: nn.TransformerEncoderLayer(8, 2, 16), "1fc132c59ac938b2"),
    "a network": (
        lambda: nn.Sequential(nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10)),
        "59881777d34de65a",
    ),
}


@pytest.mark.parametrize("name", SHUFFLES)
def test_shuffles_are_the_ones_written_down(name):
    draw, written = SHUFFLES[name]
    assert order(draw) == written


@pytest.mark.parametrize("name", WEIGHTS)
def test_initial_weights_are_the_ones_written_down(name):
    make, written = WEIGHTS[name]
    assert weights(make) == written


def test_dropout_leaves_out_the_same():
    torch.manual_seed(14)
    assert digest(nn.Dropout(0.3)(torch.ones(50, 20)) > 0) == "7a6e2af7651d9ccf"


def test_normal_weights_are_the_ones_written_down():
    torch.manual_seed(15)
    assert nn.Embedding(2, 2).weight.flatten().tolist() == pytest.approx(
        [-1.0846580266952515, 0.4813997745513916, -1.0733344554901123, -0.6612151861190796], rel=1e-6
    )
    found = nn.init.kaiming_normal_(torch.empty(100, 50))
    assert [found.mean().item(), found.std().item()] == pytest.approx(
        [0.002414749236777425, 0.19704698026180267], rel=1e-5
    )


# ---- whatever ran before ----

PROGRAMS = ["xor_solved", "mlp_digits", "mlp_mnist", "cnn_digits", "vaswani_copilot"]


def played(names, **settings):
    """The digests of what programs leave, which are played one after the other in one process."""
    words = [sys.executable, ROOT / "evidence" / "same_bits.py", *names]
    done = subprocess.run(words, env=environment(**settings), stdout=subprocess.PIPE, check=True, timeout=120)
    return json.loads(done.stdout)


def test_a_program_leaves_the_same_alone_and_after_others():
    forth, back = played(PROGRAMS, PYTHONHASHSEED="1"), played(PROGRAMS[::-1], PYTHONHASHSEED="2")
    assert forth == back
    assert played(["mlp_mnist"]) == {"mlp_mnist": forth["mlp_mnist"]}
    assert len(set(forth.values())) == len(PROGRAMS)


def test_two_blas_threads_give_the_same_each_time():
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "2")
    assert played(["mlp_mnist"], **threads).items() <= played(["xor_solved", "mlp_mnist"], **threads).items()
