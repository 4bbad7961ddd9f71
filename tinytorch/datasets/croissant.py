"""What is a dataset, told to machines? Its Croissant card, made from its declaration and its data.

Croissant 1.1 (http://mlcommons.org/croissant/1.1) with the responsible-AI vocabulary 1.0. The card that lies beside a
dataset and the one in an exported folder are the same, byte for byte. It names the shipped files and ``samples.jsonl``,
which has the same samples in a form that Croissant's loaders read; it is made by ``tinytorch datasets export``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tinytorch.datasets.catalog import DatasetInfo
from tinytorch.datasets.formats import OF_ONE, Part, json_lines, parts_of, shipped
from tinytorch.datasets.responsible import RESPONSIBLE

Json = dict[str, Any]

TERMS = (
    "arrayShape",
    "citeAs",
    "column",
    "containedIn",
    "equivalentProperty",
    "extract",
    "field",
    "fileObject",
    "fileProperty",
    "fileSet",
    "format",
    "includes",
    "isArray",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "path",
    "recordSet",
    "references",
    "regex",
    "repeated",
    "replace",
    "samplingRate",
    "separator",
    "source",
    "subField",
    "transform",
)
# What the words of a card mean, as mlcroissant, the loader of Croissant 1.1, writes it.
CONTEXT: Json = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "name": {"@container": "@language"},
    "description": {"@container": "@language"},
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in TERMS},
}
NPZ = "https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html"  # it has no registered media type
ENCODING = {".npz": NPZ, ".jsonl": "application/jsonlines", ".txt": "text/plain"}
SAMPLES = "samples.jsonl"
SPLITS = {"train": "cr:TrainingSplit", "val": "cr:ValidationSplit", "test": "cr:TestSplit"}

FIELDS = {
    "image": "Grey levels, row by row; 0 is paper.",
    "label": "What the image shows: an index into the target names.",
    "source_index": "The image's row in the source that the dataset was made from.",
    "difficulty": "From 0, every model that had not seen the image knew it, to 1, none did; three decimals.",
    "stratum": "typical, middle or edge, by difficulty; in the test split also ambiguous.",
    "context": "What is told before the question; empty in greetings.",
    "question": "What is asked.",
    "answer": "The answer expected, word for word.",
    "level": "From 1, greetings, to 5, what changes in a story.",
    "story": "A number that the questions about one context share; no story is in two splits.",
    "split": "Which split the sample belongs to.",
}


def croissant(info: DatasetInfo) -> Json:
    """Return the Croissant card of a dataset.

    >>> from tinytorch.datasets import get_dataset
    >>> card = croissant(get_dataset("tinydigits"))
    >>> [file["name"] for file in card["distribution"]], [each["name"] for each in card["recordSet"]]
    (['tinydigits.npz', 'samples.jsonl'], ['splits', 'samples'])
    """
    parts = parts_of(info)
    records = _records(parts)
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": info.title,
        "description": f"{info.description}. Source: {info.source}.",
        "url": "README.md",  # the page of the dataset is the one beside this file
        "license": [f"https://spdx.org/licenses/{each}" for each in info.licence.split(" AND ")],
        "creator": {"@type": "sc:Organization", "name": "The TinyTorch authors"},
        "datePublished": info.published,
        "version": info.version,
        "isLiveDataset": False,
        **({} if info.target_names else {"inLanguage": "en"}),
        "citeAs": info.citation,
        **({"citation": info.source_citation} if info.source_citation else {}),
        **{f"rai:{term}": text for term, text in RESPONSIBLE[info.name].items()},
        "distribution": [
            *(_file(each.name, each.size, each.sha256, "As shipped.") for each in info.files),
            _file(SAMPLES, len(records), sha256(records).hexdigest(), _made_by(info)),
        ],
        "recordSet": [_splits(info), _samples(info, parts)],
    }


def write(info: DatasetInfo, parts: Sequence[Part], folder: Path) -> None:
    """Write what the card describes, and the card."""
    shipped(info, folder)
    (folder / SAMPLES).write_bytes(_records(parts))
    (folder / "croissant.json").write_bytes(text(info).encode())


def text(info: DatasetInfo) -> str:
    """Return the card as it stands in its file."""
    return json.dumps(croissant(info), indent=2, ensure_ascii=False) + "\n"


def _records(parts: Sequence[Part]) -> bytes:
    def rows() -> Iterator[Json]:
        for part in parts:
            yield from ({"split": part.split, **row} for row in part.rows())

    return json_lines(rows())


def _made_by(info: DatasetInfo) -> str:
    return f"The same samples; made by: tinytorch datasets export {info.name} --format croissant DIR"


def _file(name: str, size: int, digest: str, description: str) -> Json:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "description": description,
        "contentUrl": name,
        "contentSize": f"{size} B",
        "encodingFormat": ENCODING[Path(name).suffix],
        "sha256": digest,
    }


def _splits(info: DatasetInfo) -> Json:
    fields = {"name": "sc:Text", "url": "sc:URL"}
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [
            {"@type": "cr:Field", "@id": f"splits/{name}", "name": name, "dataType": kind}
            for name, kind in fields.items()
        ],
        "data": [{"splits/name": split, "splits/url": SPLITS[split]} for split in info.splits],
    }


def _samples(info: DatasetInfo, parts: Sequence[Part]) -> Json:
    columns = {OF_ONE.get(name, name): column for name, column in parts[0].columns.items()}
    # The specification would have {"@id": "splits/name"}, which mlcroissant 1.1 does not understand here.
    split = {**_field(info, "split", np.array([""])), "references": {"field": {"@id": "splits/name"}}}
    return {
        "@type": "cr:RecordSet",
        "@id": "samples",
        "name": "samples",
        "description": "; ".join(f"{count} {split}" for split, count in info.splits.items()),
        "field": [split, *(_field(info, name, column) for name, column in columns.items())],
    }


def _field(info: DatasetInfo, name: str, column: npt.NDArray[Any]) -> Json:
    kinds = {"u": "cr:UInt8", "i": "sc:Integer", "f": "cr:Float32", "U": "sc:Text"}
    field: Json = {
        "@type": "cr:Field",
        "@id": f"samples/{name}",
        "name": name,
        "description": FIELDS[name],
        "dataType": [kinds[column.dtype.kind], *(["cr:Label"] if name == "label" else [])],
        "source": {"fileObject": {"@id": SAMPLES}, "extract": {"column": name}},
    }
    if column.ndim > 1:
        field |= {"isArray": True, "arrayShape": ",".join(map(str, column.shape[1:]))}
    return field
