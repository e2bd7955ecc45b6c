"""The ``netres`` command. Every failure is one line on stderr; typer and rich are loaded when a command runs."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from io import StringIO, TextIOWrapper
from pathlib import Path

from netres.errors import NetresError

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line (default: the process's) and return its exit code; docs/command-line.md lists them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what a terminal's encoding lacks must not end a command
            stream.reconfigure(errors="backslashreplace")
    try:
        from netres.cli.app import run

        with _terminated_as_interrupted():
            code = run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _failed("interrupted; where a change was under way, `netres plan` shows what is left of it", 130)
    except NetresError as error:
        return _failed(str(error))
    except OSError as error:
        _drop_output()
        if isinstance(error, BrokenPipeError):
            return 1  # whoever read the output has seen enough
        return _failed(f"{error.filename or 'output'}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - the last resort: a bug is told in one line too, and without its data
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(frame.filename).name}:{frame.lineno}"
        return _failed(f"this is a bug of netres: {type(error).__name__} at {where}; please report it")
    else:
        return code


@contextmanager
def _terminated_as_interrupted() -> Generator[None]:
    """SIGTERM as Ctrl-C: a change that is under way is undone first."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread gets signals
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _drop_output() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = StringIO()  # else the interpreter tries again on its way out, and prints a traceback


def _failed(message: str, code: int = 1) -> int:
    line = " ".join(message.split())
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
    sys.stderr.write(f"error: {shown}\n")
    return code
