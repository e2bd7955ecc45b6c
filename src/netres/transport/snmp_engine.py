"""The one SNMP engine of this process (RFC 3411): pysnmp's, on an event loop in a thread of its own.

An engine costs a megabyte and a tenth of a second, so all sessions share one; it is made when first needed, and a
child process makes its own. For some minutes pysnmp remembers half a kilobyte of every version 3 request.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar, cast

from pysnmp.carrier.asyncio.dispatch import AsyncioDispatcher
from pysnmp.entity.engine import SnmpEngine
from pysnmp.error import PySnmpError
from pysnmp.proto.rfc1902 import OctetString

from netres.errors import TransportError
from netres.transport.snmp_lcd import NOBODY, Communities, Principal, Users
from netres.transport.snmp_link import Link
from netres.transport.snmp_message import Answer, answer_of, blank
from netres.transport.snmp_types import Dispatcher, Pdu, PySnmpEngine, Status

T = TypeVar("T")
_TICK: Final = 0.1
"""Seconds: by this pysnmp's clock counts."""
_RESYNCHRONISED: Final = frozenset({"UnknownEngineID", "NotInTimeWindow"})
"""Reports after which pysnmp knows the agent's engine and clock, and the request is sent again (RFC 3414 §4)."""
_PDU_VERSION: Final = 1
"""That of RFC 3416, in pysnmp's count."""


class Silence(Exception):
    """No answer came, however often the request was sent."""


@dataclass(frozen=True)
class Patience:
    """For how many seconds an answer is awaited, and how often a request without one is sent again."""

    seconds: float
    retries: int


class Engine:
    """pysnmp's engine and its thread. All but `submit` and `stop` is for that thread."""

    users: Users
    communities: Communities

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._links: set[Link] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="netres-snmp", daemon=True)
        self._thread.start()
        self.submit(self._begin()).result()

    async def _begin(self) -> None:
        self._snmp = cast("PySnmpEngine", SnmpEngine())
        self._dispatcher = cast("Dispatcher", AsyncioDispatcher(loop=self._loop))
        self._snmp.register_transport_dispatcher(self._dispatcher)
        self.users, self.communities = Users(self._snmp), Communities(self._snmp)

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
        if not self.alive:
            for link in tuple(self._links):
                self.detach(link)
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

    def attach(self, link: Link) -> None:
        """Let the engine use a link."""
        self._dispatcher.register_transport(link.domain, link)
        self._links.add(link)

    def detach(self, link: Link) -> None:
        """Close a link; who still waits for an answer there gets an error."""
        self._links.discard(link)
        link.fail(TransportError(f"{link.place}: the session was closed"))
        with suppress(PySnmpError):
            self._dispatcher.unregister_transport(link.domain)
        link.close_transport()

    async def discover(self, link: Link, patience: Patience) -> bytes:
        """The engine ID of the agent, asked without any credentials (RFC 3414 §4).

        Raises:
            Silence: nobody answers, or nobody who speaks version 3.
            TransportError: see `request`.
        """
        await self._ask(link, NOBODY, blank, patience)
        engine, _, _ = self._snmp.message_processing_subsystems[3].get_peer_engine_info(link.domain, link.address)
        if engine is None:
            raise TransportError(f"{link.place}: the agent does not tell its engine ID (RFC 3414)")
        return bytes(cast("bytes", engine))

    async def request(self, link: Link, who: Principal, make: Callable[[], Pdu], patience: Patience) -> Answer:
        """The answer to what ``make`` makes, anew for every time it is sent.

        Raises:
            Silence: there is none.
            TransportError: the link failed; ConnectFailed: nobody is there.
        """
        answer = await self._ask(link, who, make, patience)
        for _ in range(3):
            if answer.report not in _RESYNCHRONISED:
                break
            answer = await self._ask(link, who, make, patience)
        return answer

    async def _ask(self, link: Link, who: Principal, make: Callable[[], Pdu], patience: Patience) -> Answer:
        answer: asyncio.Future[Answer] = self._loop.create_future()
        link.waits(answer)
        try:
            for _ in range(patience.retries + 1):
                self._send(link, who, make(), answer, patience.seconds * (patience.retries + 2))
                await asyncio.wait([answer], timeout=patience.seconds)
                if answer.done():
                    return answer.result()
        finally:
            if not answer.cancel() and not answer.cancelled():
                answer.exception()  # fetched, or asyncio complains where a deadline came at the same time
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
                OctetString(who.context.encode()),
                _PDU_VERSION,
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
    """In a child process the thread is not; the lock may have been held when it was forked."""
    global _engine, _lock
    _engine, _lock = None, threading.Lock()


def _stop() -> None:
    if _engine is not None:
        _engine.stop()


os.register_at_fork(after_in_child=_forget)
atexit.register(_stop)
