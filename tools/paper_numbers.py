"""Which numbers does the prose of the paper quote?

``numbers()`` gives each number as text under the name by which ``docs/paper/paper.typ`` asks for it: ``#n("name")``.
All come from the shipped files, from ``evidence/results`` and ``benchmarks/results``, from constants of the scripts
that made those, or from ``docs/paper/facts.json``.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import paper_study
from card_data import coarser
from card_evidence import RESULTS, fractions, percent, result
from card_talks import LEVELS
from paper_facts import plan_shares, value

from tinytorch.datasets import CATALOG, get_dataset, load_images, load_tinytalks
from tinytorch.datasets.catalog import REMOTE
from tinytorch.datasets.files import packaged
from tinytorch.datasets.validate_talks import validate_talks
from tinytorch.milestones import catalog, wilson_interval

ROOT = RESULTS.parent.parent
OURS = "graded medoids (ours)"
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def constant(script: str, name: str) -> Any:
    """Return a constant of a script, without running it.

    >>> constant("evidence/choosing.py", "EASIEST_LEFT_OUT")
    0.25
    """
    for node in ast.parse((ROOT / script).read_text(encoding="utf-8")).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            if isinstance(target, ast.Name) and target.id == name:
                return ast.literal_eval(node.value)  # type: ignore[attr-defined]
            if isinstance(target, ast.Tuple) and name in (names := [getattr(part, "id", "") for part in target.elts]):
                return ast.literal_eval(node.value.elts[names.index(name)])  # type: ignore[attr-defined]
    raise ValueError(f"{script} has no constant {name}: tools/paper_numbers.py must look elsewhere")


def word(count: int) -> str:
    """Return a small number as a word, others in figures.

    >>> word(5), word(37)
    ('five', '37')
    """
    return WORDS[count] if 0 <= count < len(WORDS) else f"{count:,}"


def decimal(kilobytes: int) -> str:
    """Return bytes in units of a thousand or a million.

    >>> decimal(7_071), decimal(11_594_722)
    ('7 kB', '11.6 MB')
    """
    return f"{kilobytes / 1e6:,.3g} MB" if kilobytes >= 1e6 else f"{kilobytes / 1e3:,.0f} kB"


def total_bytes(name: str) -> int:
    """Return how many bytes a dataset's files have."""
    return sum(file.size for file in get_dataset(name).files)


def milestones_that_use(data: str) -> list[str]:
    """Return the programs with results whose declaration names the dataset, in the order of history."""
    found = result("milestones")["findings"]
    return [name for name in catalog.names() if name in found and data in catalog.load(name).data]


@cache
def coarser_tinymnist() -> str:
    """Return what TinyMNIST would take with fewer grey levels: it depends on the shipped file alone, and takes long."""
    return coarser("tinymnist")


def _datasets() -> Iterator[tuple[str, str]]:
    for name, info in CATALOG.items():
        yield f"{name}.samples", f"{sum(info.splits.values()):,}"
        yield f"{name}.bytes", f"{total_bytes(name):,}"
        for split, count in info.splits.items():
            yield f"{name}.{split}", f"{count:,}"
    yield "all.bytes", f"{sum(map(total_bytes, CATALOG)):,}"
    yield "datasets", word(len(CATALOG))
    yield "version", next(iter(CATALOG.values())).version
    for name in ("tinydigits", "tinymnist"):
        data = load_images(name, "all")
        yield f"{name}.size", "×".join(map(str, data.images.shape[1:]))
        yield f"{name}.levels", f"{int(data.images.max()) + 1}"
        for split in get_dataset(name).splits:
            counts = sorted(set(np.bincount(load_images(name, split).labels).tolist()))
            yield f"{name}.{split}.per-digit", " or ".join(map(word, counts))
    for name, info in REMOTE.items():
        yield f"{name}.train", f"{info.splits['train']:,}"
        yield f"{name}.test", f"{info.splits['test']:,}"
        yield f"{name}.bytes", decimal(info.size)
    kept = get_dataset("tinymnist").splits["train"] / len(training_candidates("tinymnist"))
    yield "tinymnist.kept", f"{kept:.0%}"
    sides = re.findall(r"(\d+)×(\d+)", REMOTE["cifar10"].description)[0]
    as_many = sum(get_dataset("tinymnist").splits.values())
    yield "cifar10.as-many", decimal(as_many * 3 * int(sides[0]) * int(sides[1]))
    ambiguous = int((load_images("tinymnist", "test").stratum == "ambiguous").sum())
    yield "tinymnist.ambiguous", word(ambiguous)
    few_levels = re.findall(r"^\| (\d+) \| ([\d,]+) \|$", coarser_tinymnist(), re.MULTILINE)[-1]
    yield "tinymnist.coarse.levels", few_levels[0]


