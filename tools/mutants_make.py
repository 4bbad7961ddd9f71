"""Which small changes can be made to a file? Those of mutmut's operators, each as the whole changed source.

mutmut changes functions without decorators. Here formulas stand in decorated functions and at the top level as well
(``exp = real("exp", np.exp, lambda y: y)``), so they are changed, too. What only mypy reads, imports, decorators, and
what mutmut always leaves alone (docstrings, calls of ``len`` and ``isinstance``) stay as they are.
"""

from __future__ import annotations

from pathlib import Path

import libcst as cst
from mutants_try import Mutant
from mutmut.mutation.mutators import mutation_operators

LEFT_ALONE = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)
NOT_CALLED_OTHERWISE = ("len", "isinstance", "cast", "TypeVar")


class _Places(cst.CSTVisitor):
    """Every node that an operator changes, with what it becomes."""

    def __init__(self) -> None:
        self.found: list[tuple[cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        called = isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value
        if isinstance(node, LEFT_ALONE) or called in NOT_CALLED_OTHERWISE or _for_types_only(node):
            return False
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                self.found += [(node, changed) for changed in operator(node)]
        return True


def _for_types_only(node: cst.CSTNode) -> bool:
    """An alias such as ``Unary = tuple[Array, PullBack]``, or what stands under ``if TYPE_CHECKING``."""
    if isinstance(node, cst.If) and isinstance(node.test, cst.Name):
        return node.test.value == "TYPE_CHECKING"
    if not isinstance(node, cst.Assign) or not isinstance(node.value, cst.Subscript):
        return False
    return _code(node.value.value) in ("tuple", "Callable", "dict", "list")


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


class Source:
    """A file, and what can be changed in it. A mutant is made when it is asked for, which takes a while."""

    def __init__(self, root: Path, path: str) -> None:
        self.path, self.original = path, (root / path).read_text(encoding="utf-8")
        self.module = cst.parse_module(self.original)
        # the code of each statement at the top level: one of them is made anew for a mutant
        self.pieces = [self.module.code_for_node(statement) for statement in self.module.body]
        self.begin, self.end = self.original.split("".join(self.pieces))
        self.places: list[tuple[int, cst.CSTNode, cst.CSTNode]] = []
        for i, statement in enumerate(self.module.body):
            visitor = _Places()
            statement.visit(visitor)
            self.places += [(i, node, changed) for node, changed in visitor.found]

    def mutant(self, number: int) -> Mutant | None:
        """Return the mutant at a place; None if the change is none, or not Python."""
        i, node, changed = self.places[number]
        piece = self.module.code_for_node(self.module.body[i].deep_replace(node, changed))  # type: ignore[arg-type]
        source = "".join([self.begin, *self.pieces[:i], piece, *self.pieces[i + 1 :], self.end])
        if source == self.original or not _compiles(source):
            return None
        return Mutant(self.path, number, source, self.original)


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except (SyntaxError, ValueError):  # an argument without a name behind one with it, for example
        return False
    return True
