"""Files to and from a simulated device, by the scp package and paramiko, which know nothing of netres."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Protocol, cast

import paramiko
import pytest

from netres.testing.sim import Lab, Simulated

_scp = import_module("scp")
ScpFailed = cast("type[Exception]", _scp.SCPException)


class Scp(Protocol):
    def putfo(self, file: BytesIO, path: str) -> None: ...

    def put(self, source: str, path: str, *, preserve_times: bool) -> None: ...

    def get(self, path: str, target: str) -> None: ...


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"r1": "cisco_iosxe"}) as running:
        yield running


@pytest.fixture
def device(lab: Lab) -> Simulated:
    lab["r1"].faults.clear()
    lab["r1"].store.reset()
    lab["r1"].files.clear()
    return lab["r1"]


@pytest.fixture
def ssh(lab: Lab, device: Simulated) -> Iterator[paramiko.SSHClient]:
    with paramiko.SSHClient() as client:
        client.load_host_keys(str(lab.folder / "known_hosts"))
        port, name, password = lab.ports["r1"]["ssh"], device.username, device.password
        client.connect("127.0.0.1", port, name, password, allow_agent=False, look_for_keys=False)
        yield client


@pytest.fixture
def scp(ssh: paramiko.SSHClient) -> Scp:
    return cast("Callable[..., Scp]", _scp.SCPClient)(ssh.get_transport(), socket_timeout=2)


@pytest.mark.parametrize("content", [b"", b"hostname r2\nend\n", bytes(range(256)) * 1000])
def test_there_and_back(scp: Scp, device: Simulated, tmp_path: Path, content: bytes) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(content)
    scp.put(str(source), "flash:/held", preserve_times=True)
    assert device.files == {"held": content}
    scp.get("bootflash:held", str(target))
    assert target.read_bytes() == content


def test_a_file_that_is_not_there(scp: Scp, tmp_path: Path) -> None:
    with pytest.raises(ScpFailed, match="No such file"):
        scp.get("flash:none", str(tmp_path / "target"))


def test_where_it_is_switched_off(scp: Scp, device: Simulated) -> None:
    device.store.load("no ip scp server enable\n")
    with pytest.raises(ScpFailed, match="Administratively disabled"):
        scp.putfo(BytesIO(b"x"), "flash:held")
    assert not device.files


@pytest.mark.parametrize(("kind", "held"), [("cut-before", False), ("cut-after", True), ("rejected", False)])
def test_an_upload_that_breaks(scp: Scp, device: Simulated, kind: str, *, held: bool) -> None:
    device.fail(kind, on="^scp .*-t ")
    with pytest.raises((ScpFailed, paramiko.SSHException, EOFError)):
        scp.putfo(BytesIO(b"content"), "flash:held")
    assert bool(device.files) is held


def test_a_command_without_a_command_line(ssh: paramiko.SSHClient) -> None:
    _, stdout, _ = ssh.exec_command("show clock")
    assert " UTC " in stdout.read().decode()
    assert stdout.channel.recv_exit_status() == 0
