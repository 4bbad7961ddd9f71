"""Write croissant.json beside every dataset: run it when the data or their declaration change."""

from __future__ import annotations

from pathlib import Path

from tinytorch import datasets
from tinytorch.datasets.catalog import CATALOG
from tinytorch.datasets.croissant import text

HOME = Path(datasets.__file__).parent


def main() -> None:
    """Write the cards."""
    for info in CATALOG.values():
        path = HOME / info.name / "croissant.json"
        path.write_bytes(text(info).encode())
        print(f"{path.relative_to(HOME.parent.parent)}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
