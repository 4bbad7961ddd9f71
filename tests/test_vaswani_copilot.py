"""Does vaswani_copilot earn its success, and is what a model writes kept from doing harm?"""

from __future__ import annotations

import ast
import builtins
import doctest
import re
import warnings
from itertools import combinations, product

import numpy as np
import programs
import pytest

from tinytorch.milestones import catalog, patterns, restricted
from tinytorch.milestones.restricted import RefusedError, agrees, call, parse

NAME = "vaswani_copilot"
PARSES, COMBINED, NUMBERED, REMEMBERED = (
    "completions that Python can parse",
    "right, of new combinations",
    "right, of new numbers",
    "held-out names that were in training",
)


@pytest.fixture(scope="module")
def science():
    return programs.science(NAME)


@pytest.fixture(scope="module")
def trained():
    """The program as it is, run once: its result, and what it showed."""
    listener = programs.Listener()
    return catalog.load(NAME).play(seed=0, screens=[listener]), listener.pictures


def every_function(science):
    """All functions that the patterns can make, by signature."""
    operations = science.STEPS | science.TESTS
    for signature, pattern in science.PATTERNS.items():
        options = [
            product(science.TESTS if place == "q" else science.STEPS, science.NUMBERS)
            for place in patterns.places(signature)
        ]
        yield signature, [patterns.write(signature, *pattern, operations, c, "zk") for c in product(*options)]


def parts(function) -> set[tuple[str, str]]:
    return set(re.findall(r"(add|subtract|times|above|below|multiple_of)_(\d)", function.prompt))


# ---- the program as it is ----


def test_meets_its_gates_and_the_ngram_does_not(trained):
    result, shown = trained
    assert result.success, [str(gate) for gate in result.missed]
    for what, count, _, ngram in shown["Held-out functions done right"].rows:
        assert int(count) >= 30
        assert float(ngram.rstrip("%")) < 10, what


def test_attention_finds_the_numbers_in_the_name(trained):
    """When it writes the numbers of a function of two operations, the last layer looks at them in the name."""
    picture = trained[1]["Where the last layer looks for each piece of a right body"]
    numbers = [i for i, piece in enumerate(picture.rows) if piece.isdigit() and piece != "0"]
    places = [i for i, piece in enumerate(picture.columns) if piece.isdigit()]
    assert len(numbers) >= 2
    assert len(places) == 2
    looked = np.max(list(picture.panels.values()), axis=0)[numbers]  # the head that looks hardest
    assert set(looked.argmax(axis=1)) == set(places)
    for panel in picture.panels.values():
        assert (panel >= 0).all()
        assert (panel.sum(axis=1) <= 1 + 1e-5).all()


# ---- its data ----


def test_held_out_functions_never_reach_training(science, monkeypatch):
    seen = []
    monkeypatch.setattr(science, "train", lambda run, model, read, *rest: seen.append(read) or [])
    kept = catalog.load(NAME).play(seed=7, epochs=1).kept
    pieces = ["", *kept["vocabulary"]]
    texts = ["".join(pieces[number] for number in row) for row in seen[0]]
    known, held_out = science.draw(7, 160, 6)
    assert sorted(texts) == sorted(f.prompt + f.body for f in known)
    names = {text.partition("(")[0] for text in texts}
    held = [f for functions in held_out.values() for f in functions]
    assert len(held) >= 70
    assert not names & {f.prompt.partition("(")[0] for f in held}
    together = set.union(*map(parts, known))
    assert all(not parts(f) <= together for f in held_out["number"])
    assert all(parts(f) <= together for f in held_out["combination"])
    # Each number, and each operation, of a pair that is kept apart is known from other pairs.
    assert {number for _, number in together} == set(map(str, science.NUMBERS))
    assert {name for name, _ in together} == {*science.STEPS, *science.TESTS}


