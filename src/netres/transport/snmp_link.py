"""A UDP socket that is connected with one agent, as a transport of pysnmp's.

pysnmp's own transport is one unconnected socket for all targets: it never learns that a port is closed, and takes
datagrams from everywhere. A link of one's own for each target also keeps apart what pysnmp caches by address.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Hashable
from contextlib import suppress
from typing import Final, TypeVar, cast

from netres.errors import ConnectFailed
from netres.transport.snmp_types import Oid, Received

T = TypeVar("T")
_UDP: Final = (1, 3, 6, 1, 6, 1, 1)
"""snmpUDPDomain (RFC 3417); a number of our own is appended, for pysnmp has one transport for each domain."""
_NUMBERS: Final = itertools.count(1)


class Link(asyncio.DatagramProtocol):
    """One socket, in pysnmp's words a transport (``pysnmp.carrier.base.AbstractTransport``)."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.domain: Oid = (*_UDP, next(_NUMBERS))
        self.address: Hashable = place
        """Under which pysnmp keeps what it knows of the agent; the socket knows the real one."""
        self.remote: tuple[tuple[str, int], int] = (("", 0), 0)
        """Address and family."""
        self._socket: asyncio.DatagramTransport | None = None
        self._receive: Received | None = None
        self._waiting: set[asyncio.Future[object]] = set()

    @classmethod
    async def open(cls, place: str, address: tuple[str, int], family: int) -> Link:
        """A link with an address.

        Raises:
            ConnectFailed: there is no way there.
        """
        loop = asyncio.get_running_loop()
        try:
            _, link = await loop.create_datagram_endpoint(lambda: cls(place), remote_addr=address, family=family)
        except OSError as error:
            raise ConnectFailed(f"{place}: {error.strerror or error}") from error
        link.remote = (address, family)
        return link

    async def again(self) -> Link:
        """Another link with the same address."""
        return await Link.open(self.place, *self.remote)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self._socket = cast("asyncio.DatagramTransport", transport)  # Python 3.11's is none by its class

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Hand a datagram to pysnmp. Whatever it stumbles over is no answer."""
        if self._receive is not None:
            with suppress(Exception):  # anything may be in a datagram, and anything may come of it
                self._receive(self, self.address, data)

    def error_received(self, exc: Exception) -> None:
        """The kernel says that nothing arrives: a closed port, no route."""
        reason = exc.strerror if isinstance(exc, OSError) else None
        self.fail(ConnectFailed(f"{self.place}: {reason or exc}: no agent takes requests there; check host and port"))

    def waits(self, answer: asyncio.Future[T]) -> None:
        """Have ``answer`` fail when the link does."""
        waiting: set[asyncio.Future[T]] = self._waiting  # type: ignore[assignment]  # failing is all that is done
        waiting.add(answer)
        answer.add_done_callback(waiting.discard)

    def fail(self, error: Exception) -> None:
        """Let everything that waits fail."""
        for answer in tuple(self._waiting):
            if not answer.done():
                answer.set_exception(error)

    def register_callback(self, received: Received) -> None:
        """Of pysnmp's dispatcher."""
        self._receive = received

    def unregister_callback(self) -> None:
        """Of pysnmp's dispatcher."""
        self._receive = None

    def send_message(self, message: bytes, address: Hashable) -> None:
        """Send octets; ``address`` is the link's own."""
        if self._socket is not None:
            self._socket.sendto(bytes(message))

    def close_transport(self) -> None:
        """Close the socket."""
        self.unregister_callback()
        if self._socket is not None:
            with suppress(OSError, RuntimeError):
                self._socket.close()
