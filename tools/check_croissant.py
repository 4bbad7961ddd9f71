"""Can others load our Croissant folders, and is every record what we ship? `python tools/check_croissant.py` proves it.

A card can be valid and still wrong: `mlcroissant validate` opens no data file. So every dataset is exported, every
record of every record set is loaded by mlcroissant, in an environment of its own, and compared with the shipped file.
Then one byte is flipped, and must be noticed. CITATION.cff is validated in the same environment.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tinytorch.datasets.catalog import CATALOG, DatasetInfo
from tinytorch.datasets.export import export
from tinytorch.datasets.files import packaged

ROOT = Path(__file__).parent.parent
# cffconvert validates with an old jsonschema, which needs what setuptools had until 81.
NEEDED = ("mlcroissant>=1.1.1,<1.2", "cffconvert==2.0.0", "setuptools<81")

READ = """
import json, sys
import mlcroissant

def plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.item() if hasattr(value, "item") else value

data = mlcroissant.Dataset(sys.argv[1])
print(data.metadata.ctx.issues.report(), file=sys.stderr, end="")
sets = {
    each.uuid: [{name.split("/")[-1]: plain(value) for name, value in row.items()} for row in data.records(each.uuid)]
    for each in data.metadata.record_sets
}
json.dump(sets, sys.stdout)
"""

Record = dict[str, Any]


class Environment:
    """A virtual environment with mlcroissant and cffconvert in it."""

    def __init__(self, home: Path) -> None:
        self.bin = home / ("Scripts" if os.name == "nt" else "bin")
        venv.create(home, with_pip=True, upgrade_deps=True)  # an old pip may search for minutes
        done = self.run(
            "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", *NEEDED
        )
        if done.returncode:
            sys.exit(f"could not install {' '.join(NEEDED)}:\n{done.stderr}")

    def run(self, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, which sees nothing of ours."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_"))}
        command = [str(self.bin / program), *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False)

    def load(self, card: Path) -> tuple[dict[str, list[Record]], str]:
        """Return the records of every record set of a card, and what the loader had to say."""
        done = self.run("python", "-c", READ, card)
        return (json.loads(done.stdout) if done.returncode == 0 else {}), done.stderr


def shipped(info: DatasetInfo) -> list[Record]:
    """Return the samples as they lie in the shipped files, opened without our loaders."""
    return list(shipped_talks(info) if info.name == "tinytalks" else shipped_images(info))


def shipped_images(info: DatasetInfo) -> Iterator[Record]:
    """Yield the rows of a NumPy archive."""
    with packaged(info.name, f"{info.name}.npz").open("rb") as file, np.load(file, allow_pickle=False) as archive:
        # What else is in there is for build.py alone.
        names = ("images", "labels", "source_index", "split", "difficulty", "stratum")
        columns = {name: archive[name].tolist() for name in names}
    columns |= {"image": columns.pop("images"), "label": columns.pop("labels")}
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def shipped_talks(info: DatasetInfo) -> Iterator[Record]:
    """Yield the pairs of the text files: `[L2] context`, then pairs of lines `Q: ` and `A: `, then an empty line."""
    texts = {split: packaged(info.name, f"splits/{split}.txt").read_text(encoding="utf-8") for split in info.splits}
    stories = [(split, story.splitlines()) for split, text in texts.items() for story in text.rstrip().split("\n\n")]
    for number, (split, (head, *lines)) in enumerate(stories):
        level, context = int(head[2]), head[5:]
        for question, answer in zip(lines[::2], lines[1::2], strict=True):
            words = {"context": context, "question": question[3:], "answer": answer[3:]}
            yield {"split": split, **words, "level": level, "story": number}


def differing(found: Sequence[Record], expected: Sequence[Record]) -> int:
    """Return how many records differ, those that one side lacks included."""
    return abs(len(found) - len(expected)) + sum(a != b for a, b in zip(found, expected))


def need(condition: object, otherwise: str) -> None:
    """End the program unless the condition holds."""
    if not condition:
        sys.exit(otherwise)


def check_records(environment: Environment, info: DatasetInfo, folder: Path) -> None:
    """Load every record and compare it with the shipped one."""
    sets, said = environment.load(folder / "croissant.json")
    need(sets and not said.strip(), f"{info.title}: mlcroissant has something to say:\n{said}")
    expected = shipped(info)
    count = differing(sets["samples"], expected)
    need(count == 0, f"{info.title}: {count} of {len(expected)} records differ from the shipped ones")
    need([each["name"] for each in sets["splits"]] == list(info.splits), f"{info.title}: other splits")
    values = sum(np.size(value) for record in expected for value in record.values())
    print(f"{info.title}: {len(expected):,} records, {values:,} values, each as shipped")


def check_damage(environment: Environment, info: DatasetInfo, folder: Path) -> None:
    """Flip a byte of the records: the loader must refuse them, or, if the card is changed too, we must see it."""
    records, card = folder / "samples.jsonl", folder / "croissant.json"
    content = bytearray(records.read_bytes())
    before = sha256(content).hexdigest()
    key = b'"label":' if info.target_names else b'"level":'
    content[content.index(key) + len(key)] ^= 1  # 0 becomes 1, 1 becomes 0, ...
    records.write_bytes(content)

    valid = environment.run("mlcroissant", "validate", "--jsonld", card).returncode == 0
    sets, said = environment.load(card)
    need(not sets and "is not identical" in said, f"{info.title}: a flipped byte is loaded without a word")
    print(
        f"{info.title}: a flipped byte: loading fails, while `mlcroissant validate` says {'valid' if valid else 'no'}"
    )

    card.write_text(card.read_text(encoding="utf-8").replace(before, sha256(content).hexdigest()), encoding="utf-8")
    sets, said = environment.load(card)
    need(sets, f"{info.title}: the changed folder can't be loaded:\n{said}")
    count = differing(sets["samples"], shipped(info))
    need(count == 1, f"{info.title}: a flipped byte with a fitting card makes {count} records differ")
    print(f"{info.title}: a flipped byte and a card to fit: {count} record differs from the shipped one")


def main() -> None:
    """Make the environment, and check every dataset in it."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with TemporaryDirectory() as home:
        environment = Environment(Path(home) / "environment")
        for info in CATALOG.values():
            folder = Path(home) / info.name
            export(info.name, "croissant", folder)
            check_records(environment, info, folder)
            if info.name != "tinymnist":  # as TinyDigits, and takes longer
                check_damage(environment, info, folder)
        citation = environment.run("cffconvert", "--validate")
        need(citation.returncode == 0, f"CITATION.cff: {citation.stdout}{citation.stderr}")
        print(f"CITATION.cff: {citation.stdout.strip()}")


if __name__ == "__main__":
    main()
