"""The known_hosts files of OpenSSH (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): which host has which key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from netres.errors import HostKeyMismatch, HostKeyUnknown, InvalidConfig

_RSA: Final = ("rsa-sha2-512", "rsa-sha2-256")
"""What servers offer with an RSA key, which known_hosts files call ``ssh-rsa`` (RFC 8332)."""


@dataclass(frozen=True)
class Line:
    """One key of a known_hosts file."""

    names: str
    """Comma-separated patterns, or a hash."""
    algorithm: str
    key: bytes
    revoked: bool
    place: str
    """``file:line``."""


def fingerprint(key: bytes) -> str:
    """A key's fingerprint as ``ssh-keygen -l`` shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def host_name(host: str, port: int) -> str:
    """How known_hosts files name a server."""
    return host if port == 22 else f"[{host}]:{port}"


class KnownHosts:
    """The keys in known_hosts files; a file that does not exist has none."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = tuple(files)

    def algorithms(self, host: str, port: int) -> tuple[str, ...]:
        """The types of the keys known of a host, in the order of the files."""
        return tuple(dict.fromkeys(line.algorithm for line in self._lines_of(host_name(host, port))))

    def preferred(self, host: str, port: int, offered: Sequence[str]) -> tuple[str, ...]:
        """The algorithms to negotiate: first those of known keys, else the server may show a key nobody knows."""
        known = self.algorithms(host, port)
        names = [name for one in known for name in (_RSA if one == "ssh-rsa" else (one,)) if name in offered]
        return tuple(dict.fromkeys([*names, *offered]))

    def check(self, host: str, port: int, algorithm: str, key: bytes, policy: Literal["strict", "accept-new"]) -> None:
        """Accept the key a host shows, or refuse it; by ``accept-new`` a host nobody knows is stored.

        Raises:
            HostKeyUnknown: no key of the host is known, and the policy is ``strict``.
            HostKeyMismatch: another key is known, or this one is marked as revoked.
        """
        name = host_name(host, port)
        lines = tuple(self._lines_of(name))
        for line in lines:
            if line.key == key and line.revoked:
                raise HostKeyMismatch(f"{name} shows a host key that {line.place} marks as revoked: {fingerprint(key)}")
        good = [line for line in lines if not line.revoked]
        if any(line.key == key for line in good):
            return
        if good:
            raise HostKeyMismatch(
                f"the host key of {name} is not the known one: it shows {algorithm} {fingerprint(key)}, "
                f"{good[0].place} has {good[0].algorithm} {fingerprint(good[0].key)}; if the device was replaced, "
                f"remove the old key: ssh-keygen -R '{name}' -f {good[0].place.rpartition(':')[0]}"
            )
        if policy == "strict":
            raise HostKeyUnknown(
                f"the host key of {name} is not known: {algorithm} {fingerprint(key)}; compare it with the device's, "
                f"then add it: ssh-keyscan -p {port} {host} >> {self._files[0]}, or set host_key_policy: accept-new"
            )
        self._store(f"{name} {algorithm} {base64.b64encode(key).decode()}\n")

    def _store(self, line: str) -> None:
        path = self._files[0]
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
                size = file.seek(0, os.SEEK_END)
                if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
                    line = "\n" + line
                file.write(line.encode())
        except OSError as error:
            raise InvalidConfig(f"known_hosts file {path} cannot be written: {error.strerror}") from error

    def _lines_of(self, name: str) -> Iterator[Line]:
        return (line for path in self._files for line in _lines_of(path, name.lower()))


@dataclass(frozen=True)
class _File:
    """A file as it was read: its lines, in order, by the one name that they are for; and those with patterns."""

    named: Mapping[str, tuple[tuple[int, Line], ...]]
    others: tuple[tuple[int, Line], ...]


def _lines_of(path: Path, name: str) -> Iterator[Line]:
    try:
        status = path.stat()
        file = _read(path, status.st_ino, status.st_mtime_ns, status.st_size)
    except FileNotFoundError:
        return
    except OSError as error:
        raise InvalidConfig(f"known_hosts file {path} cannot be read: {error.strerror}") from error
    found = [*file.named.get(name, ()), *(one for one in file.others if _names(one[1].names, name))]
    yield from (line for _, line in sorted(found, key=lambda one: one[0]))


@lru_cache(maxsize=8)
def _read(path: Path, _inode: int, _changed: int, _size: int) -> _File:
    """A file of thousands of lines is read once, not for each of thousands of devices; a changed one is read again."""
    named: dict[str, list[tuple[int, Line]]] = {}
    others: list[tuple[int, Line]] = []
    for number, line in enumerate(_lines(path)):
        names = line.names.lower().split(",")
        if line.names.startswith("|1|") or any(sign in line.names for sign in "*?!"):
            others.append((number, line))
            continue
        for name in dict.fromkeys(names):
            named.setdefault(name, []).append((number, line))
    return _File({name: tuple(lines) for name, lines in named.items()}, tuple(others))


def _lines(path: Path) -> Iterator[Line]:
    text = path.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        marker, *fields = line.split() if line.lstrip().startswith("@") else ("", *line.split())
        # Certificate authorities are left out: paramiko does not offer to check a host's certificate against one.
        if len(fields) < 3 or fields[0].startswith("#") or marker not in {"", "@revoked"}:
            continue
        try:
            key = base64.b64decode(fields[2], validate=True)
        except binascii.Error:
            continue
        yield Line(fields[0], fields[1], key, marker == "@revoked", f"{path}:{number}")


def _names(patterns: str, name: str) -> bool:
    if patterns.startswith("|1|"):
        return _hashed(patterns, name)
    found = False
    for pattern in patterns.lower().split(","):
        expression = re.escape(pattern.removeprefix("!")).replace(r"\*", ".*").replace(r"\?", ".")
        if re.fullmatch(expression, name):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _hashed(field: str, name: str) -> bool:
    _, _, salt, digest = [*field.split("|"), "", ""][:4]
    try:
        key, wanted = base64.b64decode(salt, validate=True), base64.b64decode(digest, validate=True)
    except binascii.Error:
        return False
    return hmac.compare_digest(hmac.new(key, name.encode(), hashlib.sha1).digest(), wanted)
