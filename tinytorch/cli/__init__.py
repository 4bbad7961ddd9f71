"""The screen: what a person types and sees. No arithmetic of the science lives here.

click and rich are imported by the modules of this folder only, and those only when a command runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from tinytorch.milestones.kit import Milestone


def main() -> NoReturn:
    """The command `tinytorch`."""
    from tinytorch.cli.commands import tinytorch
    from tinytorch.cli.leave import run_and_leave

    run_and_leave(tinytorch)


def run_file(milestone: Milestone) -> NoReturn:
    """`python path/to/program.py`, with the flags of `tinytorch run`."""
    from tinytorch.cli.commands import command_for
    from tinytorch.cli.leave import run_and_leave

    run_and_leave(command_for(milestone))
