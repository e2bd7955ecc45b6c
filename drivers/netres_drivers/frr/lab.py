"""Two real FRR routers on this machine, each in its own network namespace behind its own OpenSSH server."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from netres.errors import MissingDependency
from netres.inventory.entry import Entry
from netres.testing import sshd
from netres.testing.entries import inventory_yaml
from netres.testing.netns import Host, wait_until
from netres.testing.sshd import Sshd

DAEMONS: Final = ("zebra", "staticd", "bgpd", "ospfd")
# It writes the configuration on behalf of vtysh, as on a router in service, and must not start anything by itself.
_WATCHFRR: Final = ("-r", "true %s", "-s", "true %s", "-k", "true %s", *DAEMONS)
USER: Final = "netres"
_PROGRAMS: Final = Path("/usr/lib/frr")
_CONFIG: Final = Path("/etc/frr")
_RUN: Final = Path("/var/run/frr")
_SCRATCH: Final = Path("/var/tmp/frr")  # noqa: S108  # FRR's own choice; a killed daemon leaves its log buffers here
_PROTOCOLS: Final = (11, 186, 188, 196)
"""The kernel's numbers for routes of zebra, bgpd, ospfd, staticd (rtnetlink's rtm_protocol)."""
_VTYSH: Final = "exec /usr/bin/vtysh -N {namespace}"
_SHELL: Final = (
    'if [ -n "$SSH_ORIGINAL_COMMAND" ]; then PATH={tools}:$PATH; exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"; fi; '
)
_OWN_VTYSH: Final = '#!/bin/sh\nexec /usr/bin/vtysh -N {namespace} "$@"\n'
"""On a router of its own vtysh needs no name of the daemons that it talks to."""
# The host name needs no line: the daemons and vtysh take it from the host. In FRR 8.4 the command `hostname` reaches
# no daemon, only the vtysh that gave it.
_INITIAL: Final = "log syslog errors\n"
_VTYSH_CONFIG: Final = "service integrated-vtysh-config\n"


def available() -> str | None:
    """Why FRR routers cannot run here, in one line; ``None`` where they can."""
    if reason := sshd.available():
        return reason
    missing = [name for name in (*DAEMONS, "watchfrr") if not (_PROGRAMS / name).is_file()]
    missing += [tool for tool in ("vtysh", "ping") if shutil.which(tool) is None]
    return f"not installed: {', '.join(missing)}; install the packages frr and iputils-ping" if missing else None


class Router:
    """One router: interface ``eth0`` to the other one, and ``lan0``, a LAN with nobody in it."""

    sshd: Sshd

    def __init__(self, host: Host, shell: bool) -> None:
        """A router that starts when its context is entered.

        Args:
            host: where it runs.
            shell: whether a command given to SSH runs in a Unix shell; if not, every session is vtysh.
        """
        self.name = host.name
        self.host = host
        self._shell = shell
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}
        self._config = _CONFIG / host.namespace
        self._run = _RUN / host.namespace

    def __enter__(self) -> Self:
        try:
            if not _RUN.exists():  # the package's own start script makes it, at boot
                _RUN.mkdir()
                shutil.chown(_RUN, "frr", "frr")
            for directory in (self._config, self._run):
                directory.mkdir()
                directory.chmod(0o770)  # without watchfrr, vtysh saves as the user who is logged in
                shutil.chown(directory, "frr", "frr")
            self._forward()
            self._start()
            command = _VTYSH.format(namespace=self.host.namespace)
            forced = _SHELL.format(tools=self._tools()) + command if self._shell else command
            self.sshd = Sshd(self.host, USER, forced, groups=("frr", "frrvty"))
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._remove()

    def _tools(self) -> Path:
        tools = self.host.directory / "bin"
        tools.mkdir(mode=0o755)
        vtysh = tools / "vtysh"
        vtysh.write_text(_OWN_VTYSH.format(namespace=self.host.namespace))
        vtysh.chmod(0o755)
        return tools

    def _start(self) -> None:
        self._write("vtysh.conf", _VTYSH_CONFIG)
        self._write("frr.conf", _INITIAL)
        self._boot()

    def _boot(self) -> None:
        for name in DAEMONS:
            self._daemon(name, "-A", "127.0.0.1", "--log", "stdout")
            if name == "zebra":  # a daemon that does not find zebra tries again after 10 seconds
                self._await(name)
        self._await(*DAEMONS)
        self.host.run("vtysh", "-N", self.host.namespace, "-b")
        self._daemon("watchfrr", *_WATCHFRR)
        self._await("watchfrr")

    def _daemon(self, name: str, *arguments: str) -> None:
        self._daemons[name] = self.host.start(str(_PROGRAMS / name), "-N", self.host.namespace, *arguments)

    def _await(self, *names: str) -> None:
        """FRR gives a socket to its group after it began to listen there."""
        sockets = [self._run / f"{name}.vty" for name in names]
        wait_until(
            lambda: all(socket.exists() and socket.group() == "frrvty" for socket in sockets),
            f"{', '.join(names)} in {self.host.namespace}",
        )

    def _stop(self) -> None:
        self.host.stop(*reversed(self._daemons.values()))  # watchfrr first, so that it sees nobody die
        for name, process in self._daemons.items():
            shutil.rmtree(_SCRATCH / f"{name}.{process.pid}", ignore_errors=True)
        self._daemons.clear()

    def _remove(self) -> None:
        self._stop()
        shutil.rmtree(self._config, ignore_errors=True)
        shutil.rmtree(self._run, ignore_errors=True)

    def _write(self, name: str, text: str) -> None:
        path = self._config / name
        path.write_text(text)
        path.chmod(0o660)
        shutil.chown(path, "frr", "frrvty")

    def vtysh(self, *commands: str) -> str:
        """What the commands print, one after another in one session, as root, not over SSH."""
        return self.host.run("vtysh", "-N", self.host.namespace, *(part for line in commands for part in ("-c", line)))

    def running_config(self) -> str:
        """What ``show running-config`` prints, to the byte."""
        return self.vtysh("show running-config")

    def load(self, text: str) -> None:
        """Enter configuration lines, in addition to what is configured.

        Raises:
            UsageError: FRR refused a line; those around it stand.
        """
        self.host.run("vtysh", "-N", self.host.namespace, "-f", "/dev/stdin", input=text)

    def reset(self) -> None:
        """Back to the configuration of the beginning, to the byte; `write memory` is forgotten too.

        The daemons are started anew (0.2 s), so sessions that are open see errors; open new ones.
        """
        self._stop()
        for file in (*self._run.iterdir(), *self._config.iterdir()):
            file.unlink()
        self.host.mend()
        self._clear_kernel()
        self._start()

    def restart(self) -> None:
        """Kill the daemons, and start them on what was saved."""
        self._stop()
        for file in self._run.iterdir():
            file.unlink()
        self._clear_kernel()
        self._boot()

    def _clear_kernel(self) -> None:
        """Remove what killed daemons leave in the kernel; a new zebra would do part of it, and later."""
        links = [line.split()[0].partition("@")[0] for line in self.host.ip("-br", "link", "show").splitlines()]
        lines = [
            line
            for link in links
            if link != "mgmt"
            for line in (f"addr flush dev {link} scope global", f"link set {link} up")
        ]
        routes = [f"route flush table main proto {protocol}" for protocol in _PROTOCOLS]
        # Routes over nexthop objects cannot be flushed by themselves; they go with these objects.
        self.host.run("ip", "-batch", "-", input="\n".join((*lines, "nexthop flush", *routes, "")))
        self.host.run("ip", "-6", "-batch", "-", input="\n".join((*routes, "")))
        self._forward()

    def _forward(self) -> None:
        self.host.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")

    def ping(self, source: str, destination: str) -> bool:
        """Whether one echo request from an address or interface of this router is answered within a second."""
        ask = ("ping", "-n", "-c", "1", "-W", "1", "-I", source, destination)
        return " 0% packet loss" in self.host.run(*ask, check=False)

    def entry(self) -> Entry:
        """How this router is reached."""
        return self.sshd.entry(self.name, "frr")


class FrrLab:
    """Two routers, ``r1`` and ``r2``, connected at ``eth0``. A context manager; leaving it removes everything.

    On ``r1`` SSH also reaches a Unix shell (``ssh r1 COMMAND``); on ``r2`` every session is vtysh.
    """

    routers: dict[str, Router]

    def __enter__(self) -> Self:
        if reason := available():
            raise MissingDependency(reason)
        with ExitStack() as stack:
            hosts = [stack.enter_context(Host(name)) for name in ("r1", "r2")]
            hosts[0].link("eth0", hosts[1], "eth0")
            for host in hosts:
                host.stub("lan0")
            routers = [stack.enter_context(Router(host, shell=host.name == "r1")) for host in hosts]
            self.routers = {router.name: router for router in routers}
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def inventory_yaml(self) -> str:
        """An inventory file of both routers."""
        return inventory_yaml(router.entry() for router in self.routers.values())

    def write_inventory(self, path: Path) -> None:
        """Write `inventory_yaml` to a file."""
        path.write_text(self.inventory_yaml())
