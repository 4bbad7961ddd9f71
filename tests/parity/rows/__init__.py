"""The tables, one family a file. To widen the contract, add a line."""

from parity.harness import Case
from parity.rows import (
    arithmetic,
    autograd,
    autograd_programs,
    creation,
    data,
    elementwise,
    files,
    functional,
    indexing,
    initial,
    inplace,
    layout,
    linalg,
    modules,
    optimizers,
    own_functions,
    printing,
    programs_by_hand,
    programs_nn,
    promotion,
    reduction,
    shape,
    tensor,
)

# fmt: off
TABLES = (
    creation, tensor, promotion, arithmetic, elementwise, reduction, shape, layout, indexing,
    linalg, functional, modules, initial, optimizers, data, inplace, autograd,
    autograd_programs, own_functions, printing, files, programs_by_hand, programs_nn,
)
# fmt: on

CASES: list[Case] = [case for each in TABLES for case in each.CASES]
