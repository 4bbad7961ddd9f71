"""The tables of `test_ops`, one family a file: each has a list ROWS."""

from tables import attention, core, normalization, recurrent

ROWS = [row for family in (core, normalization, attention, recurrent) for row in family.ROWS]
