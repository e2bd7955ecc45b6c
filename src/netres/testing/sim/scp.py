"""The far side of an ``scp`` upload and download: the protocol of BSD's rcp over a program's input and output."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from netres.testing.sim.delivery import acts
from netres.testing.sim.device import Simulated
from netres.testing.sim.wire import Act, End, Send

_OK: Final = b"\0"
_FILE: Final = re.compile(rb"C[0-7]{4} (\d+) ([^\n]+)\n")


def failed(text: str) -> bytes:
    """How either side tells that it gives up."""
    return b"\x02" + text.encode() + b"\n"


class Download:
    """``scp -f PATH``; implements `netres.testing.sim.wire.Conversation`.

    Args:
        device: whose operation the download is, called ``scp -f PATH``.
        command: as it was called.
        content: takes the path; raises `KeyError` where there is no such file.
    """

    def __init__(self, device: Simulated, command: str, content: Callable[[str], bytes]) -> None:
        self._device = device
        self._command = command
        self._content = content
        self._left: list[bytes] = []

    def start(self) -> Iterable[Act]:
        """Nothing: who asked says first that he is ready."""
        return ()

    def feed(self, data: bytes) -> Iterable[Act]:
        """At each null byte the next piece: the header, the file."""
        for byte in data:
            yield from self._next() if byte == 0 else (End(1),)

    def _next(self) -> Iterator[Act]:
        if self._left:
            piece = self._left.pop(0)
            yield Send(piece) if piece else End(0)
            return
        path = shlex.split(self._command)[-1]
        device = self._device

        def execute() -> bytes:
            try:
                content = self._content(path)
            except KeyError:
                return failed(f"scp: {path}: No such file or directory")
            self._left = [content + _OK, b""]
            return f"C0644 {len(content)} {path.rpartition('/')[2]}\n".encode()

        done = device.operate("exec", self._command, execute, lambda: failed("scp: refused"))
        yield from acts(done, done.answer or b"")

    def eof(self) -> Iterable[Act]:
        """Nothing more is asked."""
        yield End(0)

    def close(self) -> None:
        """Nothing is kept."""


class Upload:
    """``scp -t PATH``; implements `netres.testing.sim.wire.Conversation`.

    Args:
        device: whose operation the upload is, called ``scp -t PATH``; a fault strikes it when the file is whole.
        command: as it was called.
        store: takes the path and the file.
        refusal: why nothing is taken; empty: it is.
    """

    def __init__(self, device: Simulated, command: str, store: Callable[[str, bytes], None], refusal: str = "") -> None:
        self._device = device
        self._command = command
        self._path = shlex.split(command)[-1]
        self._store = store
        self._refusal = refusal
        self._got = b""
        self._size: int | None = None

    def start(self) -> Iterable[Act]:
        """Ready, or not."""
        if self._refusal:
            yield Send(failed(self._refusal))
            yield End(1)
        else:
            yield Send(_OK)

    def feed(self, data: bytes) -> Iterable[Act]:
        """Its header, then the file, then a null byte."""
        self._got += data
        if self._size is None:
            yield from self._header()
        if self._size is not None and len(self._got) > self._size:
            yield from self._whole(self._got[: self._size])

    def _header(self) -> Iterator[Act]:
        line, end, rest = self._got.partition(b"\n")
        if not end:
            return
        if line.startswith(b"T"):  # its times: not kept
            self._got = rest
            yield Send(_OK)
        elif found := _FILE.fullmatch(line + end):
            self._got, self._size = rest, int(found[1])
            yield Send(_OK)
        else:
            yield Send(failed("scp: protocol error"))
            yield End(1)

    def _whole(self, content: bytes) -> Iterator[Act]:
        self._got, self._size = b"", None
        device = self._device

        def execute() -> bytes:
            self._store(self._path, content)
            return _OK

        done = device.operate("exec", self._command, execute, lambda: failed("scp: refused"))
        yield from acts(done, done.answer or b"")

    def eof(self) -> Iterable[Act]:
        """Nothing more comes."""
        yield End(0)

    def close(self) -> None:
        """Nothing is kept of a file that did not come whole."""
