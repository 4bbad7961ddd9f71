"""How was the width of xor_solved chosen? By counting who stays stuck, on seeds of their own.

Run it as `python tools/choose_xor_solved.py` (about a minute).
"""

from __future__ import annotations

from itertools import product

from tinytorch.milestones import catalog

SEEDS = range(1000, 1200)
HIDDEN, RATES = (2, 4, 6, 8), (0.05, 0.1)


def main() -> None:
    """Print how many seeds solve XOR, for each width and rate."""
    program = catalog.load("xor_solved")
    print("hidden  rate   solved")
    for hidden, rate in product(HIDDEN, RATES):
        solved = sum(program.play(seed, hidden=hidden, learning_rate=rate).success for seed in SEEDS)
        print(f"{hidden:6d}  {rate:<5}  {solved} of {len(SEEDS)}")


if __name__ == "__main__":
    main()
