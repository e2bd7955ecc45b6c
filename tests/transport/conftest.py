"""Real OpenSSH servers on loopback, whose every session is a small command line written for these tests."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from httpsession import rest as rest  # noqa: PLC0414 - a fixture
from httpsession import web_secrets as web_secrets  # noqa: PLC0414 - a fixture
from looped import LoopedSsh, Ssh
from needed import need

from netres.driver import CliShell
from netres.errors import NetresError
from netres.inventory.entry import Entry
from netres.testing.netns import wait_until
from netres.testing.sshd import account
from netres.transport.ssh import SshTransport

USER = "netres"
COMMAND_LINE = Path(__file__).with_name("command_line.py")
# Not this interpreter: the user who logs in may not be allowed to start it.
PYTHON = shutil.which("python3", path="/usr/local/bin:/usr/bin")
CONFIG = """\
{options}
Port {port}
ListenAddress {address}
HostKey {directory}/host_key
AuthorizedKeysFile {directory}/authorized_keys
PidFile none
UsePAM no
StrictModes no
AllowUsers {user}
PrintMotd no
PrintLastLog no
UseDNS no
MaxStartups 100
"""


def unavailable() -> str | None:
    if os.geteuid() != 0:
        return "sshd with password login needs root"
    tools = {"sshd": shutil.which("sshd", path="/usr/sbin:/usr/bin"), "python3": PYTHON}
    tools |= {name: shutil.which(name) for name in ("ssh-keygen", "useradd", "chpasswd")}
    missing = [name for name, path in tools.items() if path is None]
    return f"not installed: {', '.join(missing)}" if missing else None


@dataclass
class Server:
    """An sshd; ``directory`` holds its keys and those of its clients."""

    directory: Path
    address: str
    port: int
    options: str
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return f"[{self.address}]:{self.port}"

    @property
    def known_hosts(self) -> Path:
        return self.directory / "known_hosts"

    @property
    def host_key(self) -> str:
        return " ".join((self.directory / "host_key.pub").read_text().split()[:2])

    @property
    def authorized_keys(self) -> Path:
        return self.directory / "authorized_keys"

    def new_host_key(self, kind: str = "ed25519") -> None:
        (self.directory / "host_key").unlink(missing_ok=True)
        keygen("-t", kind, "-N", "", "-f", str(self.directory / "host_key"))

    def identity(self, name: str = "id", passphrase: str = "") -> Path:
        """The private key of a new pair that may log in."""
        path = self.directory / name
        if not path.exists():
            keygen("-t", "ed25519", "-N", passphrase, "-f", str(path))
            with self.authorized_keys.open("a") as file:
                file.write(path.with_suffix(".pub").read_text())
        return path

    def start(self) -> None:
        config = self.directory / "sshd_config"
        values = {"port": self.port, "address": self.address, "directory": self.directory, "user": USER}
        config.write_text(CONFIG.format(options=self.options, **values))
        log = self.directory / "sshd.log"
        # sshd executes itself again for each connection, so its paths must be absolute
        self.process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", str(config), "-E", str(log)])
        wait_until(self._answers, f"an answer of sshd at {self.name}")

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.directory / "sshd.log").read_text()
        try:
            with socket.create_connection((self.address, self.port), timeout=1) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def stop(self) -> None:
        """No new connections; those there are go on."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def entry(
        self,
        *,
        port: int | None = None,
        password: str | None = "env:NETRES_TEST_PASSWORD",
        ssh: Mapping[str, object] | None = None,
        timeouts: Mapping[str, float] | None = None,
    ) -> Entry:
        """How to reach it, by password and strictly, unless said otherwise."""
        return Entry.model_validate(
            {
                "name": "r1",
                "platform": "frr",
                "host": self.address,
                "port": port or self.port,
                "username": USER,
                "password": password,
                "ssh": {"known_hosts": self.known_hosts, "agent": False, "config": os.devnull, **(ssh or {})},
                "timeouts": {"connect": 5, "command": 5, **(timeouts or {})},
            }
        )


