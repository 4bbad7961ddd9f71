"""Does `make mutants` tell a change that a test notices from one that none does?"""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))
card_mutants = import_module("card_mutants")
Mutant = import_module("mutants_try").Mutant

PROGRAM = """
import sys
from pathlib import Path
import hypothesis, numpy  # once, and not in each fork
from mutants_try import ROOT, Mutant, Trial, unchanged
folder, file = Path(sys.argv[1]), "tinytorch/nested.py"
tests = ["tests/test_serialization.py", "-k", "checkpoint or nested"]
unchanged(tests, [file], folder / "runs", 60)
import pickle
trial = Trial(tests, pickle.loads((folder / "runs").read_bytes()), folder / "unsound")
original = (ROOT / file).read_text()
changes = {
    "other code": ('".".join(path)', '"-".join(path)'),
    "the same code": ("from __future__", "# nothing\\nfrom __future__"),
    "no name": ("def put_together(", "def put_asunder("),
}
mutants = {}
for number, (name, (before, after)) in enumerate(changes.items()):
    assert before in original
    mutants[name] = Mutant(file, number, original.replace(before, after, 1), original)
def tell(mutant, outcome):
    with (folder / "told").open("a") as out:
        print(list(mutants)[mutant.number], "is", outcome, file=out)
trial.quickly(mutants.values(), tell, float("inf"))
for name in ("the same code", "no name"):
    with (folder / "told").open("a") as out:
        print("imported,", name, "is", trial.anew(mutants[name]), file=out)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="mutants are forked")
def test_a_change_is_noticed_and_no_change_is_not(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tools")))}
    subprocess.run([sys.executable, "-c", PROGRAM, tmp_path], cwd=ROOT, env=environment, check=True, timeout=100)
    told = set((tmp_path / "told").read_text().splitlines())
    assert told == {
        "other code is killed",
        "the same code is anew",  # as its line has run at the import
        "no name is anew",
        "imported, the same code is survived",
        "imported, no name is killed",
    }


def test_a_mutant_knows_the_lines_of_its_statement_and_what_differs():
    original = "a = 1\nif (\n    a\n    == 1\n):\n    a = [\n        2,\n        3,\n    ]\n"
    in_the_block = Mutant("", 0, original.replace("3", "4"), original)
    assert (in_the_block.line, in_the_block.change, in_the_block.lines()) == (8, "3, -> 4,", {6, 7, 8, 9})
    in_the_condition = Mutant("", 0, original.replace("== 1", "!= 1"), original)
    assert in_the_condition.lines() == {2, 3, 4, 5}


def test_the_examples_in_the_tool_are_right():
    assert doctest.testmod(card_mutants).failed == 0
