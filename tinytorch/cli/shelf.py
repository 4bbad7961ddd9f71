"""What does the terminal show of the datasets?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from tinytorch.cli.screen import Terminal
from tinytorch.datasets.catalog import DatasetInfo
from tinytorch.datasets.images import ImageData
from tinytorch.datasets.talks import TalkData
from tinytorch.datasets.verify import Check
from tinytorch.milestones.pictures import Images


class Shelf(Terminal):
    """The terminal, for whoever looks through the datasets."""

    def list(self, shipped: Sequence[DatasetInfo], remote: Sequence[DatasetInfo]) -> None:
        """Every dataset: what comes with the package, and what can be fetched."""
        for title, infos in (("Shipped with TinyTorch", shipped), ("Fetched when you ask for it", remote)):
            self._print(self._text(title, "dim"))
            for info in infos:
                about = RichTable.grid(padding=0)
                about.add_column(width=12, style="bold")
                about.add_column()
                about.add_row(info.name, self._text(info.description))
                self._print(about)
                facts = f"{_splits(info)}; {_size(info)}; {info.licence}"
                self._print(Padding(self._text(facts, "dim"), (0, 0, 0, 12)))
            self._gap()
        self._print(self._text("`tinytorch datasets info NAME` tells more, `show NAME` shows samples,", "dim"))
        self._print(self._text("`download NAME` fetches.", "dim"))

    def info(self, info: DatasetInfo) -> None:
        """One dataset, with its citation."""
        self._print(self._text(f"{info.title}: {info.description}", "bold"))
        files = [(file.name, f"{file.size:,} bytes\nsha256 {file.sha256}") for file in info.files]
        about = (("samples", _splits(info)), *files, ("source", info.source), ("licence", info.licence))
        for label, text in about:
            self._print(self._text(f"{label}: {text}"))
        self._gap()
        self._print(self._text(f"`tinytorch datasets cite {info.name}` prints what to cite, as BibTeX.", "dim"))

    def images(self, data: ImageData) -> None:
        """Draw images, each over its label, stratum and difficulty."""
        captions = [
            f"{data.target_names[label]} {stratum} {difficulty:.2f}"
            for label, stratum, difficulty in zip(data.labels, data.stratum, data.difficulty, strict=True)
        ]
        self._picture(Images(f"{data.name}, {data.split}: label, stratum, difficulty", data.images, captions))

    def talks(self, data: TalkData, rows: Sequence[int]) -> None:
        """Print pairs of TinyTalks, a story once over the questions about it."""
        last = -1
        for row in rows:
            if data.story[row] != last:
                last = data.story[row]
                self._gap()
                self._print(Text.assemble((f"[L{data.levels[row]}] ", "dim"), self._text(data.contexts[row], "bold")))
            self._print(self._text(f"Q: {data.questions[row]}"))
            self._print(self._text(f"A: {data.answers[row]}", "cyan"))

    def report(self, name: str, checks: Sequence[Check]) -> bool:
        """Print what was looked at, and say whether all of it is so."""
        for check in checks:
            line = Text(f"{self._mark(check.ok)} ") + self._text(check.what, "" if check.ok else "bold red")
            if check.ok and check.found:
                line += self._text(f" ({check.found})", "dim")
            self._print(line)
            if not check.ok:
                self._print(Padding(self._text(check.found, "red"), (0, 0, 0, 2)))
        wrong = sum(not check.ok for check in checks)
        count = "1 check" if len(checks) == 1 else f"{len(checks)} checks"
        holds = "the 1 check holds" if len(checks) == 1 else f"all {count} hold"
        verdict = f"{wrong} of {count} failed" if wrong else holds
        self._print(self._text(f"{name}: {verdict}.", "bold red" if wrong else "bold green"))
        return not wrong

    def statistics(self, talks: Mapping[str, Any]) -> None:
        """Tell what can be counted in TinyTalks, a column for each split."""
        splits = talks["splits"]
        table = self._table("", *splits)
        rows: dict[str, list[str]] = {"stories and greetings": [], "questions": []}
        for facts in splits.values():
            rows["stories and greetings"].append(str(facts["stories"]))
            rows["questions"].append(str(facts["pairs"]))
            for level, count in facts["pairs_by_level"].items():
                guess = facts["chance_by_level"].get(level)
                chance = "" if guess is None else f" (chance {guess:.1%})"
                rows.setdefault(f"questions of L{level}", []).append(f"{count}{chance}")
            words = facts["words_per_prompt"]
            rows.setdefault("mean words and marks of a prompt", []).append(f"{words['mean']} (most {words['most']})")
            for what, share in facts.get("seen", {}).items():
                rows.setdefault(f"seen: {what.replace('_', ' ')}", [""]).append(f"{share:.1%}")
        for what, cells in rows.items():
            self._row(table, what, *cells)
        self._gap()
        self._print(table)
        self._print(self._text(f"{talks['vocabulary']} different words, punctuation marks among them"))


def _splits(info: DatasetInfo) -> str:
    return ", ".join(f"{count:,} {split}" for split, count in info.splits.items())


def _size(info: DatasetInfo) -> str:
    size = sum(file.size for file in info.files)
    return f"{size / 1000:,.0f} kB" if size < 1e6 else f"{size / 1e6:,.0f} MB"
