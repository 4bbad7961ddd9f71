"""Does `tinytorch compare` tell what differs between two runs, and refuse whatever is no run? Each test runs it."""

from __future__ import annotations

import doctest
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from command import COMMAND, call, environment, one_line

from tinytorch.cli import compare
from tinytorch.milestones import at_least
from tinytorch.milestones.kit import Gate, Result
from tinytorch.milestones.sweep import Sweep


def result(accuracy: float, name: str = "reader", seed: int = 0, seconds: float = 2.0, **more: float) -> Result:
    """A run with one gate, whose settings and metrics are as told."""
    config = {"rate": more.pop("rate", 0.1), "hidden": 32}
    gate = Gate("accuracy", accuracy, at_least(0.9, percent=True))
    return Result(name, 1986, seed, 20, config, {"images right": round(200 * accuracy), **more}, (gate,), seconds)


def file(folder: Path, name: str, *records: Result | Sweep) -> Path:
    """Write them as `tinytorch run --json` does: one by itself, several as a list."""
    plain = [record.to_json() for record in records]
    path = folder / name
    path.write_text(json.dumps(plain[0] if len(plain) == 1 else plain, indent=2, allow_nan=False), encoding="utf-8")
    return path


def shown(a: Path, b: Path, **extra: str) -> str:
    done = call("compare", a, b, **extra)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert max(map(len, done.stdout.splitlines())) <= 80 + max(len(str(a)), len(str(b)))
    return done.stdout


def rows(text: str) -> Mapping[str, list[str]]:
    """The cells after each label, which two spaces or more set apart."""
    cells = [re.split(r" {2,}", line.strip()) for line in text.splitlines()]
    return {label: rest for label, *rest in cells if rest}


# ---- two runs ----


def test_what_is_shared_is_said_once_and_what_differs_side_by_side(tmp_path):
    a = file(tmp_path, "a.json", result(0.925, seconds=2.0, loss=0.25))
    b = file(tmp_path, "b.json", result(0.88, seed=7, seconds=5.0, loss=0.5, rate=0.02))
    text = shown(a, b)
    assert text.count("hidden 32") == text.count("framework tinytorch") == 1
    assert "rate 0.1" not in text  # it is not shared
    table = rows(text)
    assert table["seed"] == ["0", "7"]
    assert table["rate"] == ["0.1", "0.02"]
    assert table["accuracy (at least 0.9)"] == ["✓ 0.925", "✗ 0.88", "-0.045"]
    assert table["images right"] == ["185", "176", "-9"]
    assert table["loss"] == ["0.25", "0.5", "+0.25"]
    assert table["seconds"] == ["2", "5", "×2.5"]


def test_a_run_equals_itself(tmp_path):
    a = file(tmp_path, "a.json", result(0.925))
    table = rows(shown(a, a))
    assert "settings" not in table
    assert table["accuracy (at least 0.9)"][-1] == table["images right"][-1] == "same"
    assert table["seconds"][-1] == "×1"


def test_two_numbers_that_differ_are_not_shown_as_the_same(tmp_path):
    a, b = file(tmp_path, "a.json", result(0.9)), file(tmp_path, "b.json", result(0.9000001))
    assert rows(shown(a, b))["accuracy (at least 0.9)"] == ["✓ 0.9", "✓ 0.9000001", "+1e-07"]


def test_a_number_that_is_missing_or_none_has_no_difference(tmp_path):
    a = file(tmp_path, "a.json", result(0.95, loss=math.nan, only=3))
    b = file(tmp_path, "b.json", result(0.95, loss=0.5))
    table = rows(shown(a, b))
    assert table["loss"] == ["not a number", "0.5"]
    assert table["only"] == ["3", "–"]


def test_gates_that_ask_for_different_things_show_both(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(__version__="2.13.0"))  # for the record's sake
    full = result(0.98)
    gate = Gate("accuracy", 0.98, at_least(0.975))
    b = file(tmp_path, "b.json", Result(full.name, 1986, 0, 7, {}, {}, (gate,), 30.0, "torch", True))
    table = rows(shown(file(tmp_path, "a.json", result(0.95)), b))
    assert table["accuracy (at least 0.9 / at least 0.975)"] == ["✓ 0.95", "✓ 0.98", "+0.03"]
    assert table["framework"] == ["tinytorch", "torch"]
    assert table["full"] == ["no", "yes"]
    assert table["hidden"] == ["32", "–"]