def _talks() -> Iterator[tuple[str, str]]:
    report = validate_talks(Path(str(packaged("tinytalks", ""))))
    found, test = report.statistics, report.statistics["splits"]["test"]
    yield "talks.stories", f"{found['stories']:,}"
    yield "talks.words", f"{found['vocabulary']:,}"
    train = load_tinytalks("train")
    contexts = dict(zip(train.story.tolist(), train.contexts)).values()  # a story is told once
    told = [sentence.split()[0] for context in contexts for sentence in context.split(".") if sentence]
    people = constant("tinytorch/datasets/tinytalks/build.py", "PEOPLE")
    named = sorted(told.count(person) for person in people)
    yield "talks.named", f"{named[0]} to {named[-1]}"
    yield "talks.levels", word(len(LEVELS))
    yield "talks.prompt.mean", f"{test['words_per_prompt']['mean']}"
    yield "talks.prompt.most", f"{test['words_per_prompt']['most']}"
    for what in ("answers", "prompts", "runs_of_3_words"):
        yield f"talks.seen.{what}", f"{test['seen'][what]:.0%}"


def _certificate() -> Iterator[tuple[str, str]]:
    found, script = result("tinytalks_certificate"), "evidence/tinytalks_certificate.py"
    verdict, runs = found["verdict"], found["runs"]
    model, level, most = max(
        ((model, level, value) for model, levels in verdict["above_chance"].items() for level, value in levels.items()),
        key=lambda entry: entry[2],
    )
    yield "certificate.most", f"{100 * most:.1f}"
    yield "certificate.most.where", f"{model}, {level}"
    yield "certificate.allowed", f"{100 * constant(script, 'ALLOWED'):.0f}"
    yield "certificate.enough", f"{constant(script, 'ENOUGH'):.0%}"
    yield "certificate.seeds.asked", word(constant(script, "SEEDS_ENOUGH"))
    yield "certificate.seconds.asked", f"{constant(script, 'SECONDS'):.0f}"
    yield "certificate.seeds", word(len(runs["two-layer GPT"]))
    yield "certificate.seeds.found", _of(verdict["two_layer_seeds_enough"], len(runs["two-layer GPT"]))
    yield "certificate.seconds", f"{verdict['two_layer_most_seconds']:.0f}"
    fresh = {
        level: [run["fresh"][level] for run in runs["two-layer GPT"]]
        for level, count in found["questions"]["fresh"].items()
        if count
    }
    yield "certificate.fresh.L5", percent(float(np.mean(fresh["L5"])))
    yield "certificate.fresh.least", percent(min(float(np.mean(fresh[level])) for level in ("L2", "L3", "L4")))
    yield "certificate.fresh.questions", f"{sum(found['questions']['fresh'].values()):,}"
    held = [count for level, count in found["questions"]["test"].items() if level != "L1"]
    yield "certificate.test.questions", f"{min(held)} to {max(held)}"


def training_candidates(name: str) -> list[int]:
    """Return which images of the source the training images were chosen from."""
    rows: list[int] = result(f"choice_{name}")["findings"]["rows by the writers who are for training"]
    return rows


