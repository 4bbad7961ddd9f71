"""History, replayed: short programs that each earn their result (`tinytorch milestones` lists them).

A program needs a few names only, and all of them are here:

- `milestone` turns a function `program(run)` into a program with flags, a description and gates;
- `at_least`, `at_most`, `equals` write a gate's condition;
- `Full` declares what changes with the whole of a dataset that is fetched on demand;
- `plane` asks a model for its answer at every point of a square, to be drawn;
- `wilson_interval` says how far a success rate can be trusted;
- `CannotGoOnError` ends a run early, where what comes next would mean nothing.
"""

from tinytorch.milestones.kit import CannotGoOnError, Full, Milestone, Result, Run, at_least, at_most, equals, milestone
from tinytorch.milestones.pictures import plane
from tinytorch.milestones.sweep import wilson_interval

__all__ = [
    "CannotGoOnError",
    "Full",
    "Milestone",
    "Result",
    "Run",
    "at_least",
    "at_most",
    "equals",
    "milestone",
    "plane",
    "wilson_interval",
]
