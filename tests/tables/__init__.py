"""The tables of `test_ops`, one family a file, found by themselves: each has a list ROWS."""

import importlib
import pkgutil

FILES = [importlib.import_module(f"{__name__}.{file.name}") for file in pkgutil.iter_modules(__path__)]
ROWS = [row for file in FILES for row in getattr(file, "ROWS", ())]
