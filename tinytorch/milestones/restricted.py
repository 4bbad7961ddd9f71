"""How can a function that a model wrote be run without trusting it?

Python's parser reads it, and a small interpreter does what its tree says. Nothing is handed to `exec` or `eval`, so
what the interpreter does not know cannot happen: it knows whole numbers, lists of them, a few operators, `if`, list
comprehensions, `len` and `max`. There are no attributes, no imports, no powers and no other loops; numbers, lists
and the number of steps are bounded. Whatever else is asked for is refused.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

LONGEST = 1000  # characters of a function
STEPS = 1000  # parts of the tree that are evaluated in one call
LARGEST, MOST = 10**6, 100  # a number's size, and how many of them in a list

OPERATORS: Mapping[type[ast.AST], Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Mod: operator.mod,
    ast.Lt: operator.lt, ast.Gt: operator.gt, ast.Eq: operator.eq,
}  # fmt: skip
KNOWN = (
    ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.If, ast.Name, ast.Load, ast.Store,
    ast.Constant, ast.BinOp, ast.Compare, ast.Call, ast.ListComp, ast.comprehension, *OPERATORS,
)  # fmt: skip
FUNCTIONS: Mapping[str, Callable[..., Any]] = {"len": len, "max": max}


class RefusedError(Exception):
    """The function asks for something that is not allowed, or fails."""


def parse(source: str) -> ast.Module | None:
    r"""The tree of Python code; None if Python's parser does not understand it, or it is longer than `LONGEST`.

    >>> parse("def double(x):\n    return x *") is None
    True
    """
    if len(source) > LONGEST:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as: in `3if`, a space is missing
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # MemoryError: its stack is full
            return None


def call(source: str, *arguments: Any) -> Any:
    r"""What the one function in `source` returns for the arguments, which are whole numbers or lists of them.

    Raises:
        RefusedError: It is not one function, holds what is not allowed, fails, or returns nothing.

    >>> call("def double(x):\n    return x * 2", 21)
    42
    >>> call("def power(x):\n    return x ** x", 9)
    Traceback (most recent call last):
    tinytorch.milestones.restricted.RefusedError: Pow is not allowed
    """
    return _returned(_plain_function(source), arguments)


def agrees(source: str, means: Callable[..., Any], inputs: Iterable[tuple[Any, ...]]) -> bool:
    r"""Whether the one function in `source` returns, for every input, what `means` returns: equal, and of one type.

    >>> agrees("def double(x):\n    return x * 2", lambda x: x + x, [(-1,), (0,), (21,)])
    True
    >>> agrees("def is_above_2(x):\n    return x", lambda x: x > 2, [(0,), (1,)])  # 0 is equal to False
    False
    """
    try:
        function = _plain_function(source)
        pairs = ((_returned(function, arguments), means(*arguments)) for arguments in inputs)
        return all(type(found) is type(wanted) and found == wanted for found, wanted in pairs)
    except RefusedError:
        return False


def _plain_function(source: str) -> ast.FunctionDef:
    """The one function in `source`, if it holds nothing but what the interpreter knows."""
    match parse(source):
        case ast.Module(body=[ast.FunctionDef(decorator_list=[], returns=None) as function]):
            if ast.unparse(function.args) != ", ".join(_parameters(function)):
                raise RefusedError("the function has other than plain arguments")
            for node in ast.walk(function):
                if not isinstance(node, KNOWN):
                    raise RefusedError(f"{type(node).__name__} is not allowed")
            return function
    raise RefusedError("the source is not one plain function, and nothing else")


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [parameter.arg for parameter in function.args.args]


def _returned(function: ast.FunctionDef, arguments: Sequence[Any]) -> Any:
    names = dict(zip(_parameters(function), arguments))
    if not len(names) == len(function.args.args) == len(arguments):
        raise RefusedError(f"the function has not {len(arguments)} arguments of different names")
    try:
        returned = _Interpreter().body(function.body, names)
    except (ArithmeticError, RecursionError, TypeError, ValueError) as error:
        raise RefusedError(str(error)) from error
    if returned is None:
        raise RefusedError("the function returns nothing: it ends without `return`")
    return returned


class _Interpreter:
    """Does what a tree says, and counts the steps."""

    def __init__(self) -> None:
        self.steps = 0

    def body(self, statements: Sequence[ast.stmt], names: dict[str, Any]) -> Any:
        """The value of the first `return` that is reached; None if there is none."""
        for statement in statements:
            match statement:
                case ast.Return(value=ast.expr() as value):
                    return self.value(value, names)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    names[name] = self.value(value, names)
                case ast.If(test=test, body=then, orelse=otherwise):
                    returned = self.body(then if self.value(test, names) else otherwise, names)
                    if returned is not None:
                        return returned
                case _:
                    raise RefusedError(f"{type(statement).__name__} is not allowed like this")
        return None

    def value(self, node: ast.expr, names: Mapping[str, Any]) -> Any:
        """The value of an expression: a whole number, or a list of them, of bounded size."""
        self.steps += 1
        if self.steps > STEPS:
            raise RefusedError(f"the function takes more than {STEPS} steps")
        return _bounded(self._any_value(node, names))

    def _any_value(self, node: ast.expr, names: Mapping[str, Any]) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name) if name in names:
                return names[name]
            case ast.BinOp(left=left, op=sign, right=right) | ast.Compare(left=left, ops=[sign], comparators=[right]):
                return self._combined(left, sign, right, names)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS.keys() - names:
                return FUNCTIONS[name](*[self.value(argument, names) for argument in arguments])
            case ast.ListComp(generators=[ast.comprehension(target=ast.Name(id=name), is_async=0) as part]):
                return self._list(node.elt, name, part, names)
            case ast.Name(id=name):
                raise RefusedError(f"{name} is not known, or no number")
        raise RefusedError(f"{type(node).__name__} is not allowed like this")

    def _combined(self, left: ast.expr, sign: ast.AST, right: ast.expr, names: Mapping[str, Any]) -> int:
        values = self.value(left, names), self.value(right, names)
        if any(isinstance(value, list) for value in values):
            raise RefusedError("a list is no number: operators are for numbers")
        return OPERATORS[type(sign)](*values)

    def _list(self, element: ast.expr, name: str, part: ast.comprehension, names: Mapping[str, Any]) -> list[Any]:
        found = []
        for value in self.value(part.iter, names):
            inside = {**names, name: value}
            if all(self.value(condition, inside) for condition in part.ifs):
                found.append(self.value(element, inside))
        return found


def _bounded(value: Any) -> Any:
    numbers = value if isinstance(value, list) else [value]
    if len(numbers) > MOST or not all(isinstance(number, int) and abs(number) <= LARGEST for number in numbers):
        raise RefusedError(f"a value is neither a whole number up to {LARGEST} nor a list of up to {MOST} of them")
    return value
