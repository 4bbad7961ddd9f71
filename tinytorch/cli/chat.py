"""What does `tinytorch chat` do? A person asks, and the model that vaswani_chatgpt trained answers."""

from __future__ import annotations

import shutil
import sys
from textwrap import fill
from typing import Any

import click

from tinytorch.cli.leave import GATE_MISSED

PROGRAM = "vaswani_chatgpt"
EXAMPLE = "Ada sings. Bao reads. What does Bao do?"
GOODBYES = ("bye", "exit", "quit")
WIDEST = 100


class Talker:
    """The trained model, and what else it takes to answer in words. `kept` is what the program handed over."""

    def __init__(self, kept: dict[str, Any]) -> None:
        import tinytorch as torch
        from tinytorch.models import GPT
        from tinytorch.text import Vocabulary

        self.model = GPT(**kept["config"])
        self.model.load_state_dict({name: torch.from_numpy(values) for name, values in kept["model"].items()})
        self.model.eval()
        self.vocabulary = Vocabulary(kept["vocabulary"])
        self.questions = int(kept["questions"])
        self.longest = int(kept["longest"])  # there is room for more words, but nothing was learned about their places

    @property
    def introduction(self) -> str:
        """What this is, and what to type."""
        count = sum(values.numel() for values in self.model.parameters())
        return (
            f"A GPT of {count:,} weights, trained on {self.questions} questions; it knows nothing else.\n"
            f"Try: {EXAMPLE} (help: what I know; bye: leave)"
        )

    def reply(self, text: str) -> str:
        """One line for any line: the model's answer, or what kept it from answering."""
        from tinytorch.datasets.talks import words
        from tinytorch.datasets.tinytalks.build import PEOPLE
        from tinytorch.models import generate
        from tinytorch.text import spelled

        pieces = words(text)
        if pieces == ["help"]:
            return _help()
        if not pieces:
            return f"Type a greeting, or a story and a question, such as: {EXAMPLE}"
        if len(pieces) > self.longest:
            return f"That is {len(pieces)} words and signs; I learned to read no more than {self.longest} at a time."
        unknown = [piece for piece in dict.fromkeys(pieces) if piece not in self.vocabulary.numbers]
        if unknown:
            return f"I never read {_listed(unknown)}; I know {len(self.vocabulary) - 1} words and signs: type help."
        if pieces[-1] not in (".", "!", "?"):
            return f"End with a full stop, an exclamation mark or a question mark, as in: {EXAMPLE}"
        said = generate(self.model, self.vocabulary.encode(pieces), 8, self.vocabulary.encode([".", "!"]))
        return spelled(self.vocabulary.decode(said), [*PEOPLE, "I"])


def _help() -> str:
    from tinytorch.datasets.tinytalks.build import ASIDES, DOES, GREETINGS, PEOPLE

    greetings = " ".join(greeting for greeting, _ in GREETINGS)
    return (
        f"I know these people: {', '.join(PEOPLE)}. They do this: {', '.join(DOES)}. You can also tell me: "
        f"{' '.join(ASIDES)} Then ask: What does {PEOPLE[0]} do? Or say who you are: {greetings} This is {PEOPLE[1]}."
    )


def _listed(pieces: list[str], most: int = 3, longest: int = 20) -> str:
    """The first of them, in characters that do no harm to a terminal."""
    shown = [ascii(piece if len(piece) <= longest else piece[: longest - 3] + "...") for piece in pieces[:most]]
    return ", ".join(shown) + (f" and {len(pieces) - most} more" if len(pieces) > most else "")


@click.command(short_help="Talk with the model that vaswani_chatgpt trains.")
def chat() -> None:
    """Talk with the model that vaswani_chatgpt trains (it is trained first if need be).

    A line of a pipe is answered with a line.
    """
    person = sys.stdin.isatty()
    talker = Talker(_model())
    width = min(shutil.get_terminal_size().columns, WIDEST)
    if person and sys.platform != "win32":
        import readline  # noqa: F401  # with it, input() has the arrow keys
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        if person:
            click.echo(talker.introduction)
        while (line := input("> " if person else "")).strip().lower().rstrip(".!") not in GOODBYES:
            reply = talker.reply(line)
            click.echo(fill(reply, width) if person else reply)
    except (EOFError, KeyboardInterrupt):
        if person:
            click.echo()  # the shell's next prompt is to begin on a line of its own


def _model() -> dict[str, Any]:
    from tinytorch.cli.screen import Terminal
    from tinytorch.milestones import trained
    from tinytorch.milestones.kit import NotTrainedError

    found = trained.find(PROGRAM)
    if found is not None:
        return found
    click.echo(f"{PROGRAM} has not been trained yet: that takes about a quarter of a minute, once.", err=True)
    with Terminal() as terminal:
        terminal.console.file = sys.stderr  # what goes to stdout are answers
        try:
            return trained.find_or_train(PROGRAM, [terminal])
        except NotTrainedError as missed:
            click.echo(f"tinytorch: {missed}", err=True)
            raise click.exceptions.Exit(GATE_MISSED) from None
