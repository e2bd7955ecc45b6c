"""The one SNMP engine of this process (RFC 3411): pysnmp's, on an event loop in a thread of its own.

An engine costs a megabyte and a tenth of a second, so all sessions share one. pysnmp keeps one set of keys for each
user of an agent and one entry for each community; `Engine` sees to it that sessions do not get in each other's way.
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import os
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

from pysnmp.carrier.asyncio.dispatch import AsyncioDispatcher
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.error import PySnmpError
from pysnmp.proto.rfc1902 import OctetString

from netres.errors import TransportError
from netres.transport.snmp_link import Link
from netres.transport.snmp_message import Answer, answer_of, blank
from netres.transport.snmp_types import Dispatcher, Oid, Pdu, Status
from netres.transport.snmp_types import Engine as PySnmpEngine

T = TypeVar("T")
_TICK: Final = 0.1
"""Seconds: by this pysnmp's clock counts."""
_RESYNCHRONISED: Final = frozenset({"UnknownEngineID", "NotInTimeWindow"})
"""Reports after which pysnmp knows the agent's engine and clock, and the request is sent again (RFC 3414 §4)."""
_VERSION_2: Final = 1
"""Of a PDU, in pysnmp's count: that of RFC 3416."""


class Silence(Exception):
    """No answer came, however often the request was sent."""


@dataclass(frozen=True)
class Keys:
    """A user of one agent, with keys localized for it (RFC 3414 §2.6): no passphrase gets into the engine."""

    engine: bytes
    user: str
    auth_protocol: Oid
    auth_key: bytes = field(repr=False)
    priv_protocol: Oid
    priv_key: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Principal:
    """On whose behalf a request is made: message processing model, security model, name and level (RFC 3411)."""

    processing: int
    security: int
    name: str
    level: int
    context: str = ""


NOBODY: Final = Principal(processing=3, security=3, name="", level=1)
"""Who discovers an engine: nobody (RFC 3414 §4)."""


class _Seat:
    """The place of one user of one agent: those with the same keys sit there together, others wait until it is free."""

    def __init__(self) -> None:
        self.keys: Keys | None = None
        self.busy = 0
        self.sessions = 0
        self.free = asyncio.Event()


