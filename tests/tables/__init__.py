"""The tables of `test_ops`, one family a file: each has a list ROWS."""

from tables import core, linalg, reduction, shape

ROWS = [row for family in (core, reduction, shape, linalg) for row in family.ROWS]