def test_different_programs_are_compared_where_they_can_be_and_it_is_said(tmp_path):
    text = shown(file(tmp_path, "a.json", result(0.95)), file(tmp_path, "b.json", result(0.96, "other")))
    assert "A is reader, B is other" in text
    assert "Different programs" in text
    assert rows(text)["images right"] == ["190", "192", "+2"]


# ---- several programs, several seeds ----


def test_lists_are_matched_by_name(tmp_path):
    a = file(tmp_path, "a.json", result(0.91, "one"), result(0.92, "two"), result(0.93, "alone"))
    b = file(tmp_path, "b.json", result(0.95, "two"), result(0.97, "one"), result(0.99, "new"))
    text = shown(a, b)
    one, two = text.index("\none\n"), text.index("\ntwo\n")
    assert rows(text[one:two])["accuracy (at least 0.9)"] == ["✓ 0.91", "✓ 0.97", "+0.06"]
    assert rows(text[two:])["accuracy (at least 0.9)"] == ["✓ 0.92", "✓ 0.95", "+0.03"]
    assert "Only in A: alone." in text
    assert "Only in B: new." in text
    text = shown(a, file(tmp_path, "c.json", result(0.5, "two")))
    assert rows(text)["accuracy (at least 0.9)"] == ["✓ 0.92", "✗ 0.5", "-0.42"]
    assert "Only in A: one, alone." in text


def test_sweeps_are_compared_by_their_means(tmp_path):
    values = (0.89, 0.92, 0.95)  # mean 0.92, standard deviation 0.03
    sweep = Sweep("reader", [result(value, seed=5 + i, seconds=1.0 + i) for i, value in enumerate(values)])
    text = shown(file(tmp_path, "a.json", sweep), file(tmp_path, "b.json", result(0.94, seed=9, seconds=3.0)))
    table = rows(text)
    assert table["seed"] == ["5 to 7", "9"]
    assert table["accuracy (at least 0.9)"] == ["2/3", "0.92 ± 0.03", "✓ 0.94", "+0.02"]
    assert table["seconds"] == ["2 ± 1", "3", "×1.5"]
    assert "mean ± standard deviation" in text


def test_what_run_writes_is_what_compare_reads(tmp_path):
    sweep, listed = tmp_path / "sweep.json", tmp_path / "list.json"
    assert call("run", "xor_solved", "--seeds", 2, "--epochs", 5, "--json", sweep).returncode == 1
    assert call("run", "xor_solved", "forward_pass", "--json", listed).returncode == 0
    text = shown(sweep, listed)
    assert rows(text)["epochs"] == ["5", "300"]
    assert "Only in B: forward_pass." in text


# ---- what a terminal can show ----


