"""The known_hosts format, against what ssh-keygen writes and sshd(8) says."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from needed import need

from netres.errors import HostKeyMismatch, HostKeyUnknown, InvalidConfig
from netres.transport.known_hosts import KnownHosts, host_name

KEY = base64.b64encode(b"the key of the device").decode()
OTHER = base64.b64encode(b"another key").decode()


def check(path: Path, host: str = "r1.example.net", port: int = 22, key: str = KEY) -> None:
    KnownHosts([path]).check(host, port, "ssh-ed25519", base64.b64decode(key), "strict")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "known_hosts"


@pytest.mark.parametrize(
    ("names", "port"),
    [
        ("r1.example.net", 22),
        ("R1.Example.NET,192.0.2.1", 22),
        ("[r1.example.net]:2222", 2222),
        ("*.example.net", 22),
        ("r?.example.net,!r2.example.net", 22),
        ("[*.example.net]:*", 2222),
    ],
)
def test_names_that_are_the_host(path: Path, names: str, port: int) -> None:
    path.write_text(f"# comment\n\n{names} ssh-ed25519 {KEY} comment\n")
    check(path, port=port)
    with pytest.raises(HostKeyMismatch):
        check(path, port=port, key=OTHER)


@pytest.mark.parametrize(
    "line",
    [
        f"r1.example.org ssh-ed25519 {KEY}",
        f"[r1.example.net]:2222 ssh-ed25519 {KEY}",
        f"*.example.net,!r1.* ssh-ed25519 {KEY}",
        f"!r1.example.net,* ssh-ed25519 {KEY}",
        f"r1xexample.net ssh-ed25519 {KEY}",
        f"#r1.example.net ssh-ed25519 {KEY}",
        f"@cert-authority *.example.net ssh-ed25519 {KEY}",
        "r1.example.net ssh-ed25519",
        "r1.example.net ssh-ed25519 not*base64",
        f"|1|x|not*base64 ssh-ed25519 {KEY}",
        f"|1| ssh-ed25519 {KEY}",
    ],
)
def test_lines_that_say_nothing_of_the_host(path: Path, line: str) -> None:
    path.write_text(line + "\n")
    with pytest.raises(HostKeyUnknown):
        check(path)


def test_hashed_names(path: Path) -> None:
    need(None if shutil.which("ssh-keygen") else "not installed: ssh-keygen")
    path.write_text(f"r1.example.net ssh-ed25519 {real_key(path)}\n[r2]:2222 ssh-ed25519 {real_key(path)}\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, capture_output=True)
    assert "example.net" not in path.read_text()
    check(path, key=real_key(path))
    check(path, "r2", 2222, real_key(path))
    with pytest.raises(HostKeyMismatch):
        check(path)
    with pytest.raises(HostKeyUnknown):
        check(path, "r2", 22)


def real_key(path: Path) -> str:
    key = path.with_name("key")
    if not key.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    return key.with_suffix(".pub").read_text().split()[1]


def test_a_revoked_key_is_refused_although_it_is_known(path: Path) -> None:
    path.write_text(f"r1.example.net ssh-ed25519 {KEY}\n@revoked * ssh-ed25519 {KEY}\n")
    with pytest.raises(
        HostKeyMismatch, match=f"r1.example.net shows a host key that {path}:2 marks as revoked: SHA256:"
    ):
        check(path)
    with pytest.raises(HostKeyMismatch, match="is not the known one"):
        check(path, key=OTHER)


def test_a_new_key_goes_to_the_first_file(path: Path) -> None:
    second = path.with_name("second")
    second.write_text(f"r2 ssh-ed25519 {KEY}\n")
    path.write_text(f"r3 ssh-ed25519 {KEY}")
    known = KnownHosts([path, second])
    known.check("r2", 22, "ssh-ed25519", base64.b64decode(KEY), "accept-new")
    known.check("r4", 2222, "ssh-ed25519", base64.b64decode(OTHER), "accept-new")
    known.check("r4", 2222, "ssh-ed25519", base64.b64decode(OTHER), "strict")
    assert path.read_text() == f"r3 ssh-ed25519 {KEY}\n[r4]:2222 ssh-ed25519 {OTHER}\n"
    assert known.algorithms("r4", 2222) == ("ssh-ed25519",)


def test_files_that_cannot_be_used(path: Path) -> None:
    path.mkdir()
    with pytest.raises(InvalidConfig, match=f"known_hosts file {path} cannot be read: Is a directory"):
        check(path)
    with pytest.raises(InvalidConfig, match="known_hosts file /proc/none/x cannot be written: No such file"):
        KnownHosts([Path("/proc/none/x")]).check("r1", 22, "ssh-ed25519", b"key", "accept-new")


def test_ipv6_names() -> None:
    assert host_name("2001:db8::1", 22) == "2001:db8::1"
    assert host_name("2001:db8::1", 2222) == "[2001:db8::1]:2222"