class Engine:
    """pysnmp's engine and its thread. Coroutines of this class run in that thread alone."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="netres-snmp", daemon=True)
        self._seats: dict[tuple[bytes, str], _Seat] = {}
        self._communities: dict[str, tuple[str, int]] = {}
        self._links: set[Link] = set()
        self._names = itertools.count(1)
        self._thread.start()
        self.submit(self._begin()).result()

    def submit(self, work: Coroutine[object, object, T]) -> Future[T]:
        """Have ``work`` done in the engine's thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    @property
    def alive(self) -> bool:
        """Whether the thread runs: in a child process it does not."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the thread, with the process."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=1)
        if not self._thread.is_alive():
            for link in tuple(self._links):
                self.detach(link)
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

    async def _begin(self) -> None:
        self._snmp = cast("PySnmpEngine", SnmpEngine())
        self._dispatcher = cast("Dispatcher", AsyncioDispatcher(loop=self._loop))
        self._snmp.register_transport_dispatcher(self._dispatcher)

    def attach(self, link: Link) -> None:
        """Let the engine use a link."""
        self._dispatcher.register_transport(link.domain, link)
        self._links.add(link)

    def detach(self, link: Link) -> None:
        """Close a link; who still waits for an answer there gets an error."""
        link.fail(TransportError(f"{link.place}: the session was closed"))
        self._links.discard(link)
        with suppress(PySnmpError):
            self._dispatcher.unregister_transport(link.domain)
        link.close_transport()

    def join(self, keys: Keys) -> None:
        """Announce a session of a user; `leave` ends it."""
        self._seats.setdefault((keys.engine, keys.user), _Seat()).sessions += 1

    def leave(self, keys: Keys) -> None:
        """End a session of a user: with the last one the engine forgets the keys."""
        seat = self._seats.get((keys.engine, keys.user))
        if seat is None:
            return
        seat.sessions -= 1
        if not seat.sessions:
            del self._seats[keys.engine, keys.user]
            if seat.keys is not None:
                config.delete_v3_user(self._snmp, keys.user, OctetString(keys.engine))

    @asynccontextmanager
    async def seated(self, keys: Keys) -> AsyncGenerator[None]:
        """With ``keys`` as those of their user: whoever has others for the same user of the same agent waits."""
        seat = self._seats[keys.engine, keys.user]
        while seat.busy and seat.keys != keys:
            await seat.free.wait()
        if seat.keys != keys:
            self._register(keys)
            seat.keys = keys
        seat.busy += 1
        seat.free.clear()
        try:
            yield
        finally:
            seat.busy -= 1
            if not seat.busy:
                seat.free.set()

    def _register(self, keys: Keys) -> None:
        config.add_v3_user(
            self._snmp,
            keys.user,
            keys.auth_protocol,
            OctetString(keys.auth_key),
            keys.priv_protocol,
            None if keys.priv_key is None else OctetString(keys.priv_key),
            securityEngineId=OctetString(keys.engine),
            authKeyType=config.USM_KEY_TYPE_LOCALIZED,
            privKeyType=config.USM_KEY_TYPE_LOCALIZED,
        )

    def admit(self, community: str) -> Principal:
        """Announce a session with a community; `dismiss` ends it."""
        name, sessions = self._communities.get(community) or (f"c{next(self._names)}", 0)
        if not sessions:
            config.add_v1_system(self._snmp, name, OctetString(community.encode()), securityName=name)
            config.add_target_parameters(self._snmp, name, name, "noAuthNoPriv", 1)
        self._communities[community] = (name, sessions + 1)
        return Principal(processing=1, security=2, name=name, level=1)

    def dismiss(self, community: str) -> None:
        """End a session with a community: with the last one the engine forgets it."""
        name, sessions = self._communities[community]
        self._communities[community] = (name, sessions - 1)
        if sessions == 1:
            del self._communities[community]
            config.delete_target_parameters(self._snmp, name)
            config.delete_v1_system(self._snmp, name)

    async def discover(self, link: Link, timeout: float, retries: int) -> bytes:
        """The engine ID of the agent, asked without any credentials (RFC 3414 §4).

        Raises:
            Silence: nobody answers, or nobody who speaks version 3.
            TransportError: see `request`.
        """
        known = self._snmp.message_processing_subsystems[3].get_peer_engine_info
        if known(link.domain, link.address)[0] is None:
            await self._ask(link, NOBODY, blank, timeout, retries)
        engine = known(link.domain, link.address)[0]
        if engine is None:
            raise TransportError(f"{link.place}: the agent does not tell its engine ID (RFC 3414)")
        return bytes(cast("bytes", engine))

    async def request(
        self, link: Link, who: Principal, make: Callable[[], Pdu], timeout: float, retries: int
    ) -> Answer:
        """The answer to what ``make`` makes, anew for every time it is sent.

        Raises:
            Silence: there is none.
            TransportError: the link failed; ConnectFailed: nobody is there.
        """
        answer = await self._ask(link, who, make, timeout, retries)
        for _ in range(3):
            if answer.report not in _RESYNCHRONISED:
                break
            answer = await self._ask(link, who, make, timeout, retries)
        return answer

    async def _ask(
        self, link: Link, who: Principal, make: Callable[[], Pdu], timeout: float, retries: int
    ) -> Answer:
        answer: asyncio.Future[Answer] = self._loop.create_future()
        link.waits(answer)
        try:
            for _ in range(retries + 1):
                self._send(link, who, make(), answer, timeout * (retries + 2))
                await asyncio.wait([answer], timeout=timeout)
                if answer.done():
                    return answer.result()
        finally:
            answer.cancel()
        raise Silence

    def _send(self, link: Link, who: Principal, pdu: Pdu, answer: asyncio.Future[Answer], lifetime: float) -> None:
        def received(*arguments: object) -> None:
            told, status = cast("Pdu | None", arguments[8]), cast("Status | None", arguments[9])
            found = answer_of(told, status)
            if not answer.done() and found is not None:
                answer.set_result(found)

        try:
            self._snmp.message_dispatcher.send_pdu(
                self._snmp,
                link.domain,
                link.address,
                who.processing,
                who.security,
                OctetString(who.name),
                who.level,
                None if who.processing == 3 else b"",
                OctetString(who.context),
                _VERSION_2,
                pdu,
                True,
                lifetime / _TICK,
                received,
                None,
            )
        except PySnmpError as error:
            raise TransportError(f"{link.place}: the request cannot be sent: {type(error).__name__}") from None


_lock = threading.Lock()
_engine: Engine | None = None


def engine() -> Engine:
    """The engine of this process, started when first asked for."""
    global _engine  # noqa: PLW0603 - one for each process is the point
    with _lock:
        if _engine is None:
            _engine = Engine()
        return _engine


def _forget() -> None:
    """In a child process the thread is not: it starts an engine of its own."""
    global _engine, _lock  # noqa: PLW0603 - see above; the lock may have been held when the process forked
    _engine, _lock = None, threading.Lock()


def _stop() -> None:
    if _engine is not None:
        _engine.stop()


os.register_at_fork(after_in_child=_forget)
atexit.register(_stop)
