"""Network namespaces of this machine as hosts: links between them, a management network, and cuts of it.

Linux and root are needed; `available` says what is missing.
"""

from __future__ import annotations

import ipaddress
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from netres.errors import MissingDependency, UsageError

MANAGEMENT: Final = ipaddress.IPv4Network("10.99.0.0/16")
"""The management networks, a /30 per host, are taken from here: the machine's address is the first, the host's next."""
_TOOLS: Final = ("ip", "nft", "unshare")
# Every host has its own host name: what runs in it shows that, not this machine's.
_ENTER: Final = 'echo "$0" >/proc/sys/kernel/hostname && exec "$@"'
_CUT: Final = """\
add table inet netres_cut; delete table inet netres_cut
table inet netres_cut {{
  set severed {{ type ifname; flags dynamic; }}
  chain input {{ type filter hook input priority 0; iifname @severed drop; {incoming}; }}
  chain output {{ type filter hook output priority 0; oifname @severed drop; {outgoing}; }}
}}
"""


def available() -> str | None:
    """Why hosts cannot be made here, in one line; ``None`` where they can."""
    if sys.platform != "linux":
        return f"network namespaces need Linux, this is {sys.platform}"
    if os.geteuid() != 0:
        return "network namespaces need root; run as root or with sudo"
    if missing := [tool for tool in _TOOLS if shutil.which(tool) is None]:
        return f"not installed: {', '.join(missing)}; install the packages iproute2, nftables, util-linux"
    probe = subprocess.run(["unshare", "--net", "--uts", "true"], capture_output=True, text=True, check=False)
    return f"this machine allows no namespaces: {probe.stderr.strip()}" if probe.returncode else None


def wait_until(condition: Callable[[], bool], what: str, timeout: float = 10.0) -> None:
    """Poll ``condition`` until it holds.

    Raises:
        TimeoutError: it does not hold within ``timeout`` seconds; the message names ``what``.
    """
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout:g} seconds")
        time.sleep(0.01)


def command(*argv: str, input: str | None = None, check: bool = True) -> str:  # noqa: A002  # as in subprocess.run
    """What a program of this machine prints on its standard output; every byte survives (surrogateescape).

    Raises:
        UsageError: ``check``, and its exit status is not 0.
    """
    return _run(argv, shlex.join(argv), input, check)


def _run(argv: Sequence[str], shown: str, text: str | None, check: bool) -> str:
    done = subprocess.run(argv, input=(text or "").encode(errors="surrogateescape"), capture_output=True, check=False)
    output = done.stdout.decode(errors="surrogateescape")
    if check and done.returncode:
        said = "; ".join((done.stderr.decode(errors="replace") + output).split("\n")).strip("; ")
        raise UsageError(f"{shown} ended with status {done.returncode}: {said}")
    return output


