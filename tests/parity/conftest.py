"""At the end, how many cases of each family were tried, and how many differ."""

from __future__ import annotations

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tried: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            told = dict(report.user_properties)
            if "family" in told and report.when == "call":
                tried[told["family"]] += 1
                outcomes["on purpose" if told.get("deliberate") and outcome == "passed" else outcome] += 1
    if tried:
        families = ", ".join(f"{family} {count}" for family, count in tried.items())
        terminalreporter.write_line(
            f"parity: {tried.total()} cases: {families}; "
            f"{outcomes['failed']} differ; {outcomes['on purpose']} differ on purpose"
        )
