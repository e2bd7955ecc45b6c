"""A simulated device's SSH server: asyncssh, a port of loopback, a host key of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol, cast

import asyncssh
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from netres.testing.sim.device import Simulated
from netres.testing.sim.terminal import Terminal
from netres.testing.sim.wire import Act, Conversation, Cut, End, Ending, Send, Stall, Wait


class SshServer:
    """Serves one device on one port of loopback."""

    def __init__(self, device: Simulated, key: asyncssh.SSHKey) -> None:
        self._device = device
        self._key = key
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self.port = 0

    @property
    def public_key(self) -> str:
        """The host key, as a line of known_hosts has it: type and key."""
        return " ".join(self._key.export_public_key().decode().split()[:2])

    async def start(self, address: str, port: int = 0) -> None:
        """Listen; ``port`` 0: the system chooses."""
        self._acceptor = await asyncssh.listen(
            address,
            port,
            server_factory=lambda: _Login(self._device, self._connections),
            server_host_keys=[self._key],
            server_version="simulated",
            line_editor=False,
            encoding=None,
            backlog=1024,
            keepalive_interval=0,
            login_timeout=0,
            compression_algs=None,
            # Nobody listens in on loopback: what is cheap is enough.
            kex_algs=["curve25519-sha256", "ecdh-sha2-nistp256", "diffie-hellman-group14-sha256"],
        )
        self.port = int(self._acceptor.get_port())
        self._device.rekeyed.append(self._rekey)

    def _rekey(self) -> None:
        """Have another host key from the next connection on."""
        if self._acceptor is not None:
            self._acceptor.update(server_host_keys=[host_key()])

    async def stop(self) -> None:
        """End every connection, and listen no more."""
        if self._acceptor is not None:
            self._acceptor.close()
            await self._acceptor.wait_closed()
        connections = list(self._connections)
        for connection in connections:
            connection.abort()
        await asyncio.gather(*(connection.wait_closed() for connection in connections))


def host_key() -> asyncssh.SSHKey:
    """A new one."""
    made = ed25519.Ed25519PrivateKey.generate()
    form = serialization.PrivateFormat.OpenSSH
    return asyncssh.import_private_key(
        made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    )


class _Login(asyncssh.SSHServer):
    """One connection."""

    def __init__(self, device: Simulated, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._device = device
        self._connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)
        if not self._device.up:
            conn.abort()
            return
        loop = asyncio.get_running_loop()
        self._device.connected(self, lambda: loop.call_soon_threadsafe(conn.abort))

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self._connection)
        self._device.disconnected(self)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        device = self._device
        if device.faults.at_login():
            return False
        return (username, password) == (device.username, device.password)

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        return _Channel(self._device)


class _Connection(Protocol):
    def abort(self) -> None: ...


class _Out(Protocol):
    """What is used of an asyncssh channel, whose own types are half unknown."""

    def write(self, data: bytes) -> None: ...

    def exit(self, status: int) -> None: ...

    def get_connection(self) -> _Connection: ...


class _Channel(asyncssh.SSHServerSession[bytes]):
    """A session channel: a command line, a program, or a subsystem. Plays what its conversation says, in order."""

    def __init__(self, device: Simulated) -> None:
        self._device = device
        self._conversation: Conversation | None = None
        self._queue: asyncio.Queue[Iterable[Act] | None] = asyncio.Queue()
        self._player: asyncio.Task[None] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = cast("_Out", chan)

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        return True

    def shell_requested(self) -> bool:
        if self._device.cli is None:
            return False
        self._conversation = Terminal(self._device.cli())
        return True

    def exec_requested(self, command: str) -> bool:
        if self._device.program is None:
            return False
        self._conversation = self._device.program(command)
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        if (make := self._device.subsystems.get(subsystem)) is None:
            return False
        self._conversation = make()
        return True

    def session_started(self) -> None:
        conversation: object = self._conversation
        if isinstance(conversation, Ending):
            loop, abort = asyncio.get_running_loop(), self._channel.get_connection().abort
            conversation.hang_up = lambda: loop.call_soon_threadsafe(abort)
        if self._conversation is not None:
            self._player = asyncio.get_running_loop().create_task(self._play())
            self._queue.put_nowait(self._conversation.start())

    def data_received(self, data: bytes, datatype: int | None) -> None:
        if self._conversation is not None:
            self._queue.put_nowait(self._conversation.feed(data))

    def eof_received(self) -> bool:
        if self._conversation is not None:
            self._queue.put_nowait(self._conversation.eof())
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if self._player is not None:
            self._player.cancel()
        if self._conversation is not None:
            self._conversation.close()

    async def _play(self) -> None:
        while (doing := await self._queue.get()) is not None:
            for act in doing:
                if not await self._played(act):
                    return

    async def _played(self, act: Act) -> bool:
        """Whether the conversation goes on after it."""
        match act:
            case Send(data):
                self._channel.write(data)
            case Wait(seconds):
                await asyncio.sleep(seconds)
            case Stall():
                return False
            case Cut():
                self._channel.get_connection().abort()
                return False
            case End(status):
                self._channel.exit(status)
                return False
        return True
