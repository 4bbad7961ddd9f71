"""Which tables has the paper? One function each; a cell is text, and the paper sets it.

A table is ``{"head": [...], "rows": [[...], ...]}``; ``"strong"`` names rows that stand out, ``"cites"`` what a row
is taken from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from statistics import mean

import numpy as np
import paper_study
from card_data import STRATA
from card_evidence import fractions, percent, range_of, result
from card_talks import LEVELS
from paper_facts import facts, plan_shares, value
from paper_numbers import (
    OURS,
    decimal,
    milestones_that_use,
    numbers,
    spread_of_draws,
    total_bytes,
    word,
    worse_than_random,
)
from paper_sources import Table, commands, provenance

from tinytorch.datasets import CATALOG, get_dataset, load_images, load_tinytalks
from tinytorch.datasets.catalog import REMOTE
from tinytorch.milestones import catalog

OWN = "the first hours of learning"


def inventory() -> Table:
    """Return what there is of each dataset."""
    rows = []
    for name, info in CATALOG.items():
        splits = " / ".join(f"{count:,}" for count in info.splits.values())
        rows.append([info.title, splits, f"{total_bytes(name):,}", licences(info.licence)])
    total = f"{sum(map(total_bytes, CATALOG)):,}"
    return {
        "head": ["dataset", "train / (val /) test", "bytes", "licence"],
        "rows": [*rows, ["together", "", total, ""]],
    }


def licences(spdx: str) -> str:
    """Return SPDX identifiers as people write them.

    >>> licences("CC-BY-4.0 AND BSD-3-Clause")
    'CC BY 4.0, BSD-3-Clause'
    """
    return re.sub(r"CC-BY(-SA)?-([\d.]+)", r"CC BY\1 \2", spdx).replace(" AND ", ", ")


def fields() -> Table:
    """Return what is known of each sample, as the loaders give it."""
    images, talks = load_images("tinymnist", "all"), load_tinytalks("all")
    said = [(images, key, what) for key, what in IMAGE_FIELDS.items()]
    said += [(talks, key, what) for key, what in TALK_FIELDS.items()]
    rows = [[f"`{key}`", kind(data[key][0]), what] for data, key, what in said]
    return {"head": ["field", "type", "what it holds"], "rows": rows, "rules": [len(IMAGE_FIELDS)]}


IMAGE_FIELDS = {
    "images": "grey levels, 0 for paper",
    "labels": "the digit",
    "source_index": "the row in the source’s file",
    "difficulty": "0, sure of the right digit, to 1, of a wrong one",
    "stratum": f"{', '.join(STRATA[:-1])} or {STRATA[-1]}",
}
TALK_FIELDS = {
    "contexts": "the story; empty for greetings",
    "questions": "a question, or a greeting",
    "answers": "the whole answer",
    "levels": f"L{min(LEVELS)} to L{max(LEVELS)}",
    "story": "one number for all questions about it",
    "splits": "train, val or test",
}


def kind(value: object) -> str:
    """Return in a word what a value is.

    >>> kind("Ada sings."), kind(np.int64(3)), kind(np.zeros((8, 8)))
    ('text', 'integer', 'array')
    """
    if isinstance(value, str):
        return "text"
    if isinstance(value, np.ndarray):
        return "array"
    return "integer" if isinstance(value, np.integer) else "fraction"


def strata() -> Table:
    """Return how many images of each stratum there are."""
    rows = []
    for name in ("tinydigits", "tinymnist"):
        for split in get_dataset(name).splits:
            data = load_images(name, split)
            counts = [int((data.stratum == stratum).sum()) for stratum in STRATA]
            cells = [f"{count} ({count / len(data):.0%})" if count else "–" for count in counts]
            rows.append([f"{get_dataset(name).title}, {split}", *cells, f"{np.median(data.difficulty):.2f}"])
    return {"head": ["images", *STRATA, "median"], "rows": rows}


def talks() -> Table:
    """Return how many questions each level has, and what it asks for."""
    parts, data = list(get_dataset("tinytalks").splits), load_tinytalks("all")
    rows = [
        [f"L{level}", what, *(str(int(((data.levels == level) & (data.splits == part)).sum())) for part in parts)]
        for level, what in LEVELS.items()
    ]
    return {"head": ["level", "what it asks for", *parts], "rows": rows}


def selection() -> Table:
    """Return what models learn from images that other rules chose."""
    found = result("selection_table")["findings"]
    rules, gain = found["table"], found["gain"]
    rows = [[rule, *(percent(row[family]["mean"]) for family in gain)] for rule, row in rules.items()]
    spread = spread_of_draws()
    rows.append(["ours − random, points", *(f"{100 * gain[family]:+.1f}" for family in gain)])
    rows.append(["random, SD", *(f"{100 * spread[family]:.1f}" for family in gain)])
    return {"head": ["training images", *gain], "rows": rows, "strong": [list(rules).index(OURS), len(rows) - 2]}


def reference() -> Table:
    """Return which accuracies are to be expected, on each dataset's test and on MNIST's."""
    found = result("reference_accuracies")["findings"]
    tests = {"TinyDigits": "tinydigits test", "TinyMNIST": "tinymnist test", "MNIST": "MNIST test"}
    rows = []
    for family in found["tinydigits test"]:
        about = [found[test][family] for test in tests.values()]
        rows.append(
            [family, *(f"{percent(one['mean'])} ({range_of(one['95% over images (Wilson)'])})" for one in about)]
        )
    return {"head": ["model", *(f"{name}’s test" for name in tests)], "rows": rows}


def stands() -> Table:
    """Return how well small tests rank models."""
    found = result("stands_for_mnist")["findings"]
    names = {
        "TinyMNIST": "TinyMNIST",
        "TinyMNIST, without the judges": "… without the judges",
        "TinyMNIST, models of 85% or more": "… models of 85% or more",
        "easiest 1,000 and easiest 200": "the easiest images",
    }
    rows = [
        [title, f"{found[name]['models']}", f"{found[name]['tau']:.2f}", fractions(found[name]["tau, 95% over models"]),
         f"{100 * found[name]['mean absolute difference']:.1f}"]
        for name, title in names.items()
    ]  # fmt: skip
    for name, title in (
        ("random 200s", "random tests"),
        ("random 200s, models of 85% or more", "… models of 85% or more"),
    ):
        about = found[name]
        rows.append([title, "", f"{about['tau, mean']:.2f}", fractions(about["tau, 95% of draws"]),
                     f"{100 * about['mean absolute difference, mean']:.1f}"])  # fmt: skip
    return {"head": ["test images", "models", "τ", "95%", "difference"], "rows": rows, "strong": [0]}


def certificate() -> Table:
    """Return how many questions about fresh stories each kind of model answers exactly: mean and worst of the seeds."""
    found = result("tinytalks_certificate")
    levels = [level for level, count in found["questions"]["fresh"].items() if count]
    rows = [["chance", *(percent(found["chance"]["fresh"][level]) for level in levels)]]
    for model, runs in found["runs"].items():
        shares = [[run["fresh"][level] for run in runs] for level in levels]
        rows.append([model, *(f"{percent(mean(of))} ({percent(min(of))})" for of in shares)])
    return {"head": ["", *levels], "rows": rows, "strong": [len(rows) - 1]}


def milestones() -> Table:
    """Return how often the programs that use the datasets meet what they promise, and what they take."""
    found = result("milestones")["findings"]
    rows = []
    for info in CATALOG.values():
        for name in milestones_that_use(info.title):
            program, about = catalog.load(name), found[name]
            gate, bound = next((gate, bound) for gate, bound in program.gates.items() if bound.required > 0.001)
            rows.append([
                f"`{name}`", str(program.year), info.title, f"{gate}: {bound}",
                bound.show(about["gates"][gate]["mean"]),
                f"{about['met']} of {about['seeds']}", f"{about['one run']['processor seconds']:.1f}",
                f"{about['one run']['peak MB']:.0f}",
            ])  # fmt: skip
    head = ["program", "year", "data", "first gate", "mean", "seeds that met all gates", "s", "MB"]
    return {"head": head, "rows": rows}


def others() -> Table:
    """Return the datasets that ours are compared with: what there is, and what for, in their authors' words."""
    remote = {name: f"{sum(info.splits.values()):,}" for name, info in REMOTE.items()}
    quote = "“{}”".format
    rows = [
        [CATALOG["tinydigits"].title, _samples("tinydigits"), "8×8, real", decimal(total_bytes("tinydigits")), OWN],
        [CATALOG["tinymnist"].title, _samples("tinymnist"), "28×28, real", decimal(total_bytes("tinymnist")), OWN],
        [CATALOG["tinytalks"].title, _samples("tinytalks"), "text, written", decimal(total_bytes("tinytalks")), OWN],
        ["scikit-learn’s digits", _whole("digits.images"), f"{_cross('digits.size')}, real", "", "", "digits.images"],
        ["Iris", _whole("iris.flowers"), "measurements", "", "", "iris.flowers"],
        ["Palmer penguins", _whole("penguins.count"), "measurements", "", quote(value("penguins.purpose")),
         "penguins.purpose"],
        ["MNIST", remote["mnist"], "28×28, real", decimal(REMOTE["mnist"].size), quote(value("mnist.purpose")),
         "mnist.purpose"],
        ["QMNIST, its test", _whole("qmnist.tests"), "28×28, real", "", quote(value("qmnist.purpose")), "qmnist.tests"],
        ["Fashion-MNIST", _whole("fashion.images"), f"{_cross('fashion.size')}, real", "",
         quote(value("fashion.purpose")), "fashion.purpose"],
        ["MedMNIST v2, 2D", _whole("medmnist.images"), f"{_cross('medmnist.size')}, real", "",
         quote(value("medmnist.purpose")), "medmnist.images"],
        ["CIFAR-10", remote["cifar10"], "32×32 in colour, real", decimal(REMOTE["cifar10"].size), "", "cifar10.origin"],
        ["MNIST-1D, training", _whole("mnist1d.samples"), f"{value('mnist1d.size')} numbers, generated", "",
         quote(value("mnist1d.purpose")), "mnist1d.purpose"],
        ["bAbI, training", f"{value('babi.tasks')} × {_whole('babi.questions')}", "text, generated", "",
         quote(value("babi.purpose")), "babi.tasks"],
        ["TinyStories", "", "stories, generated", "", quote(value("tinystories.purpose")), "tinystories.purpose"],
    ]  # fmt: skip
    cites = [facts()[row[5]]["cite"] if len(row) > 5 else "" for row in rows]
    head = ["dataset", "samples", "what they are", "to fetch", "what for, in its authors’ words"]
    return {"head": head, "rows": [row[:5] for row in rows], "cites": cites, "strong": [0, 1, 2]}


