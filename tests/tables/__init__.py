"""The tables of `test_ops`, one family a file: each has a list ROWS."""

from tables import conv, core

ROWS = [row for family in (core, conv) for row in family.ROWS]