class Host:
    """A network namespace with its own host name, and a management link to this machine.

    Use it as a context manager: leaving it kills whatever runs in the namespace and removes the namespace.
    """

    namespace: str
    """Unique on this machine: the name and the number of the management network."""
    address: str
    """Of the host's management interface ``mgmt``."""
    directory: Path
    """For the host's files; removed with it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        if reason := available():
            raise MissingDependency(reason)
        index = _claim()
        self._uplink = f"nrm{index}"
        self.namespace = f"{self.name}-{index}"
        gateway, address = MANAGEMENT[4 * index + 1], MANAGEMENT[4 * index + 2]
        self.address = str(address)
        self.directory = Path(tempfile.mkdtemp(prefix=f"{self.namespace}-"))
        self.directory.chmod(0o711)  # a user's authorized_keys is read as that user
        try:
            command("ip", "netns", "add", self.namespace)
            command("ip", "link", "set", f"nrp{index}", "netns", self.namespace, "name", "mgmt")
            command("ip", "addr", "add", f"{gateway}/30", "dev", self._uplink)
            command("ip", "link", "set", self._uplink, "up")
            self.ip("addr", "add", f"{address}/30", "dev", "mgmt")
            self.ip("link", "set", "mgmt", "up")
            self.ip("link", "set", "lo", "up")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill and reap everything in the namespace, and remove it."""
        try:
            wait_until(self._killed, f"the end of all processes in {self.namespace}")
        finally:
            command("ip", "link", "del", self._uplink, check=False)
            command("ip", "netns", "del", self.namespace, check=False)
            shutil.rmtree(self.directory, ignore_errors=True)

    def _killed(self) -> bool:
        pids = command("ip", "netns", "pids", self.namespace, check=False).split()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        self._processes = [process for process in self._processes if process.poll() is None]
        return not pids and not self._processes

    def run(self, *argv: str, input: str | None = None, check: bool = True) -> str:  # noqa: A002  # as in subprocess.run
        """`command`, in this host."""
        return _run(self._inside(argv), f"in {self.namespace}: {shlex.join(argv)}", input, check)

    def start(self, *argv: str) -> subprocess.Popen[bytes]:
        """Start a program in this host; it ends with the host, or by `stop`. Its output goes to ``directory``."""
        with (self.directory / f"{Path(argv[0]).name}.out").open("ab") as output:
            process = subprocess.Popen(
                self._inside(argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the test, which then takes the host down in order
            )
        self._processes.append(process)
        return process

    def stop(self, *processes: subprocess.Popen[bytes]) -> None:
        """Kill and reap programs that `start` started."""
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
            self._processes.remove(process)

    def ip(self, *arguments: str) -> str:
        """``ip`` in this host's namespace."""
        return command("ip", "-n", self.namespace, *arguments)

    def link(self, interface: str, other: Host, other_interface: str) -> None:
        """Connect an interface of this host with one of another: a veth pair, both ends up."""
        peer = ("peer", "name", other_interface, "netns", other.namespace)
        self.ip("link", "add", interface, "type", "veth", *peer)
        self.ip("link", "set", interface, "up")
        other.ip("link", "set", other_interface, "up")

    def stub(self, interface: str) -> None:
        """Make an interface with nobody behind it, up: a bridge without ports, which every kernel has."""
        self.ip("link", "add", interface, "type", "bridge")
        self.ip("link", "set", interface, "up")

    def cut(self) -> None:
        """Drop all management traffic, both ways, silently."""
        self._filter('iifname "mgmt" drop', 'oifname "mgmt" drop')

    def cut_after(self, size: int, direction: Literal["to-host", "from-host"] = "to-host") -> None:
        """Cut, both ways, as soon as ``size`` bytes of IP packets went in one direction.

        The packet that exceeds it is lost. Packets without payload (TCP's acknowledgements) do not count, so that a
        dialogue is always cut at the same place.
        """
        rule = f'{{}} "mgmt" meta length > 60 quota over {size} bytes add @severed {{{{ {{}} }}}} drop'
        if direction == "to-host":
            self._filter(rule.format("iifname", "iifname"), "")
        else:
            self._filter("", rule.format("oifname", "oifname"))

    def mend(self) -> None:
        """Undo `cut` or `cut_after`."""
        self.run("nft", "add table inet netres_cut; delete table inet netres_cut")

    def _filter(self, incoming: str, outgoing: str) -> None:
        self.run("nft", "-f", "-", input=_CUT.format(incoming=incoming, outgoing=outgoing))

    def _inside(self, argv: Sequence[str]) -> list[str]:
        return ["ip", "netns", "exec", self.namespace, "unshare", "--uts", "sh", "-c", _ENTER, self.name, *argv]


def _claim() -> int:
    """The number of a free management network: whoever makes its link first has it, so parallel runs do not meet."""
    total = MANAGEMENT.num_addresses // 4
    for attempt in range(total):
        index = (os.getpid() + attempt) % total
        pair = ("type", "veth", "peer", "name", f"nrp{index}")
        done = subprocess.run(["ip", "link", "add", f"nrm{index}", *pair], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return index
        if "exists" not in done.stderr:
            raise UsageError(f"no management link can be made: {done.stderr.strip()}; check for CAP_NET_ADMIN")
    raise UsageError(f"all {total} management networks of {MANAGEMENT} are in use; remove stale nrm* links")
