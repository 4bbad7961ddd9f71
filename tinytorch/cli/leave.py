"""How does a command end? With an exit status for scripts, and with no traceback for a user's slip."""

from __future__ import annotations

import errno
import os
import sys
from textwrap import wrap
from typing import NoReturn

import click

from tinytorch.cli.names import in_our_words
from tinytorch.datasets.download import DownloadError
from tinytorch.datasets.files import DamagedFileError
from tinytorch.datasets.official import FormatError
from tinytorch.datasets.remote import DataNotFoundError

DONE, GATE_MISSED, USAGE, NO_DATA, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 3, 130, 141
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
MEANING = {
    DONE: "every gate was met",
    GATE_MISSED: "a gate was missed",
    USAGE: "the command can't be carried out as written",
    NO_DATA: "data is missing or damaged",
    INTERRUPTED: "stopped with Ctrl-C",
    PIPE_CLOSED: "the reader of the output went away (`| head`)",
}
STATUSES = "\b\nExit status:\n" + "\n".join(f"  {status:<3}  {meaning}" for status, meaning in MEANING.items())


def run_and_leave(command: click.Command) -> NoReturn:
    """Run a click command on the command line's words and exit with one of the statuses above."""
    _open_what_is_closed()
    _let_stdout_replace_what_it_cannot_encode()
    try:
        status = _status_of(command)
        sys.stdout.flush()
    except BrokenPipeError:
        status = PIPE_CLOSED
        _give_up_stdout()
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        status = _complain(f"the output can't be written: {error.strerror}", USAGE)
        _give_up_stdout()
    sys.exit(status)


def _status_of(command: click.Command) -> int:
    try:
        with command.make_context(_spelling(command), sys.argv[1:]) as context:
            command.invoke(context)
        return DONE
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as mistake:
        return _complain(in_our_words(mistake), USAGE)
    except (DamagedFileError, DataNotFoundError, DownloadError, FormatError) as damage:
        return _complain(str(damage), NO_DATA)
    except KeyboardInterrupt as stop:  # a run tells how to go on
        return _complain("; ".join(["stopped", *map(str, stop.args)]), INTERRUPTED)


def _complain(message: str, status: int) -> int:
    if status == INTERRUPTED and sys.stderr.isatty():
        print(file=sys.stderr)  # the terminal has just written ^C
    line = " ".join(f"tinytorch: {message}".split())
    if sys.stderr.isatty():
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80
        line = "\n".join(wrap(line, columns, break_long_words=False, break_on_hyphens=False))
    print(line, file=sys.stderr)
    return status


def _give_up_stdout() -> None:
    """Python flushes stdout once more on its way out: give it somewhere to write to."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _spelling(command: click.Command) -> str:
    return command.name or "tinytorch"


def _open_what_is_closed() -> None:
    """Python leaves None for a stream that was closed (`>&-`): nothing is read there, and what is written is lost."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # open to the end


def _let_stdout_replace_what_it_cannot_encode() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