def _samples(name: str) -> str:
    return f"{sum(get_dataset(name).splits.values()):,}"


def _whole(fact: str) -> str:
    return f"{int(value(fact).replace(',', '')):,}"


def _cross(fact: str) -> str:
    return re.sub(r"\s*[x×]\s*", "×", value(fact))


def beliefs() -> Table:
    """Return what the plan for these datasets said, and what was found."""
    n = numbers()
    easiest, nearest = (word(worse_than_random(rule)) for rule in ("easiest", "nearest the mean"))
    rule = re.sub(r'"(.*?)"', r"‘\1’", value("plan.rule"))
    rows = [
        [f"“{rule}”; “{value('plan.balance')}”",
         f"Of {n['families']} kinds of models, {easiest} learn less from the easiest images than from random ones; "
         f"from those nearest the mean, {nearest}. The demands pull apart: we kept the balance"],
        [f"TinyDigits: “{value('plan.samples.tinydigits')} samples”, in files of {value('plan.train.tinydigits')} and "
         f"{value('plan.test.tinydigits')}",
         f"{n['tinydigits.samples']}: we kept the files’ sizes, which do not add up to the first number"],
        [f"TinyDigits ~{value('plan.bytes.tinydigits')}, TinyMNIST ~{value('plan.bytes.tinymnist')}, TinyTalks "
         f"~{value('plan.bytes.tinytalks')}, in all ~{value('plan.bytes.all')}",
         f"{n['tinydigits.bytes']}, {n['tinymnist.bytes']}, {n['tinytalks.bytes']} and {n['all.bytes']} bytes; "
         f"TinyMNIST would reach its size with {n['tinymnist.coarse.levels']} grey levels of {n['tinymnist.levels']}"],
        [f"“Real data (MNIST digits, {value('plan.talks')})”",
         "The digits are real. The talks are not conversations: our sentences, dealt by a script"],
        [f"“{value('plan.real')}”", "Not tested: we made no synthetic digits to compare with"],
        [f"“Train time”: MNIST {value('plan.time.mnist')}, TinyMNIST {value('plan.time.tinymnist')}; by samples, "
         f"“{value('plan.time.factor')}”",
         f"With our framework, one pass over MNIST’s {n['mnist.train']} images takes "
         f"about {n['epoch.seconds']} s; "
         f"the whole program on TinyMNIST, which trains more than one network, {n['milestones.mlp-mnist.seconds']} s"],
        [f"TinyDigits: “{value('plan.time.tinydigits')} training”",
         f"Its programs take {n['milestones.tinydigits.seconds']} s; the second trains many networks"],
        [f"All train in <{value('plan.time.all')}", f"The longest program takes {n['milestones.slowest.seconds']} s"],
        [f"{value('plan.offline')} milestones work offline, each in <{value('plan.offline.seconds')}",
         f"{n['milestones.offline'].capitalize()} of {n['milestones']} do; all in a row take "
         f"{n['milestones.all.seconds']} s"],
        [f"“{value('plan.pi')}”",
         f"Not tried on one. Within {n['small.memory']} of memory and on one core, {n['small.met']} runs met "
         f"their gates (each program without a download, and all in one process); an emulated {n['arm.processor']} "
         f"(32 bits) learns TinyDigits; {n['arm.passed']} tests pass"],
        [f"“Student success”: {value('plan.success.without')} with MNIST, {value('plan.success.with')} with TinyMNIST",
         "Nobody has measured it: a hypothesis"],
    ]  # fmt: skip
    return {"head": ["the plan", "found"], "rows": rows}