def _choosing() -> Iterator[tuple[str, str]]:
    yield "tinymnist.candidates", f"{len(training_candidates('tinymnist')):,}"
    for name in ("tinydigits", "tinymnist"):
        judged = result(f"difficulty_{name}")
        yield f"{name}.source", f"{len(judged['findings']['difficulty']):,}"
        found = result(f"as_difficult_{name}")["findings"]
        yield f"{name}.distance", f"{found['distance']:.3f}"
        yield f"{name}.distance.random", f"{found['distance of random test sets, median']:.3f}"
        yield f"{name}.distance.easiest", f"{found['distance of the easiest']:.3f}"
    yield "judges", word(len(judged["findings"]["rounds in which the judge was right"]))
    yield "judges.rounds", word(judged["config"]["rounds"])
    config = result("choice_tinymnist")["config"]
    yield "test.share", f"{config['test writers']:.0%}"
    for name, low in config["strata"].items():
        yield f"stratum.{name}", f"{low:g}"
    yield "easiest-left-out", f"{constant('evidence/choosing.py', 'EASIEST_LEFT_OUT'):.0%}"
    yield "components", _in_text("evidence/choosing.py", r"PCA\((\d+),")
    draws = int(_in_text("evidence/choosing.py", r"lots\.choice\(step, (\d+)\)"))
    yield "test.draws", f"{draws:,}"
    found = result("apart_from_mnist_test")["findings"]
    yield "apart.images", f"{found['images']:,}"
    yield "apart.compared", f"{found['images of the test file compared with']:,}"


def _in_text(script: str, pattern: str) -> str:
    found = re.search(pattern, (ROOT / script).read_text(encoding="utf-8"))
    if not found:
        raise ValueError(f"{script} has no {pattern}: tools/paper_numbers.py must look elsewhere")
    return found[1]


def worse_than_random(rule: str) -> int:
    """Return for how many kinds of models a rule's training images are worse than random ones."""
    found = result("selection_table")["findings"]
    table = found["table"]
    return sum(table[rule][family]["mean"] < table["random"][family]["mean"] for family in found["gain"])


def students_t(draws: int) -> float:
    """Return how many standard errors from the mean of so many draws the 95% interval ends, by Student's t.

    With t = √n · tan(angle) for n degrees of freedom, its density is cos(angle)ⁿ⁻¹ over the angles, but for a factor.

    >>> round(students_t(20), 3)
    2.093
    """
    angle = np.linspace(-np.pi / 2, np.pi / 2, 100_001)
    below = np.cumsum(np.cos(angle) ** (draws - 2))
    return float(np.sqrt(draws - 1) * np.tan(np.interp(0.975, below / below[-1], angle)))


def spread_of_draws() -> dict[str, float]:
    """Return, for each kind of model, the standard deviation of its accuracy over random draws of training images."""
    row = result("selection_table")["findings"]["table"]["random"]
    spreads = {}
    for family, about in row.items():
        low, high = about["interval"]  # of the mean: half of it is t * spread / √draws
        spreads[family] = (high - low) / 2 / students_t(about["seeds"]) * about["seeds"] ** 0.5
    return spreads


