"""The tables of `test_ops`, one family a file: each has a list ROWS."""

from tables import core

ROWS = [row for family in (core,) for row in family.ROWS]