def study() -> Table:
    """Return how many classes a study would need."""
    rows = [
        [row.question, f"{row.learners}", *(str(count) for count in row.classes)]
        for row in paper_study.rows(plan_shares())
    ]
    return {"head": ["in each arm", "learners", *(f"ICC {icc:g}" for icc in paper_study.CORRELATIONS)], "rows": rows}


def datasheet() -> Table:
    """Return the datasheets in brief: what a reader asks first."""
    titles = [info.title for info in CATALOG.values()]
    digits, ours = "reading handwriting in use", "our sentences, dealt by a script"
    rows = [
        ["made for", "the first hour", "the step from there to MNIST, whose test stays untouched",
         "seeing what attention does"],
        ["collected", f"from forms, by the source’s authors; {value('optdigits.people')} writers",
         "from forms, for NIST; made into MNIST by its authors", f"not at all: {ours}"],
        ["labels", "the source’s, unchanged", "the source’s, unchanged", "follow from the story"],
        ["added by us", "the choice, difficulty, stratum", "the choice, difficulty, stratum", "everything"],
        ["splits", "by lot; writers are shared", "by writer", "by story"],
        ["people", "writers, not named or described", "writers, not named or described", "none"],
        ["not for", digits, digits, "judging models of language"],
    ]  # fmt: skip
    return {"head": ["", *titles], "rows": rows}


TABLES: Mapping[str, Callable[[], Table]] = {
    "inventory": inventory,
    "fields": fields,
    "strata": strata,
    "talks": talks,
    "selection": selection,
    "stands": stands,
    "reference": reference,
    "certificate": certificate,
    "milestones": milestones,
    "others": others,
    "beliefs": beliefs,
    "study": study,
    "datasheet": datasheet,
    "commands": commands,
    "provenance": provenance,
}
