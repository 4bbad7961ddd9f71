"""What does the page "Try it in this page" need beside it? The wheel, and TinyDigits in a form that Pyodide can unpack.

Pyodide keeps Python's LZMA apart, in which the shipped data is packed; here the same images are deflated.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hatchling.builders.wheel import WheelBuilder

from pages import runs
from pages.milestones import MADE
from tinytorch.datasets import load_tinydigits


def make(app: Any) -> None:
    """Write both among the made files, which docs/conf.py makes static ones."""
    MADE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        (wheel,) = WheelBuilder(str(runs.ROOT)).build(directory=folder, versions=["standard"])
        shutil.copyfile(Path(wheel), MADE / "tinytorch.whl")
    arrays = {}
    for split in ("train", "test"):
        arrays[f"{split}_images"], arrays[f"{split}_labels"] = load_tinydigits(split, return_X_y=True)
    np.savez_compressed(MADE / "tinydigits.npz", **arrays)


def setup(app: Any) -> None:
    """Make them before any page is read."""
    app.connect("builder-inited", make)
