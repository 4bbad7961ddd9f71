"""Count the lines of code of the framework, without docstrings, comments and blank lines, and hold them to the budget.

    python tools/count_lines.py        # a line for each file; * marks those that the chapters go through
    python tools/count_lines.py --why  # what the lines are spent on

The framework is the package without its datasets, milestones and command line. It was planned at 4,000 lines in all;
the whole of PyTorch's contract takes more than twice that. What the chapters of docs/framework go through stays within
4,000, so that a reader finishes it in a weekend, and a file within 300, for one sitting. Of the whole, what there is
now is the ceiling. Exits with 1 above any of the three. Lower the ceiling whenever the house has become smaller.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "tinytorch"
APART = ("datasets", "milestones", "cli", "__main__.py")
CHAPTERS = Path(__file__).parent.parent / "docs" / "framework"
BUDGET, FILE = 4000, 300  # of the chapters' files together, of any file
# The house as it was; the profiler, which tells where a program's time goes; convolution, pooling, normalization,
# attention and GELU in parts that stay in the cache (docs/benchmarks.md says what each bought); losses, shared parts,
# generators whose state is kept, and whole files (saved, cleaned up, read from strangers); windows worked out once, and
# columns that a small convolution keeps; sentences, and answers, for what is empty, infinite or nan; convolution and
# pooling of small images that lie innermost, and the bias's gradient as a column; DataParallel; numbers that float16
# can't hold beside it, files that are links, pipes or private, and sentences for what can't be written or read.
CEILING = 8000 + 581 + 440 + 188 + 30 + 21 + 121 + 83
NOT_CODE = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def lines_of_code(source: str) -> set[int]:
    r"""The lines that hold code.

    >>> lines_of_code('"docstring"\n\n# comment\nx = 1  # why\n')
    {4}
    """
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NOT_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            lines.difference_update(_span(node.body[0]))
    return lines


def _span(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _is_a_check(node: ast.AST) -> bool:
    is_if = isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise) and not node.orelse
    return is_if or isinstance(node, ast.Raise)


def spent_on(source: str) -> Counter[str]:
    """How many lines of code are of each kind; a line counts once, for the first kind that it is of."""
    left, spent = lines_of_code(source), Counter[str]()
    kinds: dict[str, list[range]] = {
        "imports and __all__": [],
        "signatures": [],
        "error sentences and their conditions": [],
    }
    for node in ast.walk(ast.parse(source)):
        text = ast.unparse(node) if isinstance(node, (ast.Assign, ast.Expr)) else ""
        if isinstance(node, (ast.Import, ast.ImportFrom)) or text.startswith("__all__"):
            kinds["imports and __all__"].append(_span(node))
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            kinds["signatures"].append(range(node.lineno, node.body[0].lineno))
        elif _is_a_check(node) or text.startswith(("need(", "need_tensors(")):
            kinds["error sentences and their conditions"].append(_span(node))
    for kind, spans in kinds.items():
        lines = {line for span in spans for line in span} & left
        spent[kind] += len(lines)
        left -= lines
    spent["everything else"] += len(left)
    return spent


def in_chapters() -> set[Path]:
    """The files that the chapters of docs/framework quote from."""
    text = "".join(path.read_text(encoding="utf-8") for path in CHAPTERS.glob("*.md"))
    return {Path(name) for name in re.findall(r"tinytorch/[a-z_/]+\.py", text)}


def main() -> int:
    """Print a table and judge it."""
    sources = {
        path.relative_to(PACKAGE.parent): path.read_text(encoding="utf-8")
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in APART
    }
    if "--why" in sys.argv:
        for kind, count in sum(map(spent_on, sources.values()), Counter[str]()).items():
            print(f"{count:6}  {kind}")
    counts = {path: len(lines_of_code(source)) for path, source in sources.items()}
    quoted = in_chapters()
    for path, count in counts.items() if "--why" not in sys.argv else ():
        print(f"{count:6}{'*' if path in quoted else ' '} {path}{'  TOO LONG' if count > FILE else ''}")
    weekend, total = sum(counts[path] for path in quoted), sum(counts.values())
    print(f"{weekend:6}  lines of code in the {len(quoted)} files of the chapters; the ceiling is {BUDGET}")
    print(f"{total:6}  lines of code in all; the ceiling is {CEILING}")
    return 1 if weekend > BUDGET or total > CEILING or max(counts.values()) > FILE else 0


if __name__ == "__main__":
    sys.exit(main())
