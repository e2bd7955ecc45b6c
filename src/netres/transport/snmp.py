"""A session with an SNMP agent: version 2c with a community, version 3 with a user (RFC 3411 to 3418)."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Final, TypeVar, cast

from netres.errors import ConnectFailed, NetresError, Timeout, TransportError, UsageError
from netres.flow import Operation, Reconnect, Reply, Snmp
from netres.inventory.entry import Entry
from netres.transport.deadline import Deadline
from netres.transport.retry import retried
from netres.transport.snmp_engine import Engine, Silence, engine
from netres.transport.snmp_fast import FastSession, available
from netres.transport.snmp_link import Link
from netres.transport.snmp_session import Session
from netres.transport.snmp_types import Oid, Value
from netres.transport.snmp_usm import login

T = TypeVar("T")
_NOBODY: Final = {
    True: ": nobody is there, or packets are dropped",
    False: ": nobody is there, packets are dropped, or an agent without version 3 does not know the community",
}
"""What silence to a first question may mean, in version 3 and in 2c."""
PORT: Final = 161
_FIRST: Final = "get sysUpTime"
"""The first question, as it is shown."""
_OID: Final = re.compile(r"[0-2](\.\d{1,10}){1,127}")


class SnmpTransport:
    """`netres.flow.Transport` for `Snmp` and `Reconnect`.

    A request that is not answered is sent again, ``snmp.retries`` times. A session outlives that: the agent keeps
    nothing of it. An interrupt ends it, and so does an agent that is no longer the same.
    """

    def __init__(self, entry: Entry) -> None:
        """Prepare a session; `open` makes one with which the agent agrees."""
        self._entry = entry
        self._login = login(entry)
        self._place = f"{entry.name} ({entry.host}:{entry.port or PORT}/udp)"
        self._session: Session | FastSession | None = None
        self._running: Future[object] | None = None
        self._closed = False

    @classmethod
    def open(cls, entry: Entry) -> SnmpTransport:
        """A session in which the agent answered a first question.

        Raises:
            TransportError: ConnectFailed: the port is closed; Timeout: silence; AuthFailed: the agent is there, but
                does not take the credentials.
            InvalidConfig: a setting or a secret of the entry is not usable.
        """
        transport = cls(entry)
        try:
            transport._connect(1)
        except BaseException:
            transport.close()
            raise
        return transport

    def execute(self, operation: Operation) -> Reply:
        """Do one operation; its deadline is ``timeouts.command``, that of `Reconnect` ``timeouts.connect``.

        Raises:
            Rejected: the agent refused it; with a ``set``, nothing was set.
            Timeout: no answer. A ``set`` may have been done all the same.
            ConnectFailed: the port is closed, or the session was lost before.
            ParseError: the agent breaks the protocol.
            UsageError: this transport has no such operation.
        """
        if isinstance(operation, Reconnect) and not self._closed:
            self._drop()
            self._connect(None)
            return Reply()
        return Reply(body=self._awaited(self.begin(operation), str(operation)))

    def begin(self, operation: Operation) -> Future[dict[str, Value]]:
        """`execute`, without waiting for the answer; not for `Reconnect`."""
        if self._closed:
            raise UsageError(f"{self._place}: {str(operation)!r} was sent after close()")
        if not isinstance(operation, Snmp):
            raise UsageError(f"{self._place}: SNMP has no operation {str(operation)!r}; it has Snmp and Reconnect")
        oids = [_parsed(oid) for oid in operation.oids]
        session = self._session
        if session is None or session.engine is not engine():
            raise ConnectFailed(f"{self._place}: the session is lost; {str(operation)!r} was not sent; reconnect")
        deadline = Deadline(self._entry.timeouts.command)
        return session.engine.submit(self._limited(_done(session, operation, oids), deadline, str(operation)))

    def connecting(self) -> Future[None]:
        """Begin a session, at one attempt."""
        return self._attempt(Deadline(self._entry.timeouts.connect))

    def take(self) -> Session | FastSession | None:
        """The session, which is this transport's no more; it is the caller's to end it."""
        self._closed = True
        session, self._session = self._session, None
        return session

    def interrupt(self) -> None:
        """End a running operation from another thread; the session is lost."""
        if (running := self._running) is not None:
            running.cancel()

    def close(self) -> None:
        """End the session; never raises."""
        self._closed = True
        self._drop()

    def _connect(self, attempts: int | None) -> None:
        deadline = Deadline(self._entry.timeouts.connect)
        retried(lambda: self._awaited(self._attempt(deadline), _FIRST), deadline, attempts)

    def _attempt(self, deadline: Deadline) -> Future[None]:
        shared = engine()

        async def attempt() -> None:
            self._session = await self._limited(self._opened(shared), deadline, _FIRST)

        return shared.submit(attempt())

    async def _opened(self, shared: Engine) -> Session | FastSession:
        failed: Exception = ConnectFailed(f"{self._place}: the name has no address")
        for family, address in await _addresses(self._place, self._entry.host, self._entry.port or PORT):
            try:
                return await self._opened_at(shared, address, family)
            except ConnectFailed as error:
                failed = error
            except Silence:
                failed = Silence(_NOBODY[self._login.community is None])
        raise failed

    async def _opened_at(self, shared: Engine, address: tuple[str, int], family: int) -> Session | FastSession:
        login, settings = self._login, self._entry.snmp

        async def surely() -> Session:
            return await Session.open(shared, login, settings, await Link.open(self._place, address, family))

        fast = await FastSession.open(shared, login, settings, address, surely) if available() else None
        return fast or await surely()

    def _awaited(self, running: Future[T], shown: str) -> T:
        self._running = cast("Future[object]", running)
        try:
            return running.result()
        except CancelledError:
            self._drop()
            raise TransportError(f"{self._place}: {shown!r} was interrupted") from None
        except BaseException:
            running.cancel()
            raise
        finally:
            self._running = None

    async def _limited(self, work: Coroutine[object, object, T], deadline: Deadline, shown: str) -> T:
        settings = self._entry.snmp
        try:
            async with asyncio.timeout(deadline.remaining):
                return await work
        except NetresError:
            raise
        except TimeoutError:
            late = f"{self._place}: {shown!r} was not done within {deadline.seconds:g} seconds"
            raise Timeout(late) from None
        except Silence as silence:
            waited = f"timeout {settings.timeout:g} seconds, retries {settings.retries}"
            raise Timeout(f"{self._place}: {shown!r} was not answered ({waited}){silence}") from None
        except Exception as error:
            raise TransportError(f"{self._place}: {shown!r} broke pysnmp: {type(error).__name__}") from error

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.end()


async def _done(session: Session | FastSession, operation: Snmp, oids: list[Oid]) -> dict[str, Value]:
    shown = str(operation)
    match operation.verb:
        case "get":
            return await session.get(oids, shown)
        case "walk":
            return await session.walk(oids, shown)
        case "set":
            await session.set(list(zip(oids, operation.reveal(), strict=True)), shown)
            return {}


async def _addresses(place: str, host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
    """Family and address of each way to reach a host."""
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        pass
    else:
        return [(family, (host, port))]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise ConnectFailed(f"{place}: the name is not known: {error}; check host") from error
    return [(family, (str(address[0]), int(address[1]))) for family, _, _, _, address in found]


def _parsed(oid: str) -> Oid:
    arcs = tuple(map(int, oid.split("."))) if _OID.fullmatch(oid) else ()
    if not arcs or max(arcs) > 0xFFFFFFFF:
        raise UsageError(f"{oid!r} is no OID; write it in numbers, like 1.3.6.1.2.1.1.3.0")
    return arcs
