"""How NETCONF messages are parted from each other over SSH: RFC 6242, end of message (§4.3) and chunks (§4.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

END: Final = b"]]>]]>"
_HEADER: Final = re.compile(rb"\n#(?:(#)|([1-9][0-9]{0,9}))\n")
_LONGEST: Final = 4294967295


class FramingError(ValueError):
    """What came is no framing: the session is to be ended."""


def framed(message: bytes, *, chunked: bool) -> bytes:
    """A message as it is sent."""
    if not chunked:
        return message + END
    return b"\n#%d\n%s\n##\n" % (len(message), message)


class Deframer:
    """Makes messages of what comes, in whatever pieces."""

    def __init__(self) -> None:
        self.chunked = False
        self._data = b""
        self._chunks: list[bytes] = []

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are complete with this. ``chunked`` may be set after any of them, for those that follow.

        Raises:
            FramingError: a chunk does not begin as one.
        """
        self._data += data
        while (message := self._chunk() if self.chunked else self._whole()) is not None:
            yield message

    def _whole(self) -> bytes | None:
        message, end, rest = self._data.partition(END)
        if not end:
            return None
        self._data = rest
        return message

    def _chunk(self) -> bytes | None:
        while (header := _HEADER.match(self._data)) is not None:
            if header[1]:
                if not self._chunks:
                    raise FramingError("a message has no chunk")
                self._data = self._data[header.end() :]
                message, self._chunks = b"".join(self._chunks), []
                return message
            size = int(header[2])
            if size > _LONGEST:
                raise FramingError("a chunk is too long")
            if len(self._data) < header.end() + size:
                return None
            self._chunks.append(self._data[header.end() : header.end() + size])
            self._data = self._data[header.end() + size :]
        if not re.match(rb"\n?\Z|\n#(?:#|[1-9][0-9]{0,9})?\Z", self._data):
            raise FramingError("what should begin a chunk does not")
        return None
