"""How is independent work spread over the processor's cores?

NumPy lets go of Python's lock while it computes, so a few Python threads keep a few cores busy. The caller works, too,
and workers help where they come in time: so nothing waits for a worker that is busy elsewhere, and a piece of work may
itself be spread. Workers see plain arrays only: grad mode and random numbers belong to the thread of the program.

BLAS could use the cores as well, but its own threads, once a product is done, keep their cores busy for a while, waiting
for the next one. So it is held to one thread, and large products are split here. Where it can't be held, nothing is
spread, and BLAS does as it does.
"""

from __future__ import annotations

import ctypes  # which NumPy has imported
import os
from _thread import allocate_lock
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from tinytorch.dtypes import Array

_Piece, _Result = TypeVar("_Piece"), TypeVar("_Result")
_PRODUCT = 1 << 22  # multiplications: a product of fewer is not worth splitting
# What sets the number of BLAS's threads: in NumPy's wheels from 2.0 on, in those before, in other OpenBLAS, in MKL.
_SETTERS = ("scipy_openblas_set_num_threads64_", "openblas_set_num_threads64_", "openblas_set_num_threads",
            "MKL_Set_Num_Threads")  # fmt: skip


def _at_first() -> int:
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        given = os.environ.get(variable, "").split(",")[0].strip()
        if given.isdecimal() and int(given):
            return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_threads = _at_first()
_process, _workers = 0, 0  # the process that has workers, and how many: a fork leaves them behind
_jobs: Any = None  # the queue from which they take what to help with
_is_held = False  # whether BLAS computes with one thread


def get_num_threads() -> int:
    """How many threads TinyTorch may compute with: see `set_num_threads`."""
    return _threads


def set_num_threads(threads: int) -> None:
    """How many threads TinyTorch may compute with: the caller's, and others that start when there is enough to do.

    At first it is OMP_NUM_THREADS, else OPENBLAS_NUM_THREADS, else the number of processors that this process may use.
    The BLAS of NumPy is held to one thread from now on; without this call, from when work is first spread.

    Raises:
        RuntimeError: `threads` is not a positive integer.

    >>> import tinytorch as torch
    >>> before = torch.get_num_threads()
    >>> torch.set_num_threads(3)
    >>> torch.get_num_threads()
    3
    >>> torch.set_num_threads(before)
    """
    global _threads
    if type(threads) is not int:
        raise RuntimeError(f"set_num_threads expects an int, but got {type(threads).__name__}")
    if threads < 1:
        raise RuntimeError(f"set_num_threads expects a positive integer, but got {threads}")
    _threads = threads
    _hold_blas()


# ---------------------------------------------------------------------------------------------- spreading work
def spread(work: Callable[[_Piece], _Result], pieces: Sequence[_Piece]) -> list[_Result]:
    """`[work(piece) for piece in pieces]`, on as many threads as may be used, in any order.

    A piece should take 50 µs or more, and write only where no other reads or writes. If one raises an error, so does
    `spread`, once all threads have come to rest; pieces that had not begun are left undone.
    """
    if _threads == 1 or len(pieces) < 2 or not _hire():
        return [work(piece) for piece in pieces]
    turns, results, errors = iter(range(len(pieces))), [None] * len(pieces), []

    def take_turns() -> None:
        for i in turns:  # which all threads share
            results[i] = work(pieces[i])  # type: ignore[call-overload]

    def help_out(settings: Any) -> None:
        try:
            with np.errstate(**settings):  # which NumPy keeps for each thread
                take_turns()
        except BaseException as error:  # of whatever kind, it is the caller's
            errors.append(error)
            _exhaust(turns)

    offers = [allocate_lock() for _ in range(min(_threads, len(pieces)) - 1)]
    for offer in offers:
        _jobs.put((offer, help_out, np.geterr()))
    try:
        take_turns()
    finally:
        _exhaust(turns)
        for offer in offers:  # who has taken it up gives it back in the end; the others are withdrawn
            offer.acquire()
    if errors:
        raise errors[0]
    return results  # type: ignore[return-value]


def _exhaust(turns: Iterator[int]) -> None:
    for _ in turns:
        pass


def _worker(jobs: Any) -> None:
    while True:
        offer, help_out, settings = jobs.get()
        if offer.acquire(blocking=False):
            help_out(settings)
            offer.release()
        del offer, help_out  # and with them the arrays, while waiting


def _hire() -> bool:
    """See to it that there are workers; False where BLAS would fight with them."""
    global _jobs, _process, _workers
    if not _hold_blas():
        return False
    if _process != os.getpid():
        from queue import SimpleQueue  # here, to keep it and threading off the import path

        _jobs, _workers, _process = SimpleQueue(), 0, os.getpid()
    while _workers < _threads - 1:
        from threading import Thread

        _workers += 1
        Thread(target=_worker, args=(_jobs,), name=f"tinytorch {_workers}", daemon=True).start()
    return True


def _hold_blas() -> bool:
    """Let NumPy's BLAS compute with one thread; False where it is not one that can be told."""
    global _is_held
    if not _is_held:
        linalg = np.linalg._umath_linalg  # which is linked with BLAS; looking a name up there finds it in BLAS, too
        library = ctypes.CDLL(linalg.__file__)
        setter = next((getattr(library, name) for name in _SETTERS if hasattr(library, name)), None)
        if setter is not None:
            setter(1)
        _is_held = setter is not None
    return _is_held


def shares(pieces: Sequence[_Piece]) -> list[Sequence[_Piece]]:
    """The pieces in runs, a few for each thread: all in one if there is one thread."""
    size = -(-len(pieces) // (4 * _threads if _threads > 1 else 1)) or 1
    return [pieces[i : i + size] for i in range(0, len(pieces), size)]


# ---------------------------------------------------------------------------------------------- products
def product(a: Array, b: Array) -> Array:
    """`a @ b` of two matrices; a large product in parts, each some of its rows, or of its columns if it has more.

    BLAS may add up in another order where the shape is another: results may differ in the last place between one
    thread and many.
    """
    rows, columns = len(a), b.shape[1]
    if _threads == 1 or a.size * columns < _PRODUCT or a.dtype != b.dtype or a.dtype.kind != "f":
        return np.dot(a, b)
    y = np.empty((rows, columns), a.dtype)
    step = -(-max(rows, columns) // (16 * _threads)) * 16
    parts = [slice(i, i + step) for i in range(0, max(rows, columns), step)]
    if rows >= columns:
        spread(lambda part: np.matmul(a[part], b, out=y[part]), parts)
    else:
        spread(lambda part: np.matmul(a, b[:, part], out=y[:, part]), parts)
    return y
