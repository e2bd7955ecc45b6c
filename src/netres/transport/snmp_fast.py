"""gufo-snmp (BSD; extra ``fast-snmp``), for what is read: its codec is compiled, where pysnmp's is Python.

It neither sets objects nor knows contexts, and of what goes wrong it says little. So pysnmp's `Session` stands behind
it, opened when first needed: it sets, and asks again, slowly and exactly, whatever did not go well here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, TypeVar

from netres.errors import TransportError
from netres.inventory.entry import SnmpSettings
from netres.transport import snmp_session
from netres.transport.snmp_engine import Engine
from netres.transport.snmp_session import REPETITIONS, TOGETHER, UP, Session, dotted
from netres.transport.snmp_types import Oid, Value
from netres.transport.snmp_usm import Login

if TYPE_CHECKING:
    from gufo.snmp._fast import SnmpV2cClientSocket, SnmpV3ClientSocket

    Socket = SnmpV2cClientSocket | SnmpV3ClientSocket

T = TypeVar("T")
_FIRST: Final = 1.0
"""Seconds in which the first question is answered here, or pysnmp asks it: a closed port only pysnmp hears of."""
_ADDRESS: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_MASTER: Final = 1 << 6
"""gufo's mark of a key that is the hash of a passphrase, not localized yet."""
_HASHES: Final = {
    "md5": (1, 16),
    "sha": (4, 20),
    "sha224": (7, 28),
    "sha256": (10, 32),
    "sha384": (11, 48),
    "sha512": (12, 64),
}
_CIPHERS: Final = {"des": (1, 16), "aes": (2, 16), "aes192": (3, 24), "aes256": (4, 32)}
"""gufo's numbers, and octets of the key. A key longer than the hash is made as Blumenthal does: the next number."""


class Astray(Exception):
    """This is to be asked through pysnmp."""


@cache
def available() -> bool:
    """Whether gufo-snmp is installed."""
    return find_spec("gufo") is not None and find_spec("gufo.snmp") is not None


