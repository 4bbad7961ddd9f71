"""Does `make faults` show what the tests injected, and fail when anything was lost?"""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tools"))
card_faults = import_module("card_faults")

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


def test_examples_in_docstrings():
    assert doctest.testmod(card_faults).failed == 0
