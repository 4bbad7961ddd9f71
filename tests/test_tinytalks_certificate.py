"""Is the certificate of TinyTalks of the data that is shipped, and do its numbers come again?"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from tinytorch.datasets import get_dataset

EVIDENCE = Path(__file__).parent.parent / "evidence"


@pytest.fixture(scope="module")
def recorded():
    return json.loads((EVIDENCE / "results" / "tinytalks_certificate.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def certificate():
    threads = {name: os.environ.get(name) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")}
    path = list(sys.path)
    spec = importlib.util.spec_from_file_location("tinytalks_certificate", EVIDENCE / "tinytalks_certificate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = path
    for name, value in threads.items():
        os.environ.pop(name)
        if value is not None:
            os.environ[name] = value


def test_the_certificate_is_of_the_data_that_is_shipped(recorded):
    assert recorded["data"] == {file.name: file.sha256 for file in get_dataset("tinytalks").files}


def test_the_certificate_says_what_its_runs_say(recorded, certificate):
    assert {name: len(runs) for name, runs in recorded["runs"].items()} == dict.fromkeys(certificate.MODELS, 10)
    assert certificate.judge(certificate.prepare(), recorded["runs"]) == recorded["verdict"]
    assert recorded["verdict"]["holds"]
    for name, runs in recorded["runs"].items():
        for level in ("L2", "L3", "L4", "L5"):
            mean = np.mean([run["test"][level] for run in runs])
            if name != "two-layer GPT":
                assert mean <= recorded["chance"]["test"][level] + 0.10, (name, level)
    hero = recorded["runs"]["two-layer GPT"]
    assert sum(run["test"]["L1-L4"] >= 0.95 for run in hero) >= 9
    assert max(run["seconds"] for run in hero) <= 60


@pytest.mark.parametrize(("name", "seed"), [("n-gram", 0), ("n-gram", 9), ("bag of words", 3)])
def test_training_again_gives_the_recorded_numbers(recorded, certificate, name, seed):
    again = certificate.sit(certificate.prepare(), name, seed)
    expected = recorded["runs"][name][seed]
    assert {part: again[part] for part in ("test", "fresh")} == {part: expected[part] for part in ("test", "fresh")}


def test_a_model_that_knows_the_answers_would_be_seen(certificate):
    """Right scores are all right, and a wrong word anywhere in an answer is seen."""
    from tinytorch.models.baselines import IGNORE, exact

    lines = certificate.prepare().asked["test"].lines
    scores = np.zeros((*lines.inputs.shape, 60), np.float32)
    due = np.argwhere(lines.targets != IGNORE)
    scores[due[:, 0], due[:, 1], lines.targets[due[:, 0], due[:, 1]]] = 1
    assert exact(scores, lines.targets).all()
    row, place = due[-2]
    scores[row, place] = np.roll(scores[row, place], 1)
    assert (~exact(scores, lines.targets)).nonzero()[0].tolist() == [row]