def test_functions_do_what_they_mean_in_python_too(science):
    """Python itself and the restricted interpreter agree about all of them (they come from here, so may be run)."""
    for _, functions in every_function(science):
        for function in functions[::3] if len(functions) > 100 else functions:
            assert function.is_done_by(function.body)
        for function in functions[:: max(1, len(functions) // 12)]:
            space: dict[str, object] = {}
            exec(function.prompt + function.body, space)
            real = space[function.prompt[4:].partition("(")[0]]
            for arguments in function.inputs:
                found = call(function.prompt + function.body, *arguments)
                assert (type(found), found) == (type(real(*arguments)), real(*arguments)), function


def test_wrong_bodies_are_told_from_right_ones(science):
    """Of the functions with one operation, no other one's body does."""
    for signature, functions in every_function(science):
        if len(patterns.places(signature)) == 1:
            for one, other in combinations(functions, 2):
                assert not one.is_done_by(other.body), (one, other)


def test_pieces_make_up_the_text_again(science):
    for _, functions in every_function(science):
        for prompt, body, _ in functions:
            assert "".join(science.PIECES.findall(prompt + body)) == prompt + body
            assert science.PIECES.findall(prompt) + science.PIECES.findall(body) == science.PIECES.findall(
                prompt + body
            )
    assert science.PIECES.findall("def add_3(x):\n    return x + 3\n") == [
        "def ", "add", "_", "3", "(", "x", ")", ":", "\n", "    ", "return ", "x", " + ", "3", "\n",
    ]  # fmt: skip


# ---- the program, broken ----


@pytest.mark.parametrize("settings", [{"epochs": 0}, {"epochs": 1, "copies": 30, "learning_rate": 0.0}], ids=str)
def test_untrained_or_frozen(settings):
    assert programs.missed(NAME, **settings) == {PARSES, COMBINED, NUMBERED}


def test_shuffled_bodies(science, monkeypatch):
    honest = science.draw

    def shuffled(*settings):
        known, held_out = honest(*settings)
        order = np.random.default_rng(0).permutation(len(known))
        return [f._replace(body=known[i].body) for f, i in zip(known, order)], held_out

    monkeypatch.setattr(science, "draw", shuffled)
    assert {COMBINED, NUMBERED} <= programs.missed(NAME, epochs=2)


def test_a_memory_of_the_training_functions_is_not_enough(science, monkeypatch):
    """Whoever copies the body under the likest name writes good Python that does something else."""
    taught = []
    monkeypatch.setattr(science, "train", lambda run, model, read, *rest: [])
    honest = science.draw

    def remembered(*settings):
        known, held_out = honest(*settings)
        taught.extend(known)
        return known, held_out

    def copied(model, vocabulary, prompts):
        like = [{*science.PIECES.findall(f.prompt)} for f in taught]
        asked = [{*science.PIECES.findall(prompt)} for prompt in prompts]
        return [taught[np.argmax([len(words & each) - len(words ^ each) for each in like])].body for words in asked]

    monkeypatch.setattr(science, "draw", remembered)
    monkeypatch.setattr(science, "complete", copied)
    assert programs.missed(NAME) == {COMBINED, NUMBERED}


def test_true_bodies_meet_every_gate_and_held_out_functions_in_training_do_not(science, monkeypatch):
    known, held_out = science.draw(0, 160, 6)
    true = {f.prompt: f.body for functions in held_out.values() for f in functions}
    monkeypatch.setattr(science, "complete", lambda model, vocabulary, prompts: [true[p] for p in prompts])
    assert programs.missed(NAME, epochs=0) == set()
    leaked = [*known, held_out["combination"][0]]
    monkeypatch.setattr(science, "draw", lambda *settings: (leaked, held_out))
    assert programs.missed(NAME, epochs=0) == {REMEMBERED}
    monkeypatch.setattr(science, "complete", lambda model, vocabulary, prompts: [true[p].lstrip(" ") for p in prompts])
    assert PARSES in programs.missed(NAME, epochs=0)


# ---- the restricted interpreter ----


def body(text: str) -> str:
    return "def f(x, xs):\n    " + text.replace("\n", "\n    ")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("return x % 3 == 2", True),
        ("y = x * 2\nreturn y - 1", 9),
        ("if x > 4:\n    return 1\nreturn 0", 1),
        ("if x < 4:\n    return 1\nelse:\n    x = 7\nreturn x", 7),
        ("return [y + x for y in xs if y > 1 if y < 3]", [7]),
        ("return len([x for x in xs])", 3),
        ("x = [x for x in xs if x > 2]\nreturn x", [3]),
        ("return max(x, 9) + max(xs)", 12),
        ("return [y for y in xs if x % y == 0]", [1]),
    ],
)
def test_what_is_allowed_is_what_python_does(text, wanted):
    space: dict[str, object] = {}
    exec(body(text), space)
    assert space["f"](5, [1, 2, 3]) == wanted
    assert call(body(text), 5, [1, 2, 3]) == wanted