def _experiments() -> Iterator[tuple[str, str]]:
    found = result("selection_table")
    gain = found["findings"]["gain"]
    yield "gain.least", f"{100 * min(gain.values()):.1f}"
    yield "gain.most", f"{100 * max(gain.values()):.1f}"
    apart = [found["findings"]["gain"][family] / spread for family, spread in spread_of_draws().items()]
    yield "gain.spreads.least", f"{min(apart):.1f}"
    yield "gain.spreads.most", f"{max(apart):.1f}"
    yield "families", word(len(gain))
    yield "selection.seeds", f"{found['config']['seeds']}"
    yield "selection.seeds.others", word(found["config"]["seeds of others"])
    yield "worse.hardest", word(worse_than_random("hardest"))
    stands = result("stands_for_mnist")["findings"]
    (easy,) = (about for name, about in stands.items() if name.startswith("easiest"))
    ours, strong = stands["TinyMNIST"], stands["TinyMNIST, models of 85% or more"]
    random, random_strong = stands["random 200s"], stands["random 200s, models of 85% or more"]
    yield "stands.models", f"{ours['models']}"
    yield "stands.draws", f"{result('stands_for_mnist')['config']['controls']:,}"
    yield "stands.ours.tau", f"{ours['tau']:.2f}"
    yield "stands.ours.interval", fractions(ours["tau, 95% over models"])
    yield "stands.ours.images", fractions(ours["tau, 95% over images"])
    (level,) = {key.split()[1] for key in ours if key.startswith("tau, ")}
    yield "interval.level", level
    yield "stands.ours.difference", f"{100 * ours['mean absolute difference']:.1f}"
    yield "stands.easy.difference", f"{100 * easy['mean difference']:.1f}"
    yield "stands.strong.tau", f"{strong['tau']:.2f}"
    yield "stands.strong.models", f"{strong['models']}"
    yield "stands.strong.bound", f"{constant('evidence/stands_for_mnist.py', 'STRONG'):.0%}"
    yield "stands.random.tau", f"{random['tau, mean']:.2f}"
    yield "stands.random.interval", fractions(random["tau, 95% of draws"])
    yield "stands.random.difference", f"{100 * random['mean absolute difference, mean']:.1f}"
    yield "stands.random.strong.tau", f"{random_strong['tau, mean']:.2f}"


def _small_tests() -> Iterator[tuple[str, str]]:
    for name in ("tinydigits", "tinymnist"):
        trials = get_dataset(name).splits["test"]
        right = round(0.95 * trials)
        yield f"{name}.one", f"{100 / trials:.1f}"
        yield f"{name}.right", f"{right}"
        yield f"{name}.right.share", f"{right / trials:.1%}"
        low, high = wilson_interval(right, trials)
        yield f"{name}.wilson", f"{low:.1%} to {high:.1%}"
    yield "sign-test", word(next(n for n in range(1, 20) if 2 * 0.5**n < 0.05))


def _time() -> Iterator[tuple[str, str]]:
    found = result("milestones")["findings"]
    data = [name for info in CATALOG.values() for name in milestones_that_use(info.title)]
    seconds = {name: found[name]["one run"]["processor seconds"] for name in found if "one run" in found[name]}
    slowest = max(seconds, key=lambda name: seconds[name])
    yield "milestones", word(len(catalog.names()))
    yield "milestones.offline", word(sum(name in seconds for name in catalog.names()))
    yield "milestones.data", word(len(data))
    yield "milestones.slowest", slowest
    yield "milestones.slowest.seconds", f"{seconds[slowest]:.1f}"
    yield "milestones.mlp-mnist.seconds", f"{seconds['mlp_mnist']:.1f}"
    yield "milestones.all.seconds", f"{found['run --all']['processor seconds']:.0f}"
    yield "milestones.all.mb", f"{found['run --all']['peak MB']:.0f}"
    least = min(found[name]["met"] for name in seconds)
    yield "milestones.met", _of(least, result("milestones")["config"]["seeds"])
    digits = [seconds[name] for name in milestones_that_use("TinyDigits")]
    yield "milestones.tinydigits.seconds", " and ".join(f"{each:.1f}" for each in digits)
    yield "epoch.seconds", f"{epoch_seconds():.1f}"
    (row,) = speed_rows("W3")
    yield "epoch.network", re.findall(r"\d+(?:-\d+)+", row["title"])[0].replace("-", "–")


def _of(found: int, asked: int) -> str:
    """Return how many of so many.

    >>> _of(10, 10), _of(39, 40)
    ('all ten', '39 of 40')
    """
    return f"all {word(asked)}" if found == asked else f"{word(found)} of {word(asked)}"


