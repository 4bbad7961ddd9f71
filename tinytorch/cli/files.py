"""How does an output file appear whole or not at all, and how is a bad path refused before the work?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tinytorch.serialization import is_pipe_or_device, remove_parts


def refuse_one_file_for_two(*paths: Path | None) -> None:
    """Tell if two flags name the same file."""
    named = [path for path in paths if path]
    for place, path in enumerate(named):
        if os.path.realpath(path) in map(os.path.realpath, named[:place]):
            raise click.UsageError(f"two flags name {path}: give each a file of its own")


@contextmanager
def writing(option: str, path: Path | None) -> Iterator[None]:
    """Tell a full disk in one line; a pipe whose reader went away is left to `leave.py`."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise click.UsageError(f"{option} {path} can't be written: {error.strerror}") from None


@contextmanager
def output_file(option: str, path: Path | None) -> Iterator[Path | None]:
    """Reserve `path` and give a temporary file beside it, which takes its place when the block ends well.

    Reserving creates the temporary file, so a folder that is absent or read-only is found out at once.
    """
    if path is None:
        yield None
        return
    if is_pipe_or_device(path):
        yield path  # a device or a pipe, such as /dev/stdout, is written to and never replaced
        return
    final = Path(os.path.realpath(path))  # a symbolic link stays a link; what it points to is replaced
    temporary = final.with_name(f".{final.name}.{os.getpid()}.part")
    try:
        if final.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        if final.exists() and not os.access(final, os.W_OK):
            raise PermissionError(13, "the file is read-only")
        remove_parts(str(final.with_name(f".{final.name}")))
        temporary.touch(exist_ok=False)
    except OSError as error:
        reason = "there is no such folder" if isinstance(error, FileNotFoundError) else error.strerror
        raise click.UsageError(f"{option} {path} can't be written: {reason}") from None
    try:
        yield temporary
        os.replace(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)
