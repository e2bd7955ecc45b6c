"""Which way leads to a device: its entry and ssh_config(5) together, as a chain of hops."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeAlias, cast

from netres.errors import InvalidConfig
from netres.inventory.entry import Entry

_HOP: Final = re.compile(
    r"(?:ssh://)?(?:(?P<user>[^@\s]+)@)?(?:\[(?P<ip6>[^\]]+)\]|(?P<host>[^:@\s/]+))(?::(?P<port>\d{1,5}))?/?"
)
_DEPTH: Final = 8


@dataclass(frozen=True)
class Hop:
    """One SSH server on the way; the last one is the device."""

    host: str
    port: int
    username: str
    identities: tuple[Path, ...]
    known_hosts: tuple[Path, ...]

    @property
    def place(self) -> str:
        """``host:port`` for messages."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


_Found: TypeAlias = Mapping[str, str | list[str] | None]


class _Config(Protocol):
    """What is used of ``paramiko.SSHConfig``, which has no types."""

    def lookup(self, hostname: str) -> _Found: ...


def route(entry: Entry) -> tuple[Hop, ...]:
    """The hops to a device: jump hosts first, the device last.

    Raises:
        InvalidConfig: a setting that cannot be used, naming entry, setting and remedy.
    """
    return _Route(entry).hops()


class _Route:
    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._config = _read(entry)

    def hops(self) -> tuple[Hop, ...]:
        entry = self._entry
        found = self._lookup(entry.host)
        target = self._hop(
            found, entry.host, entry.username or _text(found, "user"), str(entry.port) if entry.port else None
        )
        jumps = entry.ssh.jump if entry.ssh.jump is not None else _text(found, "proxyjump")
        if jumps is None and _text(found, "proxycommand") is not None:
            raise self._invalid("ssh_config names a ProxyCommand; only ProxyJump can be used")
        return (*self._jumps(jumps, target.username, _DEPTH), target)

    def _jumps(self, jumps: str | None, username: str, depth: int) -> tuple[Hop, ...]:
        if jumps is None or jumps.lower() == "none":
            return ()
        if depth == 0:
            raise self._invalid(f"more than {_DEPTH} jump hosts behind each other; look for a circle of ProxyJump")
        hops: list[Hop] = []
        for jump in jumps.split(","):
            if not (parts := _HOP.fullmatch(jump.strip())):
                raise self._invalid(f"jump host {jump!r} is not of the form [user@]host[:port]")
            alias = parts["ip6"] or parts["host"]
            found = self._lookup(alias)
            nearer = _text(found, "proxyjump")
            if not hops and nearer != alias:  # as for OpenSSH, the first one may have jump hosts of its own
                hops += self._jumps(nearer, username, depth - 1)
            user = parts["user"] or _text(found, "user") or username
            hops.append(self._hop(found, alias, user, parts["port"]))
        return tuple(hops)

    def _hop(self, found: _Found, alias: str, username: str | None, port: str | None) -> Hop:
        settings = self._entry.ssh
        if username is None:
            raise self._invalid("has no username; set username, or User in ssh_config")
        if settings.identity is not None:
            identities = [settings.identity.expanduser()]
        else:
            identities = [path for name in _list(found, "identityfile") if (path := Path(name).expanduser()).is_file()]
        if settings.known_hosts is not None:
            files = [settings.known_hosts.expanduser()]
        else:
            named = (_text(found, "userknownhostsfile") or "~/.ssh/known_hosts").split()
            files = [Path(name).expanduser() for name in named]
        return Hop(
            host=_text(found, "hostname") or alias,
            port=self._port(port or _text(found, "port") or "22"),
            username=username,
            identities=tuple(identities),
            known_hosts=tuple(files),
        )

    def _port(self, text: str) -> int:
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise self._invalid(f"{text!r} in ssh_config or ssh.jump is no TCP port; use 1 to 65535")
        return int(text)

    def _lookup(self, alias: str) -> _Found:
        try:
            return self._config.lookup(alias) if self._config else {}
        except Exception as error:  # paramiko raises whatever its parsers and helpers raise
            raise self._invalid(f"ssh_config cannot be applied to {alias!r}: {error}") from error

    def _invalid(self, message: str) -> InvalidConfig:
        return InvalidConfig(f"device {self._entry.name!r}: {message}")


def _read(entry: Entry) -> _Config | None:
    import paramiko

    path = (entry.ssh.config or Path("~/.ssh/config")).expanduser()
    if entry.ssh.config is None and not path.is_file():
        return None
    try:
        return cast("_Config", paramiko.SSHConfig.from_text(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, paramiko.ConfigParseError) as error:
        raise InvalidConfig(f"device {entry.name!r}: ssh.config {str(path)!r} cannot be read: {error}") from error


def _text(found: _Found, name: str) -> str | None:
    value = found.get(name)
    return value if isinstance(value, str) else None


def _list(found: _Found, name: str) -> list[str]:
    value = found.get(name)
    return value if isinstance(value, list) else []
