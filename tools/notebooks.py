"""How does a milestone become a notebook? Its file is cut into cells; nothing is written by hand.

    python tools/notebooks.py          # write notebooks/NAME.ipynb for each milestone
    python tools/notebooks.py --run    # and run each from top to bottom in a kernel; exits with 1 if a gate is missed

The docstring becomes text, imports and each function a cell; then comes the milestone's own function, opened: its
parameters are variables, its paragraphs are cells, and `run` shows what they report. So a reader can look at every
value between two steps. Notebooks are kept without outputs; jupytext writes them.
"""

from __future__ import annotations

import argparse
import ast
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jupytext

from tinytorch.milestones import catalog
from tinytorch.milestones.kit import Milestone

FOLDER = Path(__file__).parent.parent / "notebooks"
PERCENT = "# %%{}\n{}\n"


def cells(name: str) -> Iterator[tuple[str, str]]:
    """The cells of a milestone's notebook, as (kind, text); the kinds are "markdown" and "code"."""
    program, source = catalog.load(name), catalog.path(name).read_text(encoding="utf-8")
    head, *rest = ast.parse(source).body
    yield "markdown", _title(program, ast.get_docstring(ast.parse(source)) or "")
    together: list[str] = []  # imports and constants share a cell
    end = head.end_lineno or 0
    for node in rest:
        code = _lines(source, end, node.end_lineno or 0)
        end = node.end_lineno or 0
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            if together:
                yield "code", "".join(together).strip()
                together = []
            if node.name == name:
                break
            yield "code", code.strip()
        else:
            together.append(code)
    assert isinstance(node, ast.FunctionDef)  # every program ends with the function that is its name
    yield from _opened(program, source, node)


def _title(program: Milestone, docstring: str) -> str:
    question, _, rest = docstring.partition("\n\n")
    needs = "This notebook needs TinyTorch, and matplotlib for its pictures."
    if program.dataset:
        needs += (
            f" It reads {program.data.partition(':')[0]}, which is fetched once: run "
            f"`tinytorch datasets download {program.dataset}` in a terminal, or in a cell of its own with ! before it."
        )
    source = f"`{catalog.path(program.name).relative_to(catalog.FOLDER.parent.parent).as_posix()}`"
    return f"# {program.year}: {question}\n\n{rest}\n\n*{needs} Made from {source}.*"


def _opened(program: Milestone, source: str, function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """The milestone's function as cells: what it is given, its paragraphs, the verdict."""
    trains = "" if program.epochs is None else f", epochs={program.epochs}"
    settings = "\n".join(f"{name} = {value!r}" for name, value in program.settings.items())
    begin = f'from tinytorch.cli.notebook import begin\n\nrun = begin("{program.name}", seed=0{trains})'
    yield "markdown", "## The run\n\nChange a number and run the cells from here on again."
    yield "code", f"{begin}\n{settings}".strip()
    yield from (("code", paragraph) for paragraph in _paragraphs(source, function))
    yield "markdown", "## The verdict"
    yield "code", "run.verdict()"


def _paragraphs(source: str, function: ast.FunctionDef) -> Iterator[str]:
    """The function's body, cut where a blank line stands between two of its statements."""
    gathered, end = "", function.body[0].lineno - 1
    for statement in function.body:
        code = _lines(source, end, statement.end_lineno or 0)
        if gathered and code.startswith("\n"):
            yield textwrap.dedent(gathered).strip()
            gathered = ""
        gathered, end = gathered + code, statement.end_lineno or 0
    yield textwrap.dedent(gathered).strip()


def _lines(source: str, after: int, to: int) -> str:
    return "".join(source.splitlines(keepends=True)[after:to])


def notebook(name: str) -> Any:
    """The notebook of a milestone, without outputs."""
    text = "".join(
        PERCENT.format(" [markdown]", "\n".join(f"# {line}".rstrip() for line in body.splitlines()))
        if kind == "markdown"
        else PERCENT.format("", body)
        for kind, body in cells(name)
    )
    made = jupytext.reads(text, fmt="py:percent")
    made.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(made.cells):
        cell.id = f"cell-{number}"  # the same file whenever it is written
        cell.metadata = {}
    return made


def as_text(made: Any) -> str:
    """The notebook's file."""
    return str(jupytext.writes(made, fmt="ipynb")).rstrip("\n") + "\n"


def played(made: Any, changes: Mapping[str, str] | None = None) -> Any:
    """The notebook after a kernel has run it from top to bottom; `changes` are texts in its cells, and what to replace.

    Raises:
        nbclient.exceptions.CellExecutionError: If a cell raises.
    """
    from nbclient import NotebookClient

    for cell in made.cells:
        for old, new in (changes or {}).items():
            cell.source = cell.source.replace(old, new)
    NotebookClient(made, timeout=1800, kernel_name="python3").execute()
    return made


def verdict(made: Any) -> bool:
    """What the last cell of a notebook that was run returned: whether all gates were met."""
    returned = [
        output.data["text/plain"] for output in made.cells[-1].outputs if output.output_type == "execute_result"
    ]
    return bool(returned == ["True"])


def main() -> int:
    """Write the notebooks and, with --run, run them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--run", action="store_true", help="run each that needs no download")
    wishes = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    missed = []
    for name in catalog.names():
        made = notebook(name)
        (FOLDER / f"{name}.ipynb").write_text(as_text(made), encoding="utf-8")
        if wishes.run and not catalog.load(name).dataset:
            met = verdict(played(made))
            print(f"{name}: {'all gates met' if met else 'a gate was missed'}", flush=True)
            missed += [] if met else [name]
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
