"""The tables, one family a file. To widen the contract, add a line, or a file: it is found by itself."""

import importlib
import pkgutil

from parity.harness import Case

TABLES = [importlib.import_module(f"{__name__}.{file.name}") for file in pkgutil.iter_modules(__path__)]
CASES: list[Case] = [case for table in TABLES for case in table.CASES]