def _trials() -> Iterator[tuple[str, str]]:
    """The trials that settled how many easy images to leave out, and what is known of small machines."""
    rules = result("selection_rules")["findings"]
    half, ours, random = rules["graded medoids, half left out"], rules[OURS], rules["random"]
    yield "rules.half.better", word(sum(half[family] > ours[family] for family in ours))
    yield "rules.half.loss", f"{100 * max(random[family] - half[family] for family in random):.1f}"
    yield "rules.half.worse", " and ".join(family for family in random if half[family] < random[family])
    (small,), (arm,) = result("small")["faults"], result("arm")["faults"]
    yield "small.memory", re.findall(r"^\d+ MB", small["how"])[0]
    yield "small.met", _of(small["tries"] - small["lost"], small["tries"])
    yield "arm.passed", f"{arm['passed']:,}"
    yield "arm.processor", re.findall(r"\((\w+)\)", arm["how"])[0]


def speed_rows(workload: str, threads: int = 1) -> list[Any]:
    """Return a benchmark's row of results."""
    rows = json.loads((ROOT / "benchmarks" / "results" / "speed.json").read_text(encoding="utf-8"))["rows"]
    return [row for row in rows if (row["workload"], row["threads"]) == (workload, threads)]


def epoch_seconds() -> float:
    """Return what one pass over MNIST takes, from the time of a measured training step of such a network."""
    (row,) = speed_rows("W3")
    batch = int(re.findall(r"batch (\d+)", row["title"])[0])
    steps = -(-REMOTE["mnist"].splits["train"] // batch)
    return float(steps * row["systems"]["tinytorch"]["ms"] / 1000)


def _made_with() -> Iterator[tuple[str, str]]:
    """The libraries that the results were made with, and the machine."""
    about = result("selection_table")["versions"]
    names = {"python": "Python", "numpy": "NumPy", "scikit-learn": "scikit-learn", "mlxtend": "mlxtend"}
    yield "made-with", ", ".join(f"{title} {about[name]}" for name, title in names.items())
    machine = json.loads((ROOT / "benchmarks" / "results" / "speed.json").read_text(encoding="utf-8"))["machine"]
    yield "machine", f"{machine['processor']}, {machine['system']}"
    yield "machine.cores", word(machine["cores"])
    yield "evidence.hours", f"{sum(_seconds_of_evidence()) / 3600:.1f}"


def _seconds_of_evidence() -> Iterator[float]:
    """How long the results took that ``make evidence`` makes."""
    for path in sorted(RESULTS.glob("*.json")):
        found = result(path.stem)
        yield found.get("seconds", 0) if "faults" not in found and path.stem != "lecun_cifar10_part" else 0
        yield sum(run["seconds"] for runs in found.get("runs", {}).values() for run in runs)


def _study() -> Iterator[tuple[str, str]]:
    first, *_, last = rows = list(paper_study.rows(plan_shares()))
    yield "study.alpha", f"{paper_study.ALPHA:g}"
    yield "study.power", f"{paper_study.POWER:.0%}"
    yield "study.class", f"{paper_study.CLASS}"
    yield "study.margin", f"{paper_study.MARGIN:g}"
    yield "study.first.learners", f"{first.learners}"
    icc = paper_study.CORRELATIONS.index(0.1)
    yield "study.icc", f"{paper_study.CORRELATIONS[icc]:g}"
    yield "study.classes", f"{max(row.classes[icc] for row in (rows[1], last))}"
    yield "study.learners", f"{2 * paper_study.CLASS * max(row.classes[icc] for row in (rows[1], last)):,}"
    yield "study.smaller", rows[1].question.split(" or ")[1]


FACTS = (
    "plan.success.without",
    "plan.success.with",
    "labels.mnist",
    "pruning.share",
    "rubric.learners",
    "rubric.alpha",
    "optdigits.people",
)


@cache
def numbers() -> Mapping[str, str]:
    """Return every number that the prose may quote."""
    parts = (_datasets, _talks, _certificate, _choosing, _experiments, _small_tests, _time, _trials, _made_with, _study)
    found = [pair for part in parts for pair in part()] + [(f"fact.{name}", value(name)) for name in FACTS]
    names = [name for name, _ in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two numbers of the paper are named {min(twice)!r}: give each a name of its own")
    return dict(found)
