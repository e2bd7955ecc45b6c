"""Who is let in: host keys, and the users' keys, agents and passwords."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from looped import Ssh

from netres.driver import CliShell
from netres.errors import (
    AuthFailed,
    HostKeyMismatch,
    HostKeyUnknown,
    InvalidConfig,
    TransportError,
)
from netres.inventory.entry import Entry
from netres.testing.netns import wait_until

if TYPE_CHECKING:
    from tests.transport.conftest import Failure, Server, Start

    Opened = Callable[[Entry], Ssh]


def test_an_unknown_host_key_is_refused_with_its_fingerprint(server: Server, failure: Failure, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    error, _ = failure(server.entry(ssh={"known_hosts": known}))
    assert type(error) is HostKeyUnknown
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", server.directory / "host_key.pub"], capture_output=True, text=True, check=True
    )
    assert str(error) == (
        f"the host key of {server.name} is not known: ssh-ed25519 {shown.stdout.split()[1]}; compare it with the "
        f"device's, then add it: ssh-keyscan -p {server.port} 127.0.0.1 >> {known}, or set host_key_policy: accept-new"
    )
    assert not known.exists()


def test_accept_new_stores_the_key_of_an_unknown_host_only(
    transport: type[Ssh], start: Start, shell: CliShell, failure: Failure, tmp_path: Path
) -> None:
    server = start()
    known = tmp_path / "new" / "known_hosts"
    entry = server.entry(ssh={"known_hosts": known, "host_key_policy": "accept-new"})
    for _ in range(2):
        transport.open(entry, shell).close()
    assert known.read_text() == f"{server.name} {server.host_key}\n"
    assert known.stat().st_mode & 0o777 == 0o600
    transport.open(server.entry(ssh={"known_hosts": known}), shell).close()

    server.stop()
    server.new_host_key()
    server.start()
    for policy in ("strict", "accept-new"):
        error, _ = failure(server.entry(ssh={"known_hosts": known, "host_key_policy": policy}))
        assert type(error) is HostKeyMismatch
        assert str(error).startswith(
            f"the host key of {server.name} is not the known one: it shows ssh-ed25519 SHA256:"
        )
        assert f"ssh-keygen -R '{server.name}' -f {known}" in str(error)
    assert len(known.read_text().splitlines()) == 1


def test_the_kind_of_key_that_is_known_is_asked_for(
    transport: type[Ssh], start: Start, shell: CliShell, tmp_path: Path
) -> None:
    server = start()
    for kind in ("rsa", "ecdsa"):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", server.directory / kind], check=True)
    server.options += "".join(f"HostKey {server.directory / kind}\n" for kind in ("rsa", "ecdsa"))
    server.stop()
    server.start()
    for kind in ("rsa", "ecdsa"):
        known = tmp_path / kind
        known.write_text(f"{server.name} {(server.directory / kind).with_suffix('.pub').read_text()}")
        transport.open(server.entry(ssh={"known_hosts": known}), shell).close()


def test_a_key_with_a_passphrase(
    transport: type[Ssh], server: Server, shell: CliShell, failure: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSPHRASE", "open sesame")
    monkeypatch.setenv("WRONG", "open barley")
    key = server.identity("locked", "open sesame")
    ssh: dict[str, Any] = {"identity": key, "passphrase": "env:PASSPHRASE"}
    transport.open(server.entry(password=None, ssh=ssh), shell).close()
    for settings, remedy in (
        ({"identity": key}, "where it has a passphrase, set ssh.passphrase"),
        ({"identity": key, "passphrase": "env:WRONG"}, "check ssh.passphrase"),
        ({"identity": server.known_hosts}, "where it has a passphrase, set ssh.passphrase"),
    ):
        error, _ = failure(server.entry(password=None, ssh=settings))
        assert type(error) is InvalidConfig
        assert str(error) == f"private key {settings['identity']} cannot be used: {remedy}"
    error, _ = failure(server.entry(password=None, ssh={"identity": "/no/such"}))
    assert str(error) == "private key /no/such cannot be read: No such file or directory; check ssh.identity"


def test_a_passphrase_may_be_set_for_a_key_that_has_none(
    transport: type[Ssh], server: Server, shell: CliShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSPHRASE", "open sesame")
    ssh = {"identity": server.identity(), "passphrase": "env:PASSPHRASE"}
    transport.open(server.entry(password=None, ssh=ssh), shell).close()


def test_after_a_refused_key_comes_the_password(
    transport: type[Ssh], server: Server, shell: CliShell, tmp_path: Path
) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "stranger"], check=True)
    transport.open(server.entry(ssh={"identity": tmp_path / "stranger"}), shell).close()


def test_a_key_and_then_the_password_where_both_are_wanted(
    transport: type[Ssh], start: Start, shell: CliShell, failure: Failure
) -> None:
    server = start(options="AuthenticationMethods publickey,password")
    transport.open(server.entry(ssh={"identity": server.identity()}), shell).close()
    error, _ = failure(server.entry(password=None, ssh={"identity": server.identity()}))
    assert type(error) is AuthFailed


def test_a_connection_that_is_closed_at_the_first_password_is_not_made_again(
    start: Start, failure: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start(options="MaxAuthTries 1")
    monkeypatch.setenv("WRONG", "not-the-password")
    error, _ = failure(server.entry(password="env:WRONG"))
    assert type(error) is TransportError  # and so it is not tried again
    assert str(error) == (
        f"netres@127.0.0.1:{server.port}: the connection was closed during the login by password; "
        f"check username and secrets, and the link"
    )
    assert (server.directory / "sshd.log").read_text().count("Failed password") == 1


def test_a_key_in_the_agent(  # noqa: PLR0917 - fixtures
    transport: type[Ssh],
    server: Server,
    shell: CliShell,
    failure: Failure,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    with subprocess.Popen(["ssh-agent", "-D", "-a", tmp_path / "agent"], stdout=subprocess.DEVNULL) as agent:
        try:
            wait_until(lambda: subprocess.call(["ssh-add", "-l"], stdout=subprocess.DEVNULL) == 1, "the agent")
            subprocess.run(["ssh-add", "-q", server.identity()], check=True)
            transport.open(server.entry(password=None, ssh={"agent": True}), shell).close()
            error, _ = failure(server.entry(password=None, ssh={"agent": False}))
            assert type(error) is AuthFailed
        finally:
            agent.terminate()


def test_a_server_that_asks_questions_gets_the_password(transport: type[Ssh], start: Start, shell: CliShell) -> None:
    server = start(options="UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication yes")
    transport.open(server.entry(), shell).close()
