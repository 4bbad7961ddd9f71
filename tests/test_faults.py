"""Does `make faults` show what the tests injected, and fail when anything was lost?"""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from command import environment

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tools"))
card_faults, fault_rows = import_module("card_faults"), import_module("fault_rows")

TESTS = """
import pytest

@pytest.mark.fault("disks", "a full disk", "a small one", "a sentence")
@pytest.mark.parametrize("size", [1, 2])
def test_full(size, record_property):
    record_property("tries", 10)
    assert size < LIMIT

@pytest.mark.fault("disks", "a full disk", "a small one", "kept")
def test_kept():
    pass

@pytest.fixture
def disk():
    pytest.skip("no root")

@pytest.mark.fault("disks", "a slow disk", "a weight on it", "patience")
def test_slow(disk):
    pass

@pytest.fixture
def broken():
    raise RuntimeError("it fell down")

@pytest.mark.fault("networks", "no network", "scissors", "a sentence")
def test_cut(request):
    if BROKEN:
        request.getfixturevalue("broken")

def test_unmarked():
    assert False
"""


def table(tmp_path, limit, broken=False):
    """Run the command over such tests; return its status, what it printed, and the rows that are theirs."""
    text = TESTS.replace("LIMIT", str(limit)).replace("BROKEN", str(broken))
    (tmp_path / "test_some.py").write_text(text)
    kept = tmp_path / "table.json"
    command = [sys.executable, ROOT / "tools" / "faults.py", "--tests", tmp_path, "--json", kept]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = [row for row in json.loads(kept.read_text())["rows"] if row["part"] in ("disks", "networks")]
    return done, rows


def test_cases_and_tries_of_one_fault_are_one_row(tmp_path):
    done, rows = table(tmp_path, 3)
    assert done.returncode == 0, done
    full, slow, cut = rows
    assert (full["tries"], full["lost"], full["outcome"]) == (21, 0, "a sentence; kept")
    assert (slow["tries"], slow["lost"], slow["skipped"]) == (0, 0, "no root")
    assert (cut["tries"], cut["lost"]) == (1, 0)
    assert "rows with data lost: 0" in done.stdout
    assert "not tried: no root" in " ".join(done.stdout.split())
    assert max(map(len, done.stdout.splitlines())) <= 80 + len(str(ROOT))


@pytest.mark.parametrize(("limit", "broken"), [(2, False), (3, True)])
def test_a_row_with_something_lost_fails_the_command(tmp_path, limit, broken):
    done, rows = table(tmp_path, limit, broken)
    assert done.returncode == 1
    assert [row["lost"] for row in rows] == ([1, 0, 0] if limit == 2 else [0, 0, 1])
    assert "LOST in 1 of" in done.stdout
    assert "rows with data lost: 1" in done.stdout
    assert ("::test_full[2]: " if limit == 2 else "::test_cut: ") in done.stderr


def test_the_page_has_the_rows_of_the_tests():
    program = (
        "import json, sys; from pathlib import Path; import faults\n"
        "rows = faults.marked(Path('tests'), '--collect-only').rows.values()\n"
        "print('ROWS', json.dumps([[row[key] for key in ('part', 'fault', 'how', 'outcome')] for row in rows]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, 'tools')\n{program}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done
    marked = json.loads(done.stdout.split("ROWS ")[-1])
    shown = [[row[key] for key in ("part", "fault", "how", "outcome")] for row in card_faults.rows()]
    assert [row for row in marked if row not in shown] == [], "run `make faults` and `make cards`"
    assert not any(row["lost"] for row in card_faults.rows())


def test_what_longer_runs_leave_adds_up_or_takes_the_place_of_what_was_there(tmp_path, capsys):
    path, row = tmp_path / "rows.json", {"part": "p", "fault": "f", "how": "h", "tries": 3, "lost": 0, "passed": 3}
    other = {**row, "how": "another way", "outcome": "as said"}
    assert fault_rows.leave(row, path, "{passed} passed".format_map) == 0
    assert fault_rows.leave(other, path) == 0
    assert fault_rows.leave({**row, "lost": 1, "passed": 2}, path, "{passed} passed".format_map, add=True) == 1
    first, second = json.loads(path.read_text())["faults"]
    assert first == other
    assert second == {**row, "tries": 6, "lost": 1, "passed": 5, "outcome": "5 passed"}
    assert capsys.readouterr().out.endswith("f, h: 3 tried, 2 passed, 1 lost\n")
    assert fault_rows.leave(row, path, "{passed} passed".format_map) == 0  # mended, and run again
    assert json.loads(path.read_text())["faults"][1] == {**row, "outcome": "3 passed"}


def test_tests_are_counted_from_pytests_report(tmp_path):
    report = tmp_path / "report.xml"
    assert fault_rows.of_tests(report)["lost"] == 1  # no report: it ended before any test
    (tmp_path / "test_some.py").write_text(TESTS.replace("LIMIT", "2").replace("BROKEN", "True"))
    quiet = ["-q", "-c", ROOT / "pyproject.toml", "-p", "no:cacheprovider", *fault_rows.report_to(report)]
    subprocess.run([sys.executable, "-m", "pytest", *quiet, tmp_path], capture_output=True, check=False)
    row = fault_rows.of_tests(report)  # full[1] and kept pass; full[2], cut and unmarked do not; slow is skipped
    assert row == {"tries": 5, "lost": 3, "passed": 2, "skipped tests": 1}
    assert fault_rows.passed(row) == "2 tests passed, 1 skipped"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script in the place of Python")
def test_where_there_is_no_old_and_no_new_python_one_sentence_says_so_and_nothing_failed(tmp_path):
    shim = tmp_path / "python3.10"  # as pyenv has one for each version that it could switch to
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    command = [sys.executable, ROOT / "tools" / "versions.py", "--json", tmp_path / "versions.json"]
    nowhere = environment(PATH=str(tmp_path), HOME=str(tmp_path))
    done = subprocess.run(command, env=nowhere, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    skipped = "make versions: skipped: there is no python{} here.\n"
    assert done.stdout == skipped.format("3.10") + skipped.format("3.13")
    assert list(tmp_path.iterdir()) == [shim]


@pytest.mark.parametrize("module", [card_faults, fault_rows], ids=lambda module: module.__name__)
def test_examples_in_docstrings(module):
    assert doctest.testmod(module).failed == 0
