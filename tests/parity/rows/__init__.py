"""The tables, one family a file. To widen the contract, add a line."""

from parity.harness import Case
from parity.rows import (
    autograd,
    creation,
    data,
    elementwise,
    files,
    functional,
    indexing,
    initial,
    inplace,
    linalg,
    modules,
    optimizers,
    printing,
    programs,
    promotion,
    reduction,
    shape,
)

TABLES = (
    creation, promotion, elementwise, reduction, shape, indexing, linalg, functional, modules, initial, optimizers,
    data, inplace, autograd, printing, files, programs,
)  # fmt: skip

CASES: list[Case] = [case for each in TABLES for case in each.CASES]
