"""Making an SSH connection: TCP, jump hosts, host keys, login, and the interactive channel by netmiko."""

from __future__ import annotations

import logging
import socket
import struct
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from itertools import pairwise
from typing import Any, cast

import netmiko
import paramiko
from netmiko.base_connection import BaseConnection
from netmiko.exceptions import NetmikoBaseException, NetmikoTimeoutException
from paramiko.ssh_exception import IncompatiblePeer

from netres.errors import UsageError
from netres.inventory.entry import Entry
from netres.transport.deadline import Deadline
from netres.transport.ssh_common import Credentials, jump_failed, unreached
from netres.transport.ssh_config import Hop
from netres.transport.ssh_login import HostKeyPolicy, Login
from netres.transport.ssh_types import Channel, Client, Connection

FOREIGN = (OSError, EOFError, paramiko.SSHException, NetmikoBaseException)
"""What the libraries below raise when an exchange fails."""
_NEVER = 86400.0  # seconds; whoever waits for a connection gives up before any timeout of a library's own

# paramiko logs what it also raises. Without a handler Python prints that to stderr; a program's own still get it.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class _Session(BaseConnection):
    """netmiko's connection of one platform, but with our parameters, and closed without a dialogue.

    Its session preparation is not used: it waits fixed times and remembers a prompt that may change.
    """

    parameters: dict[str, Any]  # netmiko's own type of it

    def begin(self) -> None:
        self._modify_connection_params()
        self.establish_connection()

    def _connect_params_dict(self) -> dict[str, Any]:
        return self.parameters

    def cleanup(self, command: str = "") -> None:
        """Nothing to say: the device ends the session when the connection closes."""


