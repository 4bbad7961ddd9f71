"""The tables of `test_ops`, one family a file: each has a list ROWS."""

from tables import core, normalization, recurrent

ROWS = [row for family in (core, normalization, recurrent) for row in family.ROWS]