ATTACKS = {
    "import": "import os\nreturn 1",
    "import by name": "return __import__('os').system('true')",
    "builtins": "return __builtins__",
    "attribute": "return x.__class__",
    "attribute of a list": "return xs.append(x)",
    "another function": "return abs(x)",
    "eval": "return eval('1')",
    "exec": "exec('x = 1')\nreturn x",
    "open": "return open('/etc/passwd')",
    "print": "return print(x)",
    "lambda": "return (lambda: x)()",
    "itself": "return f(x, xs)",
    "function inside": "def g():\n    return 1\nreturn g()",
    "class": "class A:\n    pass\nreturn 1",
    "endless": "while 1:\n    x = x\nreturn x",
    "for": "for y in xs:\n    x = y\nreturn x",
    "power": "return 9 ** 9 ** 9",
    "shift": "return 1 << 99999",
    "large number": "return " + "9" * 900,
    "growth": "return " + "*".join(["x"] * 400),
    "growth in lines": "\n".join(["x = x * x"] * 40 + ["return x"]),
    "long list": "return xs * 1000000",
    "lists together": "return xs + xs",
    "list written out": "return [1, 2]",
    "comprehension in comprehension": "return [y for y in xs for z in xs]",
    "bomb": "return len([len([len([len([x for x in xs]) for x in xs]) for x in xs]) for x in xs])",
    "list of lists": "return [xs for y in xs]",
    "generator": "return max(y for y in xs)",
    "set": "return {y for y in xs}",
    "dict": "return {y: y for y in xs}",
    "walrus": "return (y := x)",
    "star": "return max(*xs)",
    "keyword": "return max(xs, key=len)",
    "text": "return 'x' * 5",
    "format": "return f'{x}'",
    "float": "return x * 1.5",
    "nothing": "return None",
    "bare return": "return",
    "no return": "x = x",
    "yield": "yield x",
    "await": "return await x",
    "global": "global x\nreturn x",
    "delete": "del x\nreturn 1",
    "try": "try:\n    return 1\nexcept E:\n    return 2",
    "with": "with x:\n    return 1",
    "raise": "raise x",
    "assert": "assert x\nreturn x",
    "item": "return xs[0]",
    "stored item": "xs[0] = 1\nreturn x",
    "two targets": "x, y = xs\nreturn x",
    "added in place": "x += 1\nreturn x",
    "no such name": "return y",
    "divided by nothing": "return x % 0",
    "empty maximum": "return max([y for y in xs if y > 99])",
    "length of a number": "return len(x)",
    "number as list": "return [y for y in x]",
    "hidden name": "len = x\nreturn len(xs)",
    "chain": "return 1 < x < 9",
    "deep minus": "return " + "-" * 900 + "x",
    "deep sum": "return " + "+".join(["x"] * 490),
    "deep brackets": "return " + "(" * 450 + "x" + ")" * 450,
    "too long": "return x" + " " * 1000,
    "end of text": "return x\0",
    "half a character": "return x # \ud800",
    "after its end": "return x\nimport os",
    "second function": "return x\ny = 1\nclass A: pass",
}


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS)
def test_everything_else_is_refused(text, monkeypatch):
    ran, refused = [], False
    with monkeypatch.context() as patch:
        for name in ("eval", "exec", "open", "print"):
            patch.setattr(builtins, name, lambda *args, **settings: ran.append(args))
        try:
            call(body(text), 5, [1, 2, 3, 4, 5, 6])
        except RefusedError:
            refused = True
    assert refused
    assert not ran


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1",
        "lambda x: x",
        "def f(x):\n    return x\nx = 1",
        "def f(x):\n    return x\ndef g(x):\n    return x",
        "def f():\n    return 1",
        "def f(x, y):\n    return x",
        "def f(x, y=1):\n    return x",
        "def f(x, *y):\n    return x",
        "def f(x, **y):\n    return x",
        "def f(*, x):\n    return x",
        "def f(x, /):\n    return x",
        "def f(x: 1):\n    return x",
        "def f(x) -> 1:\n    return x",
        "@f\ndef f(x):\n    return x",
        "async def f(x):\n    return x",
        "class f:\n    def f(x):\n        return x",
    ],
)
def test_only_one_plain_function_is_run(source):
    with pytest.raises(RefusedError, match=r"plain|not 1 arguments"):
        call(source, 1)


def test_argument_named_twice_is_refused():
    with pytest.raises(RefusedError):
        call("def f(x, x):\n    return x", 1, 2)


def test_work_is_bounded():
    """The steps, not the time, end a comprehension that would take a million of them."""
    many = list(range(100))
    assert call("def f(xs):\n    return len([x for x in xs if x > 49])", many) == 50
    with pytest.raises(RefusedError, match="more than 1000 steps"):
        call("def f(xs):\n    return [len([len([x for x in xs]) for x in xs]) for x in xs]", many)
    with pytest.raises(RefusedError, match="neither a whole number up to 1000000"):
        call("def f(x):\n    return x * x", 1001)


def test_arguments_stay_as_they_were():
    numbers = [3, 1, 2]
    assert call("def f(xs):\n    xs = [x + 1 for x in xs]\n    return xs", numbers) == [4, 2, 3]
    assert numbers == [3, 1, 2]


def test_parse_says_what_python_says_and_is_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parse("def f(x):\n    return 3if x else 4") is not None  # Python warns of the missing space
        assert parse("def f(x):\n    return '\\d'") is not None
    for broken in ("def f(x):\n", "def f(x):\n    return x +", "def f(x):\nreturn x", "def f(x):\n    return len([x"):
        assert parse(broken) is None
        with pytest.raises(SyntaxError):
            ast.parse(broken)


def test_agreement_is_of_values_and_types():
    assert agrees("def f(x):\n    return x > 0", lambda x: x > 0, [(0,), (1,)])
    assert not agrees("def f(x):\n    return x", lambda x: x > 0, [(0,), (1,)])
    assert not agrees("def f(x):\n    return x", lambda x: x if x < 2 else 0, [(0,), (1,), (2,)])
    assert not agrees("def f(x):\n    return y", lambda x: x, [(0,)])


@pytest.mark.parametrize("module", [restricted, patterns])
def test_examples_in_docstrings(module):
    failures, tried = doctest.testmod(module)
    assert (failures, tried > 0) == (0, True)