class Link:
    """A connection to a device, logged in. `connect` makes one.

    With a netmiko ``device_type`` it has an interactive channel; without, it is for programs alone.
    """

    channel: Channel
    connection: Connection
    line_end: str
    """What netmiko knows the platform to take for Return."""

    def __init__(self, entry: Entry, device_type: str | None, hops: tuple[Hop, ...], credentials: Credentials) -> None:
        self._kind = _kind(device_type) if device_type is not None else None
        self.hop = hops[0]
        self._entry = entry
        self._device_type = device_type or ""
        self._hops = hops
        self._credentials = credentials
        self._socket: socket.socket | None = None
        self._clients: list[Client] = []
        self._session: _Session | None = None
        self._aborted = False

    def open(self, deadline: Deadline) -> None:
        """Connect and log in, hop by hop. Raises what the libraries below raise, and `NetresError`."""
        self._socket = _dial(self.hop, deadline)
        if self._aborted:
            raise EOFError
        way: socket.socket | Channel = self._socket
        for hop, following in pairwise(self._hops):
            way = self._through(hop, following, way)
        if self._kind is None:
            self.connection = self._login(self._hops[-1], way, self._credentials)
        else:
            self._converse(self._kind, way)

    def _converse(self, kind: type[_Session], way: socket.socket | Channel) -> None:
        """Log in to the device, with an interactive channel."""
        self.hop = self._hops[-1]
        credentials = self._credentials
        session = self._session = kind(
            device_type=self._device_type,
            host=self.hop.host,
            port=self.hop.port,
            username=self.hop.username,
            password=credentials.password,  # netmiko hides it in its own log
            keepalive=self._entry.ssh.keepalive,
            auto_connect=False,
        )
        policy = HostKeyPolicy(self.hop, self._entry.ssh.host_key_policy)
        session.key_policy = cast("Any", policy)
        session.parameters = _parameters(self.hop, way, policy, Login(self.hop, credentials))
        session.begin()
        self.channel = cast("Channel", session.remote_conn)
        self.connection = cast("Client", session.remote_conn_pre).get_transport()
        self.line_end = session.RETURN

    def _through(self, hop: Hop, following: Hop, way: socket.socket | Channel) -> Channel:
        """Log in to a jump host; a channel from there to the next hop."""
        connection = self._login(hop, way, self._credentials.of_jump_host)
        try:
            return connection.open_channel("direct-tcpip", (following.host, following.port), ("127.0.0.1", 0))
        except paramiko.ChannelException as error:
            raise jump_failed(hop, following, error) from error

    def _login(self, hop: Hop, way: socket.socket | Channel, credentials: Credentials) -> Connection:
        """Log in to a host, without an interactive channel."""
        self.hop = hop
        client = cast("Client", paramiko.SSHClient())
        self._clients.append(client)
        policy = HostKeyPolicy(hop, self._entry.ssh.host_key_policy)
        client.set_missing_host_key_policy(policy)
        client.connect(**_parameters(hop, way, policy, Login(hop, credentials)))
        connection = client.get_transport()
        connection.set_keepalive(self._entry.ssh.keepalive)
        return connection

    def abort(self) -> None:
        """Take the connection from under whoever uses it, in whatever thread. `close` is still to be called.

        What the kernel has not delivered yet is dropped with it. Otherwise it would go on trying for minutes, and a
        line of a session that was given up would be executed when the link is back.
        """
        self._aborted = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close everything; never raises."""
        with suppress(*FOREIGN):
            if self._session is not None:
                self._session.disconnect()
        for client in reversed(self._clients):
            with suppress(*FOREIGN):
                client.close()
        if self._socket is not None:
            self._socket.close()


def _kind(device_type: str) -> type[_Session]:
    try:
        platform = netmiko.ssh_dispatcher(device_type)
    except KeyError as error:
        raise UsageError(f"netmiko has no device type {device_type!r}; see netmiko.platforms") from error
    return cast("type[_Session]", type("Session", (_Session, platform), {}))


def connect(link: Link, deadline: Deadline) -> None:
    """Open a link before the deadline comes; where that fails it is closed.

    It is made in a thread of its own: name resolution and ssh-agents take no timeout.

    Raises:
        TransportError: with the library's error in ``__cause__``.
    """
    opening: Future[None] = Future()

    def work() -> None:
        try:
            link.open(deadline)
        except BaseException as error:  # noqa: BLE001  # raised again in the thread that waits
            opening.set_exception(error)
        else:
            opening.set_result(None)

    threading.Thread(target=work, name="netres-connect", daemon=True).start()
    try:
        opening.result(deadline.remaining)
    except BaseException as error:
        link.abort()
        opening.add_done_callback(lambda _: link.close())
        if isinstance(error, FOREIGN):
            cause = _root(error)
            incompatible = isinstance(cause, IncompatiblePeer)
            raise unreached(cause, link.hop.place, deadline, incompatible=incompatible) from cause
        raise


def _dial(hop: Hop, deadline: Deadline) -> socket.socket:
    """A TCP connection to one of a hop's addresses; each gets its share of the time that is left."""
    try:
        found = socket.getaddrinfo(hop.host, hop.port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is too long or empty
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from error
    failed: OSError = TimeoutError()
    for left, (family, kind, protocol, _, address) in zip(range(len(found), 0, -1), found, strict=True):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(max(deadline.remaining / left, 0.001))  # 0 would not wait at all
            sock.connect(address)
            # paramiko writes its handshake in small pieces; without this each waits for the one before (87 ms).
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(None)
        except OSError as error:
            sock.close()
            failed = error
        else:
            return sock
    raise failed


def _parameters(hop: Hop, way: socket.socket | Channel, policy: HostKeyPolicy, login: Login) -> dict[str, object]:
    def transport(sock: object, disabled_algorithms: None) -> Connection:
        made = cast("Callable[[object], Connection]", paramiko.Transport)(sock)
        made.handshake_timeout = _NEVER
        wanted = made.get_security_options()
        wanted.key_types = policy.preferred(wanted.key_types)
        return made

    return {
        "hostname": hop.host,
        "port": hop.port,
        "username": hop.username,
        "sock": way,
        "banner_timeout": _NEVER,
        "auth_timeout": _NEVER,
        "transport_factory": transport,
        "auth_strategy": login,
    }


def _root(error: BaseException) -> BaseException:
    """What netmiko caught when it raised its own error."""
    while isinstance(error, NetmikoTimeoutException) and error.__context__ is not None:
        error = error.__context__
    return error
