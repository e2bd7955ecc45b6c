"""Which files and sockets a device has: the options of its inventory entry."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from netres.errors import InvalidConfig, ParseError, Rejected
from netres.flow import Exec, Flow, Reply, ask
from netres.inventory.entry import Scalar
from netres_drivers.hostapd.text import File

PATH: Final = "PATH=$PATH:/usr/sbin:/sbin; "
"""A login that is not root's may not look where hostapd is installed."""
_FILE: Final = re.compile(r"/(?:[\w@%+=:,.-]+/)*[\w@%+=:,.-]+", re.ASCII)
_BRIDGE: Final = re.compile(r"[A-Za-z0-9_.-]*\{vlan\}[A-Za-z0-9_.-]*")
_INTERFACE: Final = re.compile(r"(?!\.\.?\Z)[!-.0-~]{1,15}")
_HEADER: Final = re.compile(rb"## (/\S*) (\d+)\n")
_PATIENCE: Final = 20
"""Seconds: less than a command may take, and more than a radio needs to start."""
_OPTIONS: Final = ("config", "control", "pid", "bridge", "settle")


@dataclass(frozen=True)
class Site:
    """Where hostapd keeps things on one device."""

    configs: tuple[str, ...] = ("/etc/hostapd/hostapd.conf",)
    control: str = "/run/hostapd"
    pids: tuple[str, ...] = ("/run/hostapd.pid",)
    bridge: str = ""
    settle: int = 10
    """Seconds that a radio may take until it is enabled: it looks around, or waits for what its country allows."""
    hostname: str = "ap"

    @classmethod
    def of(cls, options: Mapping[str, Scalar], hostname: str = "ap") -> Site:
        """From the options of an entry.

        Raises:
            InvalidConfig: naming the option.
        """
        if strange := sorted(options.keys() - set(_OPTIONS)):
            raise InvalidConfig(f"hostapd has no option {strange[0]!r}; it has {', '.join(_OPTIONS)}")
        found = cls(hostname=hostname)
        configs = _paths("config", options.get("config"), found.configs)
        pids = _paths("pid", options.get("pid"), found.pids)
        if len(pids) not in {1, len(configs)}:
            raise InvalidConfig(f"option pid names {len(pids)} files; name one, or {len(configs)}, one for each config")
        control = _paths("control", options.get("control"), (found.control,))
        if len(control) != 1:
            raise InvalidConfig(f"option control names {len(control)} directories; name the one of ctrl_interface")
        return cls(configs, control[0], pids, _bridge(options), _settle(options, found.settle), hostname)

    def read(self) -> Flow[Reply]:
        """All files, each after a line with its path and size."""
        names = " ".join(shlex.quote(path) for path in self.configs)
        script = 's=$(wc -c <"$f") || exit 1; printf "## %s %s\\n" "$f" $s; cat "$f" || exit 1'
        reply = yield from ask(Exec(f"{self.alone(reading=True)}for f in {names}; do {script}; done"))
        if reply.status:
            raise Rejected("reading the configuration", reply.text.strip() or f"exit status {reply.status}")
        return reply

    def alone(self, *, reading: bool = False) -> str:
        """What waits until no program of netres's is at work on the files, as one may be whose client died.

        What reads does so no longer than `_PATIENCE`; what writes gives up then. Nothing is left of the lock, which is
        on the directory. A device without flock has none.
        """
        directory = shlex.quote(self.configs[0].rpartition("/")[0] or "/")
        shared, late = ("-s ", "true") if reading else ("", "{ echo 'another change is still made'; exit 1; }")
        lock = f"exec 9<{directory}; flock {shared}-w {_PATIENCE} 9 || {late}"
        return f"if command -v flock >/dev/null && [ -r {directory} ]; then {lock}; fi; "

    def files(self, native: Reply) -> tuple[File, ...]:
        """The files in what `read` gave; other text is one file.

        Raises:
            ParseError: a file is not there whole, because somebody wrote it at that moment; or an interface has a
                name that no interface has.
        """
        files = tuple(self._files(native.text.encode(errors="surrogateescape")))
        for file in files:
            for section in file.sections:
                if not _INTERFACE.fullmatch(section.interface):
                    raise ParseError(f"{file.path}: {section.interface[:15]!r} is no name of an interface")
        return files

    def _files(self, rest: bytes) -> Iterator[File]:
        if not _HEADER.match(rest):
            yield File.read(self.configs[0], rest.decode(errors="surrogateescape"))
            return
        while rest:
            header = _HEADER.match(rest)
            size = int(header[2]) if header else 0
            if header is None or len(rest) < header.end() + size:
                raise ParseError("the configuration changed while it was read; try again")
            content, rest = rest[header.end() : header.end() + size], rest[header.end() + size :]
            yield File.read(header[1].decode(), content.decode(errors="surrogateescape"))

    def pid(self, path: str) -> str:
        """The file with the process id of the daemon that reads a configuration file."""
        return self.pids[0] if len(self.pids) == 1 else self.pids[self.configs.index(path)]

    def cli(self, interface: str) -> str:
        """How a command line that asks the daemon at an interface begins."""
        return f"hostapd_cli -p {shlex.quote(self.control)} -i {shlex.quote(interface)}"


def _bridge(options: Mapping[str, Scalar]) -> str:
    bridge = str(options.get("bridge", ""))
    if bridge and (not _BRIDGE.fullmatch(bridge) or len(bridge.replace("{vlan}", "4094")) > 15):
        raise InvalidConfig(
            f"option bridge {bridge!r} is no name of an interface with {{vlan}} in it; write it like br-vlan{{vlan}}"
        )
    return bridge


def _settle(options: Mapping[str, Scalar], default: int) -> int:
    settle = options.get("settle", default)
    if isinstance(settle, bool) or not isinstance(settle, int) or not 0 <= settle <= 120:
        raise InvalidConfig(f"option settle {settle!r} is no number of seconds from 0 to 120")
    return settle


def _paths(name: str, given: Scalar | None, default: tuple[str, ...]) -> tuple[str, ...]:
    paths = default if given is None else tuple(str(given).split())
    for path in paths or ("",):
        if not _FILE.fullmatch(path) or ".." in path.split("/"):
            raise InvalidConfig(f"option {name} has {path!r}; name files by their full paths, with blanks between them")
    if len(set(paths)) < len(paths):
        raise InvalidConfig(f"option {name} names a file twice")
    return paths
