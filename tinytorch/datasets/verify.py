"""Is a shipped dataset what it says it is?

Each check is a line of a report and not an exception, so that one run tells everything that is wrong.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tinytorch.datasets.catalog import REMOTE, DatasetInfo, RemoteFile, get_dataset
from tinytorch.datasets.files import REPAIR, packaged
from tinytorch.datasets.image_builds import STRATA, strata_of
from tinytorch.datasets.images import ImageData, load_images
from tinytorch.datasets.official import read_idx
from tinytorch.datasets.talks import LEVELS
from tinytorch.datasets.validate_talks import Report, validate_talks


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        what: What ought to be so.
        ok: Whether it is.
        found: What was found; where that is not as it ought to be, also what to do.
    """

    what: str
    ok: bool
    found: str


def verify(name: str) -> list[Check]:
    """Check a dataset's files against the catalog, and what is in them against what is said of them.

    Args:
        name: The dataset's name in the catalog.

    Returns:
        One :class:`Check` for each thing looked at. What is in a damaged file is not looked at.

    Raises:
        UnknownDatasetError: If there is no such dataset.

    >>> all(check.ok for check in verify("tinydigits"))
    True
    """
    info = get_dataset(name)
    checks = list(_files(info))
    if all(check.ok for check in checks):
        checks += _images(info) if info.target_names else _talks(info)
    return checks


def _files(info: DatasetInfo) -> Iterator[Check]:
    for file in info.files:
        what = f"{file.name}: {file.size:,} bytes, sha256 {file.sha256[:12]}"
        try:
            content = packaged(info.name, file.name).read_bytes()
        except OSError as error:
            yield Check(what, False, f"it can't be read ({error.strerror}): {REPAIR}")
            continue
        found = sha256(content).hexdigest()
        same = found == file.sha256
        yield Check(what, same, "" if same else f"found {len(content):,} bytes, sha256 {found[:12]}: {REPAIR}")


def talk_report() -> Report:
    """Return what the validator says of the shipped TinyTalks; its statistics are those that the documents quote."""
    return validate_talks(Path(str(packaged("tinytalks", ""))))


def _talks(info: DatasetInfo) -> Iterator[Check]:
    report = talk_report()
    counts = {split: facts["pairs"] for split, facts in report.statistics["splits"].items()}
    yield _equal("pairs in each split", counts, dict(info.splits))
    levels = dict.fromkeys(LEVELS, 0)
    for facts in report.statistics["splits"].values():
        for level, count in facts["pairs_by_level"].items():
            levels[level] += count
    yield Check("all five levels have pairs", min(levels.values()) > 0, _plain({f"L{k}": n for k, n in levels.items()}))
    what = (
        "format, levels and twins agree; nothing is asked twice; no story, nor two sentences of one, is in two splits"
    )
    yield Check(f"{what}; held-out words are in train", not report.problems, f"{len(report.problems)} problems")
    for problem in report.problems:
        yield Check("TinyTalks is fit to show what attention does", False, problem)
    for split, facts in report.statistics["splits"].items():
        if "seen" in facts:
            yield _equal(f"questions of {split} that train asks about the same story", facts["seen"]["prompts"], 0.0)


def _images(info: DatasetInfo) -> Iterator[Check]:
    data = load_images(info.name, "all")
    counts = {split: len(load_images(info.name, split)) for split in info.splits}
    yield _equal("samples in each split", counts, dict(info.splits))
    yield _equal("equal images", len(data) - len(np.unique(data.images, axis=0)), 0)
    yield _equal("rows of the source that were taken twice", len(data) - len(np.unique(data.source_index)), 0)
    for split in info.splits:
        labels = np.bincount(load_images(info.name, split).labels.astype(np.intp), minlength=len(info.target_names))
        yield Check(
            f"labels are balanced in {split}: none has more than one image more than another",
            int(np.ptp(labels)) <= 1, f"{labels.min()} to {labels.max()} of each",
        )  # fmt: skip
    steps = ", ".join(f"{name} from {low}" for name, low in STRATA.items())
    wrong = int((data.stratum != strata_of(data.difficulty)).sum())
    yield Check(f"strata are steps of difficulty: {steps}", not wrong, f"{wrong} are not" if wrong else "")
    yield Check(
        "difficulty lies from 0 to 1",
        bool((data.difficulty >= 0).all() and (data.difficulty <= 1).all()),
        f"{data.difficulty.min():.3f} to {data.difficulty.max():.3f}",
    )


def _equal(what: str, found: Any, expected: Any) -> Check:
    return Check(
        f"{what}: {_plain(expected)}", found == expected, "" if found == expected else f"found {_plain(found)}"
    )


def _plain(value: Any) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in value.items()) if isinstance(value, dict) else f"{value}"


# ---- against the source ----


