"""Can every script of evidence/ begin? Most take minutes, so that only a reader who repeats them would notice."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EVIDENCE = Path(__file__).parent.parent / "evidence"


@pytest.mark.parametrize("name", sorted(path.stem for path in EVIDENCE.glob("*.py")))
def test_what_a_script_needs_is_there(name):
    """As the command finds it: from its own folder, and not with what these tests have on their path."""
    program = f"import sys; sys.path[0] = {str(EVIDENCE)!r}; import {name}"
    settings = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-c", program], env=settings, capture_output=True, encoding="utf-8")
    absent = re.search(r"No module named '(sklearn|mlxtend|torch|scipy|pandas|matplotlib)", done.stderr)
    if absent:
        pytest.skip(f"{absent[1]} is not installed")
    assert done.returncode == 0, done.stderr
