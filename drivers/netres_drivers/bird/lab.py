"""A real BIRD on this machine, in a network namespace behind its own OpenSSH server."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from netres.errors import MissingDependency, UsageError
from netres.inventory.entry import Entry
from netres.testing import sshd
from netres.testing.entries import inventory_yaml
from netres.testing.netns import Host, command, wait_until
from netres.testing.sshd import Sshd, account

USER: Final = "netres"
DAEMON: Final = "bird"
"""User and group of Debian's package."""
SEARCH: Final = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
_TOOLS: Final = ("bird", "birdc")
_HERE: Final = Path(__file__).parent
_LOG: Final = "log stderr all;\ndebug protocols { states };"
_PROTO: Final = "bird"
"""What the kernel calls BIRD's routes."""


def available() -> str | None:
    """Why no BIRD can run here, in one line; ``None`` where one can."""
    if reason := sshd.available():
        return reason
    missing = [tool for tool in _TOOLS if shutil.which(tool, path=SEARCH) is None]
    return f"not installed: {', '.join(missing)}; install the package bird2" if missing else None


class BirdLab:
    """One router with ``eth0`` (192.0.2.1/24) and ``lan0``, nobody behind them. A context manager."""

    host: Host
    sshd: Sshd

    def __init__(self, name: str = "b1") -> None:
        """A router that starts when its context is entered."""
        self.name = name

    def __enter__(self) -> Self:
        if reason := available():
            raise MissingDependency(reason)
        self.host = Host(self.name).__enter__()
        try:
            self._prepare()
            self.reset()
            self.sshd = Sshd(self.host, USER, groups=(DAEMON,))
        except BaseException:
            self.host.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.host.close()

    def _prepare(self) -> None:
        account(USER)
        self._process: subprocess.Popen[bytes] | None = None
        self.directory.mkdir()
        shutil.chown(self.directory, DAEMON, DAEMON)
        self.directory.chmod(0o2770)
        for name, address in (("eth0", "192.0.2.1/24"), ("lan0", "198.51.100.1/24")):
            self.host.stub(name)
            self.host.ip("addr", "add", address, "dev", name)
        self.host.ip("addr", "add", "2001:db8:1::1/64", "dev", "eth0", "nodad")

    @property
    def directory(self) -> Path:
        """Of the configuration."""
        return self.host.directory / "bird"

    @property
    def config(self) -> Path:
        """The administrator's file."""
        return self.directory / "bird.conf"

    @property
    def file(self) -> Path:
        """Netres's file."""
        return self.directory / "netres.conf"

    @property
    def _socket(self) -> Path:
        return self.directory / "bird.ctl"

    def entry(self) -> Entry:
        """How this router is reached."""
        options = {"config": str(self.config), "socket": str(self._socket)}
        return self.sshd.entry(self.name, "bird", command=20, options=options)

    def inventory_yaml(self) -> str:
        """An inventory file of this router."""
        return inventory_yaml([self.entry()])

    def stored(self) -> str:
        """The configuration that counts at the next start, to the byte, got without netres."""
        return self._texts(self.file)

    def native(self) -> str:
        """The configuration on which BIRD runs, to the byte: where it is on trial, not the one that is stored."""
        trial = self.file.with_name(f"{self.file.name}.netres-trial")
        runs = self.birdc("eval", "netres_trial").strip()
        return self._texts(trial if runs.isalnum() and trial.exists() else self.file)

    def _texts(self, ours: Path) -> str:
        return "\f\n".join(path.read_text(errors="surrogateescape") for path in (self.config, ours))

    def birdc(self, *words: str) -> str:
        """What birdc prints, as root, not over SSH; without its greeting."""
        birdc = shutil.which("birdc", path=SEARCH) or "birdc"  # a socket in the file system is in no namespace
        said = command(birdc, "-s", str(self._socket), *words, check=False)
        return said.partition(" ready.\n")[2] or said

    def runs(self) -> str:
        """All that BIRD runs on and shows: the serial, static routes, the neighbours and their timers."""
        shown = [self.birdc("eval", "netres_serial"), self.birdc("show", "route", "protocol", "netres_static_ipv4")]
        return "".join(line.partition("[")[0] for text in shown for line in text.splitlines(keepends=True))

    def log(self) -> str:
        """What the daemon said since the laboratory began."""
        return (self.host.directory / "bird.out").read_text(errors="replace")

    def write(self, path: Path, text: str) -> None:
        """Make a file what somebody wrote, without telling the daemon."""
        path.write_text(text, errors="surrogateescape")
        path.chmod(0o640)
        shutil.chown(path, DAEMON if path == self.config else USER, DAEMON)

    def reset(self) -> None:
        """Files as at the beginning, and a daemon that runs on them, anew."""
        self.stop()
        for left in self.left_behind():
            left.unlink()
        self.write(self.config, (_HERE / "bird.conf").read_text().replace("log syslog all;", _LOG))
        self.write(self.file, "")
        self.host.mend()
        self.start()

    def scribble(self) -> Sequence[str]:
        """Put lines by hand that no Item says: into the administrator's file, and into netres's."""
        ours = ("# made by hand: do not touch", "define BYHAND = 65099;", "protocol static byhand {")
        inside = ("  ipv4;", "  route 10.98.0.0/16 blackhole; # ours", "}")
        routes = (
            "protocol static netres_static_ipv4 {",
            "  ipv4;",
            "  # by hand",
            "  route 10.99.0.0/16 prohibit;",
            "}",
        )
        self.write(self.config, self.config.read_text() + "# the administrator's\n")
        self.write(self.file, self.file.read_text() + "\n".join((*ours, *inside, "", *routes, "")))
        self.configure()
        return ("# the administrator's", *ours, *inside[:2], *routes[2:4])

    def configure(self) -> None:
        """Have BIRD read its files.

        Raises:
            UsageError: it refused them, in its own words.
        """
        if "Reconfigur" not in (said := self.birdc("configure")):
            raise UsageError(f"birdc configure: {said.strip()}")

    def start(self) -> None:
        """Start the daemon on the files as they are; it answers when this returns."""
        program = shutil.which("bird", path=SEARCH) or "bird"
        files = ("-c", str(self.config), "-s", str(self._socket))
        self._process = self.host.start(program, "-f", "-u", DAEMON, "-g", DAEMON, *files)
        wait_until(self._answers, f"an answer of bird in {self.host.namespace}")

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise UsageError(f"bird ended: {self.log()[-300:]}")
        return "Daemon is up and running" in self.birdc("show", "status")

    def stop(self) -> None:
        """Kill the daemon, as a crash would; the kernel forgets its routes, as a reboot would have it."""
        if self._process is not None:
            self.host.stop(self._process)
            self._process = None
        self._socket.unlink(missing_ok=True)
        for family in ("-4", "-6"):
            self.host.ip(family, "route", "flush", "proto", _PROTO)

    def restart(self) -> None:
        """Kill the daemon, and start it on the files as they are."""
        self.stop()
        self.start()

    def left_behind(self) -> list[Path]:
        """Files of a change that was not finished."""
        return sorted(self.directory.glob("*.netres-*"))