def verify_against(name: str, folder: Path) -> list[Check]:
    """Compare every sample with the official files that it was taken from.

    Args:
        name: ``"tinymnist"`` (``folder`` holds MNIST's files, gzipped or not) or ``"tinydigits"``
            (``folder`` holds UCI's ``optdigits.tes`` or scikit-learn's ``digits.csv.gz``).
        folder: Where the files are; they are read and never changed.

    Returns:
        One :class:`Check` for each official file, then one for each comparison that these allow.

    Raises:
        ValueError: If the dataset has no official source.
    """
    if name not in _SOURCES:
        raise ValueError(
            f"{get_dataset(name).title} is our own and has no official files to be compared with; "
            f"`tinytorch datasets build {name} DIR` makes it again"
        )
    return list(_SOURCES[name](load_images(name, "all"), folder))


def _against_mnist(data: ImageData, folder: Path) -> Iterator[Check]:
    found: dict[str, npt.NDArray[np.uint8]] = {}
    for file in REMOTE["mnist"].files:
        check, content = _official(file, folder)
        yield check
        if check.ok:
            found[file.name] = read_idx(content)
    absent = [file.name for file in REMOTE["mnist"].files if file.name not in found]
    pairs = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
    if all(name in found for name in pairs):
        images, labels = (found[name][data.source_index] for name in pairs)
        yield _all_equal("images equal the one at their index in MNIST's training file", images == data.images)
        yield _all_equal("labels equal the one at their index in MNIST's training file", labels == data.labels)
    if "t10k-images-idx3-ubyte.gz" in found:
        test = {image.tobytes() for image in found["t10k-images-idx3-ubyte.gz"]}
        inside = sum(image.tobytes() in test for image in data.images)
        yield _equal("images that are in MNIST's test file, too", inside, 0)
    if absent:
        yield Check("every comparison was made", False, f"not those that need {', '.join(absent)}: put them there")


def _official(file: RemoteFile, folder: Path) -> tuple[Check, bytes]:
    """Find a published file in a folder, gzipped or unpacked; return how it fares, and what is in it."""
    for form in filter(None, (file, file.unpacked)):
        try:
            content = (folder / form.name).read_bytes()
        except OSError:
            continue
        digest = sha256(content).hexdigest()
        what = f"{form.name} is the official one: {form.size:,} bytes, sha256 {form.sha256[:12]}"
        if digest != form.sha256:
            return Check(what, False, f"found {len(content):,} bytes, sha256 {digest[:12]} in {folder}"), b""
        return Check(what, True, ""), gzip.decompress(content) if form is file else content
    return Check(f"{file.name} is the official one", False, f"there is no such file in {folder}, gzipped or not"), b""


def _against_optdigits(data: ImageData, folder: Path) -> Iterator[Check]:
    names = ("optdigits.tes", "digits.csv.gz")
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    if path is None:
        yield Check("the test file of optdigits is there", False, f"{' or '.join(names)} is not in {folder}")
        return
    try:
        table = np.loadtxt(path, delimiter=",", ndmin=2)  # reads .gz as well
    except (ValueError, OSError, EOFError) as error:
        yield Check(f"{path.name} is a table of numbers", False, f"it is not: {error}")
        return
    shape = f"{table.shape[0]:,} rows of {table.shape[1]}"
    right = table.shape == (1797, 65)
    yield Check(f"{path.name} has 1,797 rows of 64 pixels and a label", right, shape)
    if right:
        rows = table[data.source_index]
        yield _all_equal("images equal their row in the source", rows[:, :64] == data.data)
        yield _all_equal("labels equal their row in the source", rows[:, 64] == data.labels)


def _all_equal(what: str, same: npt.NDArray[np.bool_]) -> Check:
    whole = np.asarray(same.reshape(len(same), -1).all(axis=1))
    wrong = np.flatnonzero(~whole)
    found = f"{whole.sum():,} of {len(whole):,}"
    if len(wrong):
        found += f"; not number {', '.join(map(str, wrong[:5]))}{', ...' if len(wrong) > 5 else ''}"
    return Check(f"all {what}", not len(wrong), found)


_SOURCES: dict[str, Callable[[ImageData, Path], Iterator[Check]]] = {
    "tinymnist": _against_mnist,
    "tinydigits": _against_optdigits,
}


def verify_build(name: str, folder: Path) -> list[Check]:
    """Compare the files that a build wrote into ``folder`` with the shipped ones, byte for byte."""
    checks = []
    for file in get_dataset(name).files:
        built = (folder / file.name).read_bytes()
        digest = sha256(built).hexdigest()
        what = f"{file.name} was built again as it is shipped: sha256 {file.sha256[:12]}"
        checks.append(
            Check(what, digest == file.sha256, "" if digest == file.sha256 else f"found sha256 {digest[:12]}")
        )
    return checks