class FastSession:
    """`Session`, whose reads are gufo's as long as they go well. In the engine's thread, but for `end`."""

    def __init__(
        self, engine: Engine, sock: Socket, settings: SnmpSettings, sure: Callable[[], Awaitable[Session]]
    ) -> None:
        self.engine = engine
        self._sock = sock
        self._settings = settings
        self._open_sure = sure
        self._sure: Session | None = None
        self._readable: asyncio.Future[None] | None = None
        self._stale = False
        self._agent = b""
        asyncio.get_running_loop().add_reader(sock.get_fd(), self._wake)

    @classmethod
    async def open(
        cls,
        engine: Engine,
        login: Login,
        settings: SnmpSettings,
        address: tuple[str, int],
        sure: Callable[[], Awaitable[Session]],
    ) -> FastSession | None:
        """A session in which an agent answered; ``None``: pysnmp is to find out what is the matter."""
        if settings.context:
            return None
        session = cls(engine, _socket(login, address), settings, sure)
        try:
            async with asyncio.timeout(min(_FIRST, settings.timeout)):
                await session._greet(login)
        except (Astray, TimeoutError):
            session.close()
            return None
        except BaseException:
            session.close()
            raise
        return session

    async def _greet(self, login: Login) -> None:
        from gufo.snmp._fast import SnmpV3ClientSocket

        if isinstance(sock := self._sock, SnmpV3ClientSocket):
            await self._ask(sock.send_refresh, sock.recv_refresh)
            self._agent = sock.get_engine_id()
            sock.set_keys(login.user, *_keys(login, self._settings))
            await self._ask(sock.send_refresh, sock.recv_refresh)
        await self._get([UP])

    def end(self) -> None:
        """`Session.end`."""
        if self.engine.alive:
            with suppress(Exception):
                self.engine.submit(self.closing()).result(timeout=1)

    async def closing(self) -> None:
        """`close`, for `Engine.submit`."""
        self.close()

    def close(self) -> None:
        """`Session.close`."""
        asyncio.get_running_loop().remove_reader(self._sock.get_fd())
        if self._sure is not None:
            self._sure.close()

    async def get(self, oids: Sequence[Oid], shown: str) -> dict[str, Value]:
        """`Session.get`."""
        try:
            return await self._get(oids)
        except (Astray, TimeoutError):
            return await (await self._surely()).get(oids, shown)

    async def walk(self, roots: Sequence[Oid], shown: str) -> dict[str, Value]:
        """`Session.walk`."""
        found: dict[str, Value] = {}
        try:
            for root in roots:
                await self._walk(dotted(root), found)
        except (Astray, TimeoutError):
            return await (await self._surely()).walk(roots, shown)
        return found

    async def set(self, pairs: Sequence[tuple[Oid, str | int]], shown: str) -> None:
        """`Session.set`."""
        await (await self._surely()).set(pairs, shown)

    async def _surely(self) -> Session:
        self._stale = True
        if self._sure is None:
            self._sure = await self._open_sure()
        if self._agent and self._sure.agent != self._agent:
            raise TransportError(f"{self._sure.place}: another agent answers there than before; reconnect")
        return self._sure

    async def _get(self, oids: Sequence[Oid]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for place in range(0, len(oids), TOGETHER):
            asked = [dotted(oid) for oid in oids[place : place + TOGETHER]]
            told = await self._ask(partial(self._sock.send_get_many, asked), self._sock.recv_get_many)
            if not told.keys() <= set(asked) or not told or None in told.values():
                # gufo tells no error-status; what comes with one is nothing, or only NULLs (RFC 3416 §4.2).
                raise Astray
            found |= {oid: _plain(value) for oid in asked if (value := told.get(oid)) is not None}
        return found

    async def _walk(self, root: str, found: dict[str, Value]) -> None:
        from gufo.snmp._fast import GetIter

        left, sock = GetIter(root, REPETITIONS), self._sock
        inside = f"{root}."
        seen: set[str] = set()
        while True:
            told = await self._ask(lambda: sock.send_get_bulk(left), lambda: sock.recv_get_bulk(left))
            for pair in told:
                if pair is None:
                    return
                oid, value = pair
                if value is None or not oid.startswith(inside) or oid in seen:
                    raise Astray
                seen.add(oid)
                found[oid] = _plain(value)
            if not told:
                raise Astray
            if len(found) > snmp_session.ROWS:
                raise Astray

    async def _ask(self, send: Callable[[], None], receive: Callable[[], T]) -> T:
        """Send, and receive the answer to it.

        Raises:
            TimeoutError: there is none. Astray: there is something else.
        """
        from gufo.snmp._fast import SnmpError

        try:
            if self._stale:
                await self._refreshed()
            async with asyncio.timeout(self._settings.timeout):
                self._readable = asyncio.get_running_loop().create_future()
                send()
                while True:
                    await self._readable
                    self._readable = asyncio.get_running_loop().create_future()
                    with suppress(BlockingIOError):  # the answer to an earlier question
                        return receive()
        except TimeoutError:
            raise
        except (SnmpError, StopAsyncIteration, OSError, ValueError, RuntimeError) as error:
            raise Astray from error
        finally:
            self._readable = None

    async def _refreshed(self) -> None:
        """After trouble: the agent may have started anew, and its clock with it (RFC 3414 §2.3)."""
        from gufo.snmp._fast import SnmpV3ClientSocket

        self._stale = False
        if isinstance(sock := self._sock, SnmpV3ClientSocket):
            await self._ask(sock.send_refresh, sock.recv_refresh)

    def _wake(self) -> None:
        if self._readable is None:
            with suppress(Exception):  # nobody asked: it is taken out of the socket, and forgotten
                self._sock.recv_get()
        elif not self._readable.done():
            self._readable.set_result(None)


def _socket(login: Login, address: tuple[str, int]) -> Socket:
    from gufo.snmp._fast import SnmpV2cClientSocket, SnmpV3ClientSocket

    host, port = address
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if login.community is not None:
        return SnmpV2cClientSocket(where, login.community, 0, 0, 0, 0)
    return SnmpV3ClientSocket(where, b"", "", 0, b"", 0, b"", 0, 0, 0, 0)


def _keys(login: Login, settings: SnmpSettings) -> tuple[int, bytes, int, bytes]:
    number, octets = _HASHES[settings.auth_protocol]
    auth, priv = login.masters()
    if priv is None:
        return number | _MASTER, auth, 0, b""
    cipher, wanted = _CIPHERS[settings.priv_protocol]
    return (number + (wanted > octets)) | _MASTER, auth, cipher | _MASTER, priv


def _plain(value: str | bytes | float) -> Value:
    """A value as `Session` tells it."""
    if isinstance(value, int):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, float):
        raise Astray  # octets of an Opaque, to pysnmp
    if not _ADDRESS.fullmatch(value):
        return value  # an OID
    octets = [int(part) for part in value.split(".")]
    if value != "0.0.0.0" and octets[0] <= 2:  # noqa: S104 - no address to bind to; and an OID of four arcs looks so too
        raise Astray
    return "".join(map(chr, octets))