def test_plain_where_colour_and_unicode_are_not_wanted(tmp_path):
    a, b = file(tmp_path, "a.json", result(0.92)), file(tmp_path, "b.json", result(0.85, "×→é"))
    settings = environment(PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii", NO_COLOR="1")
    done = subprocess.run(
        [*COMMAND, "compare", a.name, b.name], capture_output=True, env=settings, cwd=tmp_path, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert b"?" not in done.stdout
    assert b"\x1b" not in done.stdout
    assert b"ok 0.92" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "\x1b[" in shown(a, b, FORCE_COLOR="1")
    assert not re.search(r"\x1b\[[\d;]*3\d", shown(a, b, FORCE_COLOR="1", NO_COLOR="1"))


def test_names_cannot_steer_the_terminal(tmp_path):
    bad = "\x1b[31m\x07\n\u202e"
    record = result(0.92, f"reader{bad}", **{f"loss{bad}": 0.5}).to_json()
    record["config"] |= {f"key{bad}": f"value{bad}"}
    record["gates"][0]["relation"] += bad
    a = tmp_path / "a.json"
    a.write_text(json.dumps(record))
    text = shown(a, a)
    assert not set("\x1b\x07\u202e") & set(text)
    for word in ("reader", "loss", "key", "value", "at least"):
        assert f"{word}?[31m???" in text


# ---- what is no run ----


def broken(change: object) -> bytes:
    """A run's record with one thing in it changed."""
    record = result(0.92).to_json()
    record.update(change)  # type: ignore[call-overload]
    return json.dumps(record).encode()


GATE = {"name": "g", "value": 1, "relation": "at least", "required": 0, "met": True}
NOT_JSON, NO_RECORD = "is not JSON: give a file that `tinytorch run", "is JSON, but not the record of a run: give"
BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", NOT_JSON),
    "text": (b"accuracy 0.9", NOT_JSON),
    "cut short": (broken({})[:-20], NOT_JSON),
    "no text": (bytes(range(128, 256)), NOT_JSON),
    "deep": (b"[" * 200_000 + b"]" * 200_000, NOT_JSON),
    "large": (b" " * (compare.LARGEST + 1), "has more than 20 MB"),
    "number": (b"3", NO_RECORD),
    "empty list": (b"[]", NO_RECORD),
    "nested list": (b"[" + b"[" * 50 + b"]" * 50 + b"]", NO_RECORD),
    "other object": (b'{"name": "reader"}', NO_RECORD),
    "sweep of none": (b'{"runs": []}', NO_RECORD),
    "sweep of two": (b'{"runs": [' + broken({}) + b"," + broken({"name": "x"}) + b"]}", NO_RECORD),
    "NaN": (broken({"metrics": {"loss": math.nan}}), NO_RECORD),
    "infinite": (broken({"metrics": {"loss": 1}}).replace(b'"loss": 1', b'"loss": 1e999'), NO_RECORD),
    "endless seconds": (broken({"seconds": 10**400}), NO_RECORD),
    "words for numbers": (broken({"metrics": {"loss": "low"}}), NO_RECORD),
    "gate without verdict": (broken({"gates": [{**GATE, "met": None}]}), NO_RECORD),
    "gate without value": (broken({"gates": [{key: GATE[key] for key in GATE if key != "value"}]}), NO_RECORD),
    "nested setting": (broken({"config": {"a": {"b": 1}}}), NO_RECORD),
    "one bad in a list": (b"[" + broken({}) + b"," + broken({"config": 3}) + b"]", NO_RECORD),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_run_is_refused_by_name(kind, tmp_path):
    content, says = BAD[kind]
    bad = tmp_path / "bad.json"
    bad.write_bytes(content)
    with pytest.raises(click.UsageError, match=rf"bad\.json {re.escape(says)}"):
        compare.read(bad)


@pytest.mark.parametrize("kind", ["text", "deep", "NaN"])
def test_the_refusal_is_one_line_for_either_file(kind, tmp_path):
    good, bad = file(tmp_path, "good.json", result(0.92)), tmp_path / "bad.json"
    bad.write_bytes(BAD[kind][0])
    assert BAD[kind][1] in one_line(call("compare", *((bad, good) if kind == "deep" else (good, bad))))


def test_what_can_not_be_read_is_refused(tmp_path):
    good = file(tmp_path, "good.json", result(0.92))
    assert "no.json can't be read: No such file" in one_line(call("compare", good, tmp_path / "no.json"))
    assert "can't be read: Is a directory" in one_line(call("compare", tmp_path, good))
    assert "RUN.json is missing" in one_line(call("compare", good))
    assert "argument" in one_line(call("compare", good, good, good))


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs a file without end")
def test_a_file_without_end_is_refused(tmp_path):
    assert "has more than 20 MB" in one_line(call("compare", "/dev/zero", "/dev/null"))


def test_the_longest_number_is_not_reckoned_with():
    assert not compare._is_number(10**400)
    assert not compare._is_number(True)
    assert compare._is_number(-3.5)


def test_examples_in_docstrings():
    failures, tried = doctest.testmod(compare)
    assert (failures, tried > 0) == (0, True)
