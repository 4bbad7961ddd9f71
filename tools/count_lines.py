"""Count the lines of code of the framework, without docstrings, comments and blank lines, and keep to the budget.

    python tools/count_lines.py

The framework is the package without its datasets, milestones and command line. Exits with 1 above 4,000 lines in all
or 300 in one file: past that, a reader no longer finishes it in a weekend, or a file in one sitting.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "tinytorch"
APART = ("datasets", "milestones", "cli")
WHOLE, FILE = 4000, 300
NOT_CODE = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def lines_of_code(source: str) -> int:
    r"""How many lines hold code.

    >>> lines_of_code('"docstring"\n\n# comment\nx = 1  # why\n')
    1
    """
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NOT_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            doc = node.body[0]
            lines.difference_update(range(doc.lineno, (doc.end_lineno or doc.lineno) + 1))
    return len(lines)


def main() -> int:
    """Print a table and judge it."""
    counts = {
        path.relative_to(PACKAGE.parent): lines_of_code(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in APART
    }
    for path, count in counts.items():
        print(f"{count:6}  {path}{'  TOO LONG' if count > FILE else ''}")
    total = sum(counts.values())
    print(f"{total:6}  lines of code in all, of at most {WHOLE}")
    return 1 if total > WHOLE or max(counts.values()) > FILE else 0


if __name__ == "__main__":
    sys.exit(main())
