"""Making an SSH connection on an event loop: TCP, jump hosts, host keys, login, and the interactive channel."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeAlias, cast

import asyncssh

from netres.inventory.entry import Entry
from netres.transport.deadline import Deadline
from netres.transport.ssh_async_channel import Channel, Program, Screen
from netres.transport.ssh_async_login import Login
from netres.transport.ssh_common import Credentials, jump_failed, unreached
from netres.transport.ssh_config import Hop

FOREIGN = (OSError, EOFError, asyncssh.Error, TimeoutError)
"""What the libraries below raise when an exchange fails."""
_FAREWELL: Final = 0.5  # seconds for the last bytes of a session
_NEVER: Final = 1 << 30  # keepalives without an answer: many devices answer none
_Addresses: TypeAlias = list[tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]]

# asyncssh logs each step of a connection; what goes wrong is raised too.
logging.getLogger("asyncssh").setLevel(logging.CRITICAL)


class AsyncLink:
    """A connection to a device, logged in. `connect` makes one."""

    connection: asyncssh.SSHClientConnection
    screen: Screen
    channel: Channel

    def __init__(self, entry: Entry, hops: tuple[Hop, ...], credentials: Credentials) -> None:
        self.hop = hops[0]
        self._entry = entry
        self._hops = hops
        self._credentials = credentials
        self._socket: socket.socket | None = None
        self._connections: list[asyncssh.SSHClientConnection] = []

    async def open(self, deadline: Deadline) -> None:
        """Connect and log in, hop by hop. Raises what the libraries below raise, and `NetresError`."""
        self._socket = await _dial(self.hop, deadline)
        way: asyncssh.SSHClientConnection | None = None
        for hop in self._hops[:-1]:
            way = await self._connected(hop, way, self._credentials.of_jump_host)
        self.connection = await self._connected(self._hops[-1], way, self._credentials)

    async def converse(self, note: Callable[[str], None]) -> None:
        """Open the command line, as netmiko does: the terminals of devices differ in what they do otherwise."""
        self.screen = Screen(note)
        channel, _ = await self.connection.create_session(
            lambda: self.screen, request_pty=True, term_type="vt100", term_size=(511, 1000), encoding=None
        )
        self.channel = cast("Channel", channel)

    async def program(self, command: str, limit: int) -> tuple[Channel, Program]:
        """Start a program.

        Raises:
            asyncssh.ChannelOpenError: the device runs none.
        """
        program = Program(limit)
        channel, _ = await self.connection.create_session(lambda: program, command, encoding=None)
        return cast("Channel", channel), program

    async def _connected(
        self, hop: Hop, way: asyncssh.SSHClientConnection | None, credentials: Credentials
    ) -> asyncssh.SSHClientConnection:
        before, self.hop = self.hop, hop
        login = Login(hop, self._entry.ssh.host_key_policy, credentials)
        try:
            connection = await asyncssh.connect(
                hop.host,
                hop.port,
                **({"tunnel": way} if way is not None else {"sock": self._socket}),
                options=_options(hop, login, self._entry.ssh.keepalive),
            )
        except asyncssh.ChannelOpenError as error:
            if way is None:
                raise
            raise jump_failed(before, hop, error) from error
        except asyncssh.Error as error:
            if (told := login.refused(error)) is not None:
                raise told from error
            raise
        finally:
            login.close()
        self._connections.append(connection)
        return connection

    @property
    def gone(self) -> bool:
        """Whether the connection has ended."""
        return self.connection.is_closed()

    def abort(self) -> None:
        """Drop the connection.

        What the kernel has not delivered yet is dropped with it. Otherwise it would go on trying for minutes, and a
        line of a session that was given up would be executed when the link is back.
        """
        if self._socket is not None:
            with suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for connection in reversed(self._connections):
            connection.abort()
        if self._socket is not None and not self._connections:
            self._socket.close()

    async def close(self) -> None:
        """Close everything; never raises, and waits for a silent device no longer than half a second."""
        try:
            async with asyncio.timeout(_FAREWELL):
                for connection in reversed(self._connections):
                    connection.close()
                    await connection.wait_closed()
        except FOREIGN:
            pass
        finally:
            self.abort()


def _options(hop: Hop, login: Login, keepalive: float) -> asyncssh.SSHClientConnectionOptions:
    """Everything asyncssh would look up by itself is told or left out: no file, no agent, no key of its own choice."""
    return asyncssh.SSHClientConnectionOptions(
        client_factory=lambda: login,
        config=None,
        username=hop.username,
        known_hosts=([], [], []),
        server_host_key_algs=list(login.algorithms),
        x509_trusted_certs=None,
        client_keys=None,
        agent_path=None,
        gss_host=None,
        preferred_auth=["publickey", "password", "keyboard-interactive"],
        compression_algs=None,
        login_timeout=0,
        connect_timeout=None,
        keepalive_interval=keepalive,
        keepalive_count_max=_NEVER,
    )


async def connect(link: AsyncLink, deadline: Deadline) -> None:
    """Open a link before the deadline comes; where that fails it is closed.

    Raises:
        TransportError: with the library's error in ``__cause__``.
    """
    try:
        async with deadline.bound():
            await link.open(deadline)
    except BaseException as error:
        link.abort()
        if isinstance(error, FOREIGN):
            incompatible = isinstance(error, asyncssh.KeyExchangeFailed)
            raise unreached(error, link.hop.place, deadline, incompatible=incompatible) from error
        raise


async def _dial(hop: Hop, deadline: Deadline) -> socket.socket:
    """A TCP connection to one of a hop's addresses; each gets its share of the time that is left."""
    found = await _resolved(hop)
    loop = asyncio.get_running_loop()
    failed: OSError = TimeoutError()
    for left, (family, kind, protocol, _, address) in zip(range(len(found), 0, -1), found, strict=True):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            async with asyncio.timeout(deadline.remaining / left):
                await loop.sock_connect(sock, address)
            # The handshake is written in small pieces; without this each waits for the one before.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            failed = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failed


async def _resolved(hop: Hop) -> _Addresses:
    """A host's addresses. In a thread of its own: a name server that does not answer must hold nobody else up."""
    with suppress(ValueError):
        ipaddress.ip_address(hop.host)
        return _found(hop)
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[_Addresses] = loop.create_future()

    def told(found: _Addresses | None, error: Exception | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(found or [])

    def look_up() -> None:
        try:
            found, error = _found(hop), None
        except OSError as raised:
            found, error = None, raised
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(told, found, error)

    threading.Thread(target=look_up, name="netres-resolve", daemon=True).start()
    return await answer


def _found(hop: Hop) -> _Addresses:
    try:
        return cast("_Addresses", socket.getaddrinfo(hop.host, hop.port, type=socket.SOCK_STREAM))
    except UnicodeError as error:  # a label that is too long or empty
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from error
