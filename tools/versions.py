"""Does the whole suite pass on the oldest and on the newest Python and NumPy?

    python tools/versions.py                                  # make versions
    python tools/versions.py oldest                           # the oldest alone
    python tools/versions.py newest tests/test_nn.py --add    # some tests more, whose counts are added

Each pair has an environment of its own in build/versions, in which the suite runs as `make test` runs it. The Python is
the one that this system calls by its version (python3.10), or pyenv's. Where it is not here, one sentence says so, and
nothing has failed. ``--json`` keeps what was counted as rows of `make faults`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from fault_rows import leave, of_tests, passed, report_to

PROJECT = Path(__file__).resolve().parent.parent
HOME = PROJECT / "build" / "versions"
# name -> Python, NumPy as pip understands it, what a row calls it. 1.24.4 is the last of the oldest NumPy that we take.
PAIRS = {
    "oldest": ("3.10", "numpy==1.24.4", "an old Python and NumPy"),
    "newest": ("3.13", "numpy", "a new Python and NumPy"),
}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
SAY = "import json, platform, numpy; print(json.dumps([platform.python_version(), numpy.__version__]))"


def interpreter(version: str) -> str | None:
    """Return the path of a Python of this version, if there is one that runs."""
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    for path in (shutil.which(f"python{version}"), *map(str, pyenv)):  # pyenv's own name may lead to nothing
        if path and subprocess.run([path, "-V"], capture_output=True).returncode == 0:
            return path
    return None


def environment(name: str, python: str, numpy: str) -> Path:
    """Make the environment of a pair, if it is not there yet; return its Python."""
    folder = HOME / name
    if not (folder / "pyvenv.cfg").exists():
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
    inside = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    words = ["install", "--quiet", "--disable-pip-version-check", "--upgrade", "--editable", f"{PROJECT}[test]", numpy]
    subprocess.run([str(inside), "-m", "pip", *words], check=True)
    return inside


def suite(name: str, python: Path, tests: list[str]) -> dict[str, Any]:
    """Run the suite, or some tests; return what was counted, as a row of the table of faults."""
    report = HOME / f"{name}.xml"
    report.unlink(missing_ok=True)
    words = ["-q", "--numprocesses", "auto", "--dist", "loadfile", "-p", "no:cacheprovider", *report_to(report)]
    subprocess.run([str(python), "-m", "pytest", *words, *tests], cwd=PROJECT, env={**os.environ, **ONE_THREAD})
    said = subprocess.run([str(python), "-c", SAY], capture_output=True, text=True, check=True).stdout
    how = "tests of the suite on Python {}, NumPy {}".format(*json.loads(said))
    return {"part": "small and other machines", "fault": PAIRS[name][2], "how": how, **of_tests(report)}


def main() -> None:
    """Make the environments, run the suite in each, and keep the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pair", nargs="?", choices=PAIRS, help="one of them (both)")
    parser.add_argument("tests", nargs="*", help="these tests (all)")
    parser.add_argument("--json", type=Path, help="keep what was counted in this file")
    parser.add_argument("--add", action="store_true", help="to what the file has of the same versions")
    wishes = parser.parse_args()
    failed = 0
    for name in [wishes.pair] if wishes.pair else PAIRS:
        version, numpy, _ = PAIRS[name]
        python = interpreter(version)
        if python is None:
            print(f"make versions: skipped: there is no python{version} here.")
            continue
        inside = environment(name, python, numpy)
        failed |= leave(suite(name, inside, wishes.tests), wishes.json, passed, wishes.add)
    sys.exit(failed)


if __name__ == "__main__":
    main()
