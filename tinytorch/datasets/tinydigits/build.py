"""How was tinydigits.npz made? ``python -m tinytorch.datasets.tinydigits.build [FOLDER]`` makes it again.

*Which* 197 images was decided by measurement: ``evidence/choose_images.py`` asked models, and the shipped archive is
the record of its choice. This script takes every image and label anew from scikit-learn's ``load_digits``, by the
column ``source_index``. Both splits share the writers: the source does not say who wrote what.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tinytorch.datasets.image_builds import Plan, rebuild


def plan() -> Plan:
    """Return what TinyDigits must be, with the source at hand."""
    from sklearn.datasets import load_digits

    source = load_digits()
    return Plan(
        name="tinydigits",
        images=source.images.astype(np.uint8),
        labels=source.target.astype(np.uint8),
        row_column="source_index",
        # 47 to test: 5 of each digit, but 4 of the three digits that the source has fewest of.
        per_digit={"train": [15] * 10, "test": [4, 5, 4, 5, 5, 5, 5, 5, 4, 5]},
    )


def build(folder: Path) -> Path:
    """Write ``tinydigits.npz`` into ``folder``, check it against the source, and say what it is."""
    return rebuild(plan(), folder)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
