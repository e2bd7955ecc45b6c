"""How a session is made, and every way in which it is not."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from netres.driver import CliShell
from netres.errors import (
    AuthFailed,
    ConnectFailed,
    HostKeyMismatch,
    HostKeyUnknown,
    InvalidConfig,
    NetresError,
    Timeout,
    TransportError,
)
from netres.flow import Cli, Exec, Reconnect
from netres.inventory.entry import Entry
from netres.testing.netns import wait_until
from netres.transport.ssh import SshTransport

if TYPE_CHECKING:
    from tests.transport.conftest import Relay, Server, Start

    Opened = Callable[[Entry], SshTransport]

SHOW = Cli(("show x",), writes=False)


@pytest.fixture(scope="module")
def jump(start: Start) -> Server:
    """A jump host: by key only."""
    server = start(options="PasswordAuthentication no")
    identity(server)
    return server


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def identity(server: Server, name: str = "id", passphrase: str = "") -> Path:
    """The private key of a new pair that may log in to the server."""
    path = server.directory / name
    if not path.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", path], check=True)
        with server.authorized_keys.open("a") as file:
            file.write(path.with_suffix(".pub").read_text())
        server.authorized_keys.chmod(0o644)
    return path


def failure(entry: Entry, shell: CliShell) -> tuple[NetresError, float]:
    """The error of a session that cannot be made, and the seconds that took."""
    started = time.monotonic()
    with pytest.raises(NetresError) as caught:
        SshTransport.open(entry, shell)
    return caught.value, time.monotonic() - started


# --- what fails, and how ---------------------------------------------------------------------------------------------


def test_a_wrong_password_is_refused_login(server: Server, shell: CliShell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG", "not-the-password")
    error, _ = failure(server.entry(password="env:WRONG"), shell)
    assert type(error) is AuthFailed
    assert str(error) == (
        f"netres@127.0.0.1:{server.port}: login refused (tried: password); check username and secrets"
    )
    assert type(error.__cause__).__name__ == "AuthenticationException"
    assert not error.retryable


def test_without_credentials_there_is_no_login(server: Server, shell: CliShell) -> None:
    error, _ = failure(server.entry(password=None), shell)
    assert type(error) is AuthFailed
    assert str(error).endswith("nothing to log in with; set password or ssh.identity, or load a key in ssh-agent")


def test_a_secret_that_leads_nowhere_is_told_before_anything_is_sent(shell: CliShell) -> None:
    entry = Entry.model_validate(
        {"name": "r1", "platform": "frr", "host": "::1", "username": "u", "password": "env:NO"}
    )
    error, took = failure(entry, shell)
    assert isinstance(error, InvalidConfig)
    assert str(error) == "environment variable NO is not set; it is needed for secret 'env:NO'"
    assert took < 1


def test_a_closed_port_is_a_failed_connection_after_a_few_tries(shell: CliShell, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    error, took = failure(entry_for("127.0.0.1", port, connect=5), shell)
    assert type(error) is ConnectFailed
    assert str(error) == f"127.0.0.1:{port}: the port is closed; check port, and that an SSH server runs there"
    assert isinstance(error.__cause__, ConnectionRefusedError)
    assert took < 3


def test_an_unknown_name_is_a_failed_connection(shell: CliShell) -> None:
    error, _ = failure(entry_for("no-such-host.invalid", 22, connect=2), shell)
    assert type(error) is ConnectFailed
    assert str(error).startswith("no-such-host.invalid:22: the name cannot be resolved (")
    assert isinstance(error.__cause__, socket.gaierror)


def test_an_unreachable_address_is_a_failed_connection(shell: CliShell) -> None:
    error, _ = failure(entry_for("255.255.255.255", 22, connect=2), shell)
    assert type(error) is ConnectFailed
    assert str(error).endswith("; check host, port and routes")


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-silent\r\n"])
def test_a_silent_host_is_a_timeout(shell: CliShell, listener: socket.socket, greeting: bytes) -> None:
    port = listener.getsockname()[1]
    with served(listener, lambda connection: connection.sendall(greeting)):
        error, took = failure(entry_for("127.0.0.1", port), shell)
    assert type(error) is Timeout
    assert str(error) == (
        f"127.0.0.1:{port}: no session within 0.5 s; check that the device is up and no firewall drops packets, "
        f"or raise timeouts.connect"
    )
    assert 0.5 <= took < 2


def test_a_host_that_drops_packets_is_a_timeout(shell: CliShell) -> None:
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(3):  # the queue is full: the kernel drops what comes then
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        error, took = failure(entry_for("127.0.0.1", full.getsockname()[1]), shell)
    assert type(error) is Timeout
    assert 0.5 <= took < 2


def test_a_name_that_is_none_is_a_failed_connection(shell: CliShell, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("HostName lon..r1\n")
    settings = {
        "name": "r1",
        "platform": "frr",
        "host": "lon-r1",
        "username": "u",
        "ssh": {"config": tmp_path / "config"},
    }
    error, _ = failure(Entry.model_validate(settings), shell)
    assert type(error) is ConnectFailed
    assert str(error) == "lon..r1:22: the name cannot be resolved (not a host name); check host and DNS"


def test_a_name_server_that_does_not_answer_is_a_timeout(
    shell: CliShell, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()

    def resolve(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        answered.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", listener.getsockname())]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    error, took = failure(entry_for("slow.example.net", 22), shell)
    answered.set()
    assert type(error) is Timeout
    assert took < 2
    connection, _ = listener.accept()
    with connection:
        assert connection.recv(1) == b""  # the answer came too late: no session is made any more


def test_an_agent_that_does_not_answer_is_a_timeout(
    server: Server, shell: CliShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(tmp_path / "agent"))
        agent.listen()
        error, took = failure(server.entry(ssh={"agent": True}, timeouts={"connect": 0.5}), shell)
        connection, _ = agent.accept()
        with connection:  # too late it says that it has no keys
            connection.sendall(b"\0\0\0\x05\x0c\0\0\0\0")
            wait_until(lambda: all(one.name != "netres-connect" for one in threading.enumerate()), "the thread's end")
    assert type(error) is Timeout
    assert took < 2


def test_another_service_is_a_failed_connection(shell: CliShell, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with served(listener, lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), close=True):
        error, _ = failure(entry_for("127.0.0.1", port, connect=2), shell)
    assert type(error) is ConnectFailed
    assert "the SSH handshake failed (" in str(error)


def test_no_common_algorithm_is_a_failed_connection(start: Start, shell: CliShell) -> None:
    server = start(options="KexAlgorithms sntrup761x25519-sha512@openssh.com")
    error, _ = failure(server.entry(timeouts={"connect": 2}), shell)
    assert type(error) is ConnectFailed
    assert "no algorithm in common" in str(error)


@pytest.mark.parametrize("part", [0.1, 0.4, 0.6, 0.8])
def test_a_link_that_is_cut_during_the_login_is_a_timeout(
    server: Server, relay: Relay, shell: CliShell, part: float
) -> None:
    SshTransport.open(server.entry(port=relay.port), shell).close()
    relay.cut(after=int(relay.relayed * part))
    error, took = failure(server.entry(port=relay.port, timeouts={"connect": 0.5}), shell)
    assert type(error) is Timeout
    assert took < 2


# --- host keys -------------------------------------------------------------------------------------------------------


def test_an_unknown_host_key_is_refused_with_its_fingerprint(server: Server, shell: CliShell, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    error, _ = failure(server.entry(ssh={"known_hosts": known}), shell)
    assert type(error) is HostKeyUnknown
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", server.directory / "host_key.pub"], capture_output=True, text=True, check=True
    )
    assert str(error) == (
        f"the host key of {server.name} is not known: ssh-ed25519 {shown.stdout.split()[1]}; compare it with the "
        f"device's, then add it: ssh-keyscan -p {server.port} 127.0.0.1 >> {known}, or set host_key_policy: accept-new"
    )
    assert not known.exists()


def test_accept_new_stores_the_key_of_an_unknown_host_only(start: Start, shell: CliShell, tmp_path: Path) -> None:
    server = start()
    known = tmp_path / "new" / "known_hosts"
    entry = server.entry(ssh={"known_hosts": known, "host_key_policy": "accept-new"})
    for _ in range(2):
        SshTransport.open(entry, shell).close()
    assert known.read_text() == f"{server.name} {server.host_key}\n"
    assert known.stat().st_mode & 0o777 == 0o600
    SshTransport.open(server.entry(ssh={"known_hosts": known}), shell).close()

    server.stop()
    server.new_host_key()
    server.start()
    for policy in ("strict", "accept-new"):
        error, _ = failure(server.entry(ssh={"known_hosts": known, "host_key_policy": policy}), shell)
        assert type(error) is HostKeyMismatch
        assert str(error).startswith(
            f"the host key of {server.name} is not the known one: it shows ssh-ed25519 SHA256:"
        )
        assert f"ssh-keygen -R '{server.name}' -f {known}" in str(error)
    assert len(known.read_text().splitlines()) == 1


def test_the_kind_of_key_that_is_known_is_asked_for(start: Start, shell: CliShell, tmp_path: Path) -> None:
    server = start()
    for kind in ("rsa", "ecdsa"):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", server.directory / kind], check=True)
    server.options += "".join(f"HostKey {server.directory / kind}\n" for kind in ("rsa", "ecdsa"))
    server.stop()
    server.start()
    for kind in ("rsa", "ecdsa"):
        known = tmp_path / kind
        known.write_text(f"{server.name} {(server.directory / kind).with_suffix('.pub').read_text()}")
        SshTransport.open(server.entry(ssh={"known_hosts": known}), shell).close()


# --- keys, agent, questions ------------------------------------------------------------------------------------------


def test_a_key_with_a_passphrase(server: Server, shell: CliShell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSPHRASE", "open sesame")
    monkeypatch.setenv("WRONG", "open barley")
    key = identity(server, "locked", "open sesame")
    ssh: dict[str, Any] = {"identity": key, "passphrase": "env:PASSPHRASE"}
    SshTransport.open(server.entry(password=None, ssh=ssh), shell).close()
    for settings, remedy in (
        ({"identity": key}, "where it has a passphrase, set ssh.passphrase"),
        ({"identity": key, "passphrase": "env:WRONG"}, "check ssh.passphrase"),
        ({"identity": server.known_hosts}, "where it has a passphrase, set ssh.passphrase"),
    ):
        error, _ = failure(server.entry(password=None, ssh=settings), shell)
        assert type(error) is InvalidConfig
        assert str(error) == f"private key {settings['identity']} cannot be used: {remedy}"
    error, _ = failure(server.entry(password=None, ssh={"identity": "/no/such"}), shell)
    assert str(error) == "private key /no/such cannot be read: No such file or directory; check ssh.identity"


def test_a_passphrase_may_be_set_for_a_key_that_has_none(
    server: Server, shell: CliShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSPHRASE", "open sesame")
    ssh = {"identity": identity(server), "passphrase": "env:PASSPHRASE"}
    SshTransport.open(server.entry(password=None, ssh=ssh), shell).close()


def test_after_a_refused_key_comes_the_password(server: Server, shell: CliShell, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "stranger"], check=True)
    SshTransport.open(server.entry(ssh={"identity": tmp_path / "stranger"}), shell).close()


def test_a_key_and_then_the_password_where_both_are_wanted(start: Start, shell: CliShell) -> None:
    server = start(options="AuthenticationMethods publickey,password")
    SshTransport.open(server.entry(ssh={"identity": identity(server)}), shell).close()
    error, _ = failure(server.entry(password=None, ssh={"identity": identity(server)}), shell)
    assert type(error) is AuthFailed


def test_a_connection_that_is_closed_at_the_first_password_is_not_made_again(
    start: Start, shell: CliShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start(options="MaxAuthTries 1")
    monkeypatch.setenv("WRONG", "not-the-password")
    error, _ = failure(server.entry(password="env:WRONG"), shell)
    assert type(error) is TransportError  # and so it is not tried again
    assert str(error) == (
        f"netres@127.0.0.1:{server.port}: the connection was closed during the login by password; "
        f"check username and secrets, and the link"
    )
    assert (server.directory / "sshd.log").read_text().count("Failed password") == 1


def test_a_key_in_the_agent(server: Server, shell: CliShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    with subprocess.Popen(["ssh-agent", "-D", "-a", tmp_path / "agent"], stdout=subprocess.DEVNULL) as agent:
        try:
            wait_until((tmp_path / "agent").exists, "the agent")
            subprocess.run(["ssh-add", "-q", identity(server)], check=True)
            SshTransport.open(server.entry(password=None, ssh={"agent": True}), shell).close()
            error, _ = failure(server.entry(password=None, ssh={"agent": False}), shell)
            assert type(error) is AuthFailed
        finally:
            agent.terminate()


def test_a_server_that_asks_questions_gets_the_password(start: Start, shell: CliShell) -> None:
    server = start(options="UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication yes")
    SshTransport.open(server.entry(), shell).close()


# --- ways ------------------------------------------------------------------------------------------------------------


def test_ipv6(start: Start, opened: Opened) -> None:
    server = start(address="::1")
    assert opened(server.entry()).execute(SHOW).text == "x of r1\n  second line\n"


def test_ssh_config_says_how(start: Start, server: Server, opened: Opened, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"Host lon-r1\n HostName {server.address}\n Port {server.port}\n User netres\n"
        f" IdentityFile {identity(server)}\n IdentityFile {tmp_path}/absent\n"
        f" UserKnownHostsFile {tmp_path}/absent {server.known_hosts}\n"
    )
    entry = Entry.model_validate(
        {"name": "r1", "platform": "frr", "host": "lon-r1", "ssh": {"config": config, "agent": False}}
    )
    assert opened(entry).execute(SHOW).text == "x of r1\n  second line\n"


def test_a_jump_host(server: Server, jump: Server, opened: Opened, shell: CliShell, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(server.known_hosts.read_text())
    ssh: dict[str, Any] = {
        "jump": f"netres@127.0.0.1:{jump.port}",
        "identity": jump.directory / "id",
        "known_hosts": known,
    }
    error, _ = failure(server.entry(ssh=ssh), shell)
    assert type(error) is HostKeyUnknown
    assert str(error).startswith(f"the host key of {jump.name} is not known")

    known.write_text(server.known_hosts.read_text() + jump.known_hosts.read_text())
    session = opened(server.entry(ssh=ssh))
    assert session.execute(SHOW).text == "x of r1\n  second line\n"
    session.execute(Reconnect())
    assert session.execute(Exec("echo here")).text == "here\n"

    error, _ = failure(server.entry(ssh={**ssh, "identity": None}), shell)
    assert type(error) is AuthFailed  # the device's password is not offered to the jump host
    assert str(error).startswith(f"netres@127.0.0.1:{jump.port}: nothing to log in with")

    error, _ = failure(server.entry(port=1, ssh=ssh, timeouts={"connect": 2}), shell)
    assert type(error) is ConnectFailed
    assert str(error).startswith(f"jump host 127.0.0.1:{jump.port} does not connect to 127.0.0.1:1: ")


def test_a_chain_of_jump_hosts_in_ssh_config(
    start: Start, server: Server, jump: Server, opened: Opened, tmp_path: Path
) -> None:
    second = start(options="PasswordAuthentication no")
    config = tmp_path / "config"
    config.write_text(
        f"Host first\n HostName 127.0.0.1\n Port {jump.port}\n User netres\n IdentityFile {identity(jump)}\n"
        f"Host second\n HostName 127.0.0.1\n Port {second.port}\n User netres\n IdentityFile {identity(second)}\n"
        f" ProxyJump first\n"
        f"Host 127.0.0.1\n ProxyJump second\n"
    )
    known = tmp_path / "known_hosts"
    known.write_text("".join(one.known_hosts.read_text() for one in (server, jump, second)))
    session = opened(server.entry(ssh={"config": config, "known_hosts": known}))
    assert session.execute(SHOW).text == "x of r1\n  second line\n"
    session.close()


# --- sessions that end -----------------------------------------------------------------------------------------------


def test_reconnect_waits_for_a_device_that_comes_back(start: Start, opened: Opened) -> None:
    server = start()
    session = opened(server.entry())
    session.execute(Cli(("hostname old",)))
    server.stop()
    timer = threading.Timer(0.7, server.start)
    timer.start()
    session.execute(Reconnect())
    timer.join()
    assert session.execute(SHOW).text == "x of r1\n  second line\n"


def test_reconnect_gives_up_at_the_deadline(start: Start, opened: Opened) -> None:
    server = start()
    session = opened(server.entry(timeouts={"connect": 0.8}))
    server.stop()
    started = time.monotonic()
    with pytest.raises((ConnectFailed, Timeout)):
        session.execute(Reconnect())
    assert time.monotonic() - started < 2
    with pytest.raises(ConnectFailed, match="the session is lost"):
        session.execute(SHOW)


@pytest.mark.parametrize("operation", [SHOW, Exec("echo here")])
def test_a_link_that_drops_packets_is_a_timeout(
    server: Server, relay: Relay, opened: Opened, operation: Cli | Exec
) -> None:
    session = opened(server.entry(port=relay.port, timeouts={"command": 0.4}))
    assert session.execute(operation).status == 0
    relay.cut()
    started = time.monotonic()
    with pytest.raises(Timeout, match=f"no answer to '{operation}' within 0.4 s"):
        session.execute(operation)
    assert time.monotonic() - started < 2
    relay.mend()
    session.execute(Reconnect())
    assert session.execute(operation).status == 0


def test_a_session_keeps_itself_alive_and_sends_without_delay(server: Server, relay: Relay, opened: Opened) -> None:
    session = opened(server.entry(port=relay.port, ssh={"keepalive": 0.1}))
    link = session._link  # pyright: ignore[reportPrivateUsage]  # no other way to see the option
    assert link is not None
    sock = link._socket  # pyright: ignore[reportPrivateUsage]  # the same
    assert sock is not None
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    session.execute(SHOW)
    before = relay.relayed
    wait_until(lambda: relay.relayed > before, "a keepalive")


# --- helpers ---------------------------------------------------------------------------------------------------------


def entry_for(host: str, port: int, connect: float = 0.5) -> Entry:
    return Entry.model_validate(
        {
            "name": "r1",
            "platform": "frr",
            "host": host,
            "port": port,
            "username": "netres",
            "ssh": {"agent": False, "config": os.devnull},
            "timeouts": {"connect": connect},
        }
    )


@contextmanager
def served(
    listener: socket.socket, serve: Callable[[socket.socket], None], close: bool = False
) -> Generator[None, None, None]:
    """Every connection is served by ``serve``, and then stays open or is closed."""
    connections: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connections.append(connection)
                serve(connection)
                if close:
                    connection.close()

    thread = threading.Thread(target=accept)
    thread.start()
    yield
    listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    for connection in connections:
        connection.close()
