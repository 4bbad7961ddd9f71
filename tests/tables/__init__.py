"""The tables of `test_ops`, one family a file: each has a list ROWS."""

from tables import activation, core, loss

ROWS = [row for family in (core, activation, loss) for row in family.ROWS]