def keygen(*arguments: str) -> None:
    subprocess.run(["ssh-keygen", "-q", "-C", "", *arguments], check=True, capture_output=True)


def free_port(address: str) -> int:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


class Relay:
    """A TCP relay to a server, which can stop relaying: what a link does that drops packets."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets = [self._listener]
        self._cut_after: int | None = None
        self.relayed = 0
        """Bytes, both ways."""
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self, after: int = 0) -> None:
        """Swallow everything once ``after`` more bytes were relayed."""
        self._cut_after = self.relayed + after

    def mend(self) -> None:
        self._cut_after = None

    def hang_up(self) -> None:
        """Close all connections; new ones are relayed."""
        self._close(self._sockets[1:])

    def close(self) -> None:
        self._close(self._sockets)

    @staticmethod
    def _close(sockets: list[socket.socket]) -> None:
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                self._sockets += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._copy, args=pair, daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self._cut_after is None or self.relayed < self._cut_after:
                    self.relayed += len(data)
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)


Start = Callable[..., Server]
Failure = Callable[[Entry], tuple[NetresError, float]]


@pytest.fixture(scope="session")
def _usable() -> None:
    need(unavailable())


@pytest.fixture(scope="module")
def start(_usable: None) -> Iterator[Start]:
    """Starts servers: ``start(address="127.0.0.1", command=..., options="...")``; they end with the module."""
    servers: list[Server] = []
    environment = pytest.MonkeyPatch()
    environment.setenv("NETRES_TEST_PASSWORD", account(USER))
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # privilege separation

    def started(address: str = "127.0.0.1", options: str = "", command: str | None = None) -> Server:
        # Not pytest's tmp_path: the user who logs in cannot read there.
        directory = Path(tempfile.mkdtemp(prefix="netres-ssh-"))
        directory.chmod(0o755)
        shutil.copy(COMMAND_LINE, directory)
        program = command or f"{PYTHON} -I -S {directory / COMMAND_LINE.name}"
        server = Server(directory, address, free_port(address), f"{options}\nForceCommand exec {program}\n")
        servers.append(server)
        server.new_host_key()
        server.known_hosts.write_text(f"{server.name} {server.host_key}\n")
        server.start()
        return server

    yield started
    for server in servers:
        server.stop()
        shutil.rmtree(server.directory)
    environment.undo()


@pytest.fixture(scope="module")
def server(start: Start) -> Server:
    return start()


@pytest.fixture
def relay(server: Server) -> Iterator[Relay]:
    with closing(Relay((server.address, server.port))) as relay:
        with server.known_hosts.open("a") as file:
            file.write(f"[127.0.0.1]:{relay.port} {server.host_key}\n")
        yield relay


@pytest.fixture
def shell() -> CliShell:
    """How the invented device of these tests talks."""
    return CliShell(
        netmiko="cisco_ios",
        prompt=r"[A-Za-z0-9-]+(\([a-z-]+\))?# ",
        prepare=("show terminal",),
        refuses=re.compile(r"(?m)^% "),
        secrets=(re.compile(r"password (\S+)"),),
    )


@pytest.fixture(params=[SshTransport, LoopedSsh], ids=["netmiko", "asyncssh"])
def transport(request: pytest.FixtureRequest) -> type[Ssh]:
    """The transports that do the same."""
    return cast("type[Ssh]", request.param)


@pytest.fixture
def opened(transport: type[Ssh], shell: CliShell) -> Iterator[Callable[[Entry], Ssh]]:
    """Opens sessions; they are closed with the test."""
    with ExitStack() as stack:

        def session(entry: Entry) -> Ssh:
            return stack.enter_context(closing(transport.open(entry, shell)))

        yield session


@pytest.fixture
def failure(transport: type[Ssh], shell: CliShell) -> Failure:
    """The error of a session that cannot be made, and the seconds that took."""

    def fail(entry: Entry) -> tuple[NetresError, float]:
        started = time.monotonic()
        with pytest.raises(NetresError) as caught:
            transport.open(entry, shell)
        return caught.value, time.monotonic() - started

    return fail
