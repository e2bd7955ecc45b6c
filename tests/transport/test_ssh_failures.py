"""Every way in which a session is not made: the error says which, within the deadline."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from looped import Ssh

from netres.driver import CliShell
from netres.errors import (
    AuthFailed,
    ConnectFailed,
    InvalidConfig,
    Timeout,
)
from netres.inventory.entry import Entry
from netres.testing.netns import wait_until

if TYPE_CHECKING:
    from tests.transport.conftest import Failure, Relay, Server, Start

    Opened = Callable[[Entry], Ssh]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_a_wrong_password_is_refused_login(server: Server, failure: Failure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG", "not-the-password")
    error, _ = failure(server.entry(password="env:WRONG"))
    assert type(error) is AuthFailed
    assert str(error) == (
        f"netres@127.0.0.1:{server.port}: login refused (tried: password); check username and secrets"
    )
    assert type(error.__cause__).__name__ in {"AuthenticationException", "PermissionDenied"}
    assert not error.retryable


def test_without_credentials_there_is_no_login(server: Server, failure: Failure) -> None:
    error, _ = failure(server.entry(password=None))
    assert type(error) is AuthFailed
    assert str(error).endswith("nothing to log in with; set password or ssh.identity, or load a key in ssh-agent")


def test_a_secret_that_leads_nowhere_is_told_before_anything_is_sent(failure: Failure) -> None:
    entry = Entry.model_validate(
        {"name": "r1", "platform": "frr", "host": "::1", "username": "u", "password": "env:NO"}
    )
    error, took = failure(entry)
    assert isinstance(error, InvalidConfig)
    assert str(error) == "environment variable NO is not set; it is needed for secret 'env:NO'"
    assert took < 1


def test_a_closed_port_is_a_failed_connection_after_a_few_tries(failure: Failure, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    error, took = failure(entry_for("127.0.0.1", port, connect=5))
    assert type(error) is ConnectFailed
    assert str(error) == f"127.0.0.1:{port}: the port is closed; check port, and that an SSH server runs there"
    assert isinstance(error.__cause__, ConnectionRefusedError)
    assert took < 3


def test_an_unknown_name_is_a_failed_connection(failure: Failure) -> None:
    error, _ = failure(entry_for("no-such-host.invalid", 22, connect=2))
    assert type(error) is ConnectFailed
    assert str(error).startswith("no-such-host.invalid:22: the name cannot be resolved (")
    assert isinstance(error.__cause__, socket.gaierror)


def test_an_unreachable_address_is_a_failed_connection(failure: Failure) -> None:
    error, _ = failure(entry_for("255.255.255.255", 22, connect=2))
    assert type(error) is ConnectFailed
    assert str(error).endswith("; check host, port and routes")


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-silent\r\n"])
def test_a_silent_host_is_a_timeout(failure: Failure, listener: socket.socket, greeting: bytes) -> None:
    port = listener.getsockname()[1]
    with served(listener, lambda connection: connection.sendall(greeting)):
        error, took = failure(entry_for("127.0.0.1", port))
    assert type(error) is Timeout
    assert str(error) == (
        f"127.0.0.1:{port}: no session within 0.5 s; check that the device is up and no firewall drops packets, "
        f"or raise timeouts.connect"
    )
    assert 0.5 <= took < 2


def test_a_host_that_drops_packets_is_a_timeout(failure: Failure) -> None:
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(3):  # the queue is full: the kernel drops what comes then
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        error, took = failure(entry_for("127.0.0.1", full.getsockname()[1]))
    assert type(error) is Timeout
    assert 0.5 <= took < 2


def test_a_name_that_is_none_is_a_failed_connection(failure: Failure, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("HostName lon..r1\n")
    settings = {
        "name": "r1",
        "platform": "frr",
        "host": "lon-r1",
        "username": "u",
        "ssh": {"config": tmp_path / "config"},
    }
    error, _ = failure(Entry.model_validate(settings))
    assert type(error) is ConnectFailed
    assert str(error) == "lon..r1:22: the name cannot be resolved (not a host name); check host and DNS"


def test_a_name_server_that_does_not_answer_is_a_timeout(
    failure: Failure, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()

    def resolve(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        answered.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", listener.getsockname())]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    error, took = failure(entry_for("slow.example.net", 22))
    answered.set()
    assert type(error) is Timeout
    assert took < 2
    wait_until(lambda: all(not one.name.startswith("netres-") for one in threading.enumerate()), "the threads' end")
    listener.setblocking(False)
    with suppress(BlockingIOError):  # the answer came too late: no session is made any more
        connection, _ = listener.accept()
        with connection:
            assert connection.recv(1) == b""


def test_an_agent_that_does_not_answer_is_a_timeout(
    server: Server, failure: Failure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(tmp_path / "agent"))
        agent.listen()
        error, took = failure(server.entry(ssh={"agent": True}, timeouts={"connect": 0.5}))
        connection, _ = agent.accept()
        with connection, suppress(OSError):  # too late it says that it has no keys
            connection.sendall(b"\0\0\0\x05\x0c\0\0\0\0")
            wait_until(lambda: all(one.name != "netres-connect" for one in threading.enumerate()), "the thread's end")
    assert type(error) is Timeout
    assert took < 2


def test_another_service_is_a_failed_connection(failure: Failure, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with served(listener, lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), close=True):
        error, _ = failure(entry_for("127.0.0.1", port, connect=2))
    assert type(error) is ConnectFailed
    assert "the SSH handshake failed (" in str(error)


def test_no_common_algorithm_is_a_failed_connection(start: Start, failure: Failure) -> None:
    server = start(options="KexAlgorithms sntrup761x25519-sha512@openssh.com")
    error, _ = failure(server.entry(timeouts={"connect": 2}))
    assert type(error) is ConnectFailed
    assert "no algorithm in common" in str(error)


@pytest.mark.parametrize("part", [0.1, 0.4, 0.6, 0.8])
def test_a_link_that_is_cut_during_the_login_is_a_timeout(  # noqa: PLR0917 - fixtures
    transport: type[Ssh], server: Server, relay: Relay, shell: CliShell, failure: Failure, part: float
) -> None:
    transport.open(server.entry(port=relay.port), shell).close()
    relay.cut(after=int(relay.relayed * part))
    error, took = failure(server.entry(port=relay.port, timeouts={"connect": 0.5}))
    assert type(error) is Timeout
    assert took < 2


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
