"""The way to a device, and sessions that end and come back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from looped import Ssh, link_of

from netres.errors import (
    AuthFailed,
    ConnectFailed,
    HostKeyUnknown,
    Timeout,
)
from netres.flow import Cli, Exec, Reconnect
from netres.inventory.entry import Entry
from netres.testing.netns import wait_until

if TYPE_CHECKING:
    from tests.transport.conftest import Failure, Relay, Server, Start

    Opened = Callable[[Entry], Ssh]


SHOW = Cli(("show x",), writes=False)


@pytest.fixture(scope="module")
def jump(start: Start) -> Server:
    """A jump host: by key only."""
    server = start(options="PasswordAuthentication no")
    server.identity()
    return server


def test_ipv6(start: Start, opened: Opened) -> None:
    server = start(address="::1")
    assert opened(server.entry()).execute(SHOW).text == "x of r1\n  second line\n"


def test_ssh_config_says_how(start: Start, server: Server, opened: Opened, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"Host lon-r1\n HostName {server.address}\n Port {server.port}\n User netres\n"
        f" IdentityFile {server.identity()}\n IdentityFile {tmp_path}/absent\n"
        f" UserKnownHostsFile {tmp_path}/absent {server.known_hosts}\n"
    )
    entry = Entry.model_validate(
        {"name": "r1", "platform": "frr", "host": "lon-r1", "ssh": {"config": config, "agent": False}}
    )
    assert opened(entry).execute(SHOW).text == "x of r1\n  second line\n"


def test_a_jump_host(server: Server, jump: Server, opened: Opened, failure: Failure, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(server.known_hosts.read_text())
    ssh: dict[str, Any] = {
        "jump": f"netres@127.0.0.1:{jump.port}",
        "identity": jump.directory / "id",
        "known_hosts": known,
    }
    error, _ = failure(server.entry(ssh=ssh))
    assert type(error) is HostKeyUnknown
    assert str(error).startswith(f"the host key of {jump.name} is not known")

    known.write_text(server.known_hosts.read_text() + jump.known_hosts.read_text())
    session = opened(server.entry(ssh=ssh))
    assert session.execute(SHOW).text == "x of r1\n  second line\n"
    session.execute(Reconnect())
    assert session.execute(Exec("echo here")).text == "here\n"

    error, _ = failure(server.entry(ssh={**ssh, "identity": None}))
    assert type(error) is AuthFailed  # the device's password is not offered to the jump host
    assert str(error).startswith(f"netres@127.0.0.1:{jump.port}: nothing to log in with")

    error, _ = failure(server.entry(port=1, ssh=ssh, timeouts={"connect": 2}))
    assert type(error) is ConnectFailed
    assert str(error).startswith(f"jump host 127.0.0.1:{jump.port} does not connect to 127.0.0.1:1: ")


def test_a_chain_of_jump_hosts_in_ssh_config(
    start: Start, server: Server, jump: Server, opened: Opened, tmp_path: Path
) -> None:
    second = start(options="PasswordAuthentication no")
    config = tmp_path / "config"
    config.write_text(
        f"Host first\n HostName 127.0.0.1\n Port {jump.port}\n User netres\n IdentityFile {jump.identity()}\n"
        f"Host second\n HostName 127.0.0.1\n Port {second.port}\n User netres\n IdentityFile {second.identity()}\n"
        f" ProxyJump first\n"
        f"Host 127.0.0.1\n ProxyJump second\n"
    )
    known = tmp_path / "known_hosts"
    known.write_text("".join(one.known_hosts.read_text() for one in (server, jump, second)))
    session = opened(server.entry(ssh={"config": config, "known_hosts": known}))
    assert session.execute(SHOW).text == "x of r1\n  second line\n"
    session.close()


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
    assert time.monotonic() - started < 8
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
    assert time.monotonic() - started < 8
    relay.mend()
    session.execute(Reconnect())
    assert session.execute(operation).status == 0


def test_a_session_keeps_itself_alive_and_sends_without_delay(server: Server, relay: Relay, opened: Opened) -> None:
    session = opened(server.entry(port=relay.port, ssh={"keepalive": 0.1}))
    sock = link_of(session)._socket  # pyright: ignore[reportPrivateUsage]  # no other way to see the option
    assert sock is not None
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    session.execute(SHOW)
    before = relay.relayed
    wait_until(lambda: relay.relayed > before, "a keepalive")
