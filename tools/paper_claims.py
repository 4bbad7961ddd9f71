"""What does the paper say in words, and do the results say so, too? If not, the paper is not set."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean

from card_evidence import result
from paper_numbers import OURS, epoch_seconds, worse_than_random


def claims() -> Mapping[str, bool]:
    """Return what the prose says in words, and whether it is so."""
    return {**_of_choosing(), **_of_tests(), **_of_talks(), "a pass over MNIST takes seconds": epoch_seconds() < 60}


def _of_choosing() -> Mapping[str, bool]:
    found = result("selection_table")["findings"]
    table, gain, ours = found["table"], found["gain"], found["table"][OURS]
    sources = [result(f"as_difficult_{name}")["findings"]["means"] for name in ("tinydigits", "tinymnist")]
    apart = result("apart_from_mnist_test")["findings"]
    equal = {apart["images"], apart["equal to the training file at their index"], apart["labels equal"]}
    better = {family for row in table.values() for family in gain if row[family]["mean"] > ours[family]["mean"]}
    judges = result("difficulty_tinymnist")["findings"]["rounds in which the judge was right"]
    rules = result("selection_rules")["findings"]
    half, ours_then, random = rules["graded medoids, half left out"], rules[OURS], rules["random"]
    return {
        "with half left out, most kinds learn more than from ours, and one less than from random images": (
            sum(half[family] > ours_then[family] for family in half) > len(half) / 2
            and sum(half[family] < random[family] for family in half) == 1
        ),
        "the SVM gains, and was not a judge": gain["SVM"] > 0 and "SVM" not in judges,
        "ours teach every kind of model more than random images": min(gain.values()) > 0,
        "the easiest images teach every kind less than random ones": worse_than_random("easiest") == len(gain),
        "those nearest the mean teach every kind less, too": worse_than_random("nearest the mean") == len(gain),
        "the hardest help some kinds and harm others": 0 < worse_than_random("hardest") < len(gain),
        "for some kinds, other rules than ours do better": bool(better),
        "training images are more difficult than the source": all(means["train"] > means["all"] for means in sources),
        "all images are where they say, and none is in MNIST's test": len(equal) == 1
        and not apart["found in the test file"],
    }


def _of_tests() -> Mapping[str, bool]:
    found = result("stands_for_mnist")["findings"]
    ours, random = found["TinyMNIST"], found["random 200s"]
    strong, random_strong = (found[f"{name}, models of 85% or more"] for name in ("TinyMNIST", "random 200s"))
    far = ours["tau"] - found["TinyMNIST, without the judges"]["tau"]
    low, high = random["tau, 95% of draws"]
    nearer = ours["mean absolute difference"] < random["mean absolute difference, mean"]
    tests = [result(f"as_difficult_{name}")["findings"] for name in ("tinydigits", "tinymnist")]
    models, images = ours["tau, 95% over models"], ours["tau, 95% over images"]
    return {
        "the interval over images lies lower than that over models": images[0] < models[0] and images[1] < models[1],
        "random tests rank models about as well as TinyMNIST's": low <= ours["tau"] <= high,
        "TinyMNIST's accuracies are nearer to MNIST's than those of random tests": nearer,
        "strong models are harder to rank": strong["tau"]
        < ours["tau"]
        > random["tau, mean"]
        > random_strong["tau, mean"],
        "leaving out the judges changes little": abs(far) < 0.05,
        "our tests are nearer to their sources in difficulty than random ones": all(
            test["distance"] < test["distance of random test sets, median"] for test in tests
        ),
    }


def _of_talks() -> Mapping[str, bool]:
    found = result("tinytalks_certificate")
    fresh = [run["fresh"] for run in found["runs"]["two-layer GPT"]]
    by_level = {level: mean(run[level] for run in fresh) for level in ("L2", "L3", "L4", "L5")}
    above = {
        model: all(
            mean(run["test"][level] for run in runs) > chance for level, chance in found["chance"]["test"].items()
        )
        for model, runs in found["runs"].items()
    }
    return {
        "the certificate holds": found["verdict"]["holds"],
        "only the GPT of two layers is above chance throughout": [model for model in above if above[model]]
        == ["two-layer GPT"],
        "on fresh stories the last level is the most difficult": min(by_level, key=by_level.__getitem__) == "L5",
    }
