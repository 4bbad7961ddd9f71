"""How does the API reach the page? Every public name of a room, with the docstring that stands in the code.

    ```{room} nn.functional
    ```

lists the names of `tinytorch.nn.functional`. The docstrings are plain text with `code` in backticks and doctest
examples; what reStructuredText would read into their asterisks and underscores is written so that it does not.
"""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any, ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import tinytorch

SPECIAL = re.compile(r"(``.+?``|`[^`]+`|:\w+:`[^`]+`)|([*|\\]|(?<=\w)_(?=\W|$))")


def public(room: str) -> list[str]:
    """The names that a room offers, in alphabetical order; what `torch` has, too, stands there.

    >>> [name for name in public("linalg") if name.startswith("n")]
    ['norm']
    >>> "no_grad" in public(""), "no_grad" in public("autograd"), "Optimizer" in public("optim.lr_scheduler")
    (True, False, False)
    """
    path = f"tinytorch.{room}".rstrip(".")
    home = importlib.import_module(path)
    declared = getattr(home, "__all__", ())
    found = []
    for name in declared or dir(home):
        value = getattr(home, name, None)
        module = str(getattr(value, "__module__", ""))
        own = name in declared or module.startswith(path)
        elsewhere = value is tinytorch.Tensor or (room and getattr(tinytorch, name, None) is value)
        if not name.startswith("_") and callable(value) and own and not elsewhere and inspect.getdoc(value):
            found.append(name)
    return sorted(found, key=str.lower)


def plain(line: str) -> str:
    r"""A line of a docstring as reStructuredText that shows it as it is.

    >>> plain("(*, in) -> `*args`, see :func:`load`; ``x``, y_ and a|b")
    '(\\*, in) -> ``*args``, see :func:`load`; ``x``, y\\_ and a\\|b'
    """

    def written(found: re.Match[str]) -> str:
        code, sign = found.groups()
        if sign:
            return f"\\{sign}"
        role = line[: found.start()].endswith(":") and re.search(r":\w+:$", line[: found.start()])
        return code if role or code.startswith(("``", ":")) else f"`{code}`"

    return SPECIAL.sub(written, line)


def reworded(app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """Rewrite a docstring in place, but for its examples."""
    in_example = False
    for i, line in enumerate(lines):
        in_example = line.lstrip().startswith((">>>", "...")) or (in_example and bool(line.strip()))
        if not in_example:
            lines[i] = plain(line)
    # An example that follows a line of text needs an empty line between.
    for i in range(len(lines) - 1, 0, -1):
        if lines[i].lstrip().startswith(">>>") and lines[i - 1].strip() and ">>>" not in lines[i - 1]:
            before = lines[i - 1].lstrip()
            if not before.startswith("...") and not _output(lines, i - 1):
                lines.insert(i, "")


def _output(lines: list[str], i: int) -> bool:
    """Whether line i is what an example prints."""
    while i >= 0 and lines[i].strip():
        if lines[i].lstrip().startswith(">>>"):
            return True
        i -= 1
    return False


class Room(SphinxDirective):
    """The names of a room."""

    optional_arguments = 1
    option_spec: ClassVar[Any] = {"methods": lambda value: True}

    def run(self) -> list[Any]:
        """Return what autodoc makes of them."""
        room = self.arguments[0] if self.arguments else ""
        if "methods" in self.options:
            lines = [f".. autoclass:: tinytorch.{room}", "   :members:"]
        else:
            path = f"tinytorch.{room}".rstrip(".")
            home = importlib.import_module(path)
            lines = []
            for name in public(room):
                kind = "autoclass" if inspect.isclass(getattr(home, name)) else "autofunction"
                lines += [f".. {kind}:: {path}.{name}", ""]
        node = nodes.container(classes=["api"])
        wrapper = _Rst(self)
        wrapper.parse(lines, node)
        return [node]


class _Rst:
    """reStructuredText inside a MyST page, as `{eval-rst}` reads it."""

    def __init__(self, directive: SphinxDirective) -> None:
        self.directive = directive

    def parse(self, lines: list[str], node: Any) -> None:
        text = "\n".join(["```{eval-rst}", *lines, "```"])
        node += self.directive.parse_text_to_nodes(text)


def setup(app: Any) -> None:
    """Add the directive."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.connect("autodoc-process-docstring", reworded, priority=400)  # before napoleon's sections
    app.add_directive("room", Room)
