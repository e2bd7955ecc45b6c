"""The servers of a laboratory, met by clients that know nothing of netres."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx
import paramiko
import pytest
from toydevice import SIMULATOR

from netres.errors import UnknownDriver
from netres.testing.sim import Lab


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"t1": SIMULATOR, "t2": SIMULATOR}) as running:
        yield running


def client(lab: Lab, name: str) -> paramiko.SSHClient:
    entry = lab.entry(name)
    made = paramiko.SSHClient()
    made.load_host_keys(str(entry.ssh.known_hosts))
    made.connect(
        entry.host,
        entry.port or 0,
        entry.username,
        entry.password.resolve().reveal() if entry.password else None,
        allow_agent=False,
        look_for_keys=False,
    )
    return made


def until(channel: paramiko.Channel, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        data += channel.recv(1000)
    return data


def test_a_command_line_over_ssh(lab: Lab) -> None:
    with client(lab, "t1") as ssh:
        channel = ssh.invoke_shell()
        assert until(channel, b"# ") == b"Welcome.\r\nt1# "
        channel.send(b"add x\n")
        assert until(channel, b"# ") == b"add x\r\nt1# "
    assert "x\n" in lab["t1"].native()
    assert "x\n" not in lab["t2"].native()


def test_a_program_over_ssh(lab: Lab) -> None:
    with client(lab, "t1") as ssh:
        stdin, stdout, _ = ssh.exec_command("cat")
        stdin.write(b" fed")
        stdin.channel.shutdown_write()
        assert stdout.read() == b"cat fed"
        assert stdout.channel.recv_exit_status() == 3


def test_a_wrong_password_is_refused(lab: Lab) -> None:
    with paramiko.SSHClient() as ssh:
        ssh.load_host_keys(str(lab.folder / "known_hosts"))
        with pytest.raises(paramiko.AuthenticationException):
            ssh.connect("127.0.0.1", lab.ports["t1"]["ssh"], "admin", "x", allow_agent=False, look_for_keys=False)


def test_a_refused_login(lab: Lab) -> None:
    lab["t2"].fail("auth-refused")
    with pytest.raises(paramiko.AuthenticationException):
        client(lab, "t2")
    client(lab, "t2").close()


def test_a_changed_host_key_and_certificate() -> None:
    with Lab({"t2": SIMULATOR}) as lab:
        client(lab, "t2").close()
        lab["t2"].fail("host-key-changed")
        with pytest.raises(paramiko.BadHostKeyException):
            client(lab, "t2")
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            httpx.get(f"https://127.0.0.1:{lab.ports['t2']['https']}", verify=_trust(lab))


def _trust(lab: Lab) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=lab.folder / "ca.pem")


def test_a_rest_interface_with_and_without_tls(lab: Lab) -> None:
    base = f"https://127.0.0.1:{lab.ports['t2']['https']}"
    with httpx.Client(base_url=base, verify=_trust(lab)) as http:
        assert http.get("/words").json() == lab["t2"].native().split()
        assert http.post("/words", content="y").status_code == 204
        assert "y" in http.get("/words").json()
        lab["t2"].fail("cut-after", on="^POST")
        with pytest.raises(httpx.HTTPError):
            http.post("/words", content="z")
        lab["t2"].fail("truncated", on="^GET")
        with pytest.raises(httpx.HTTPError):
            http.get("/words")
        assert "z" in httpx.get(f"http://127.0.0.1:{lab.ports['t2']['http']}/words").json()


def test_a_reboot_ends_every_connection(lab: Lab) -> None:
    with client(lab, "t1") as ssh:
        channel = ssh.invoke_shell()
        until(channel, b"# ")
        lab["t1"].reboot()
        assert channel.recv(1000) == b""


def test_it_ends_with_all_its_ports_and_files() -> None:
    with Lab({"t3": SIMULATOR}) as lab:
        ports = list(lab.ports["t3"].values())
        folder = lab.folder
        assert {path.stat().st_mode & 0o77 for path in folder.glob("*.secret")} <= {0}
        for port in ports:
            socket.create_connection(("127.0.0.1", port)).close()
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
    assert not folder.exists()


def test_a_platform_without_a_simulator_is_refused() -> None:
    with pytest.raises(UnknownDriver, match=r"no simulator of platform 'cisco_iosx'"):
        Lab({"r1": "cisco_iosx"})
