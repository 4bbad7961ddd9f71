"""The tables of `test_ops`, one family a file: each has a list ROWS."""

from tables import core, elementwise

ROWS = [row for family in (core, elementwise) for row in family.ROWS]
