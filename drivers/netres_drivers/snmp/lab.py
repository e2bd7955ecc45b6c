"""Real SNMP agents on this machine: net-snmp's snmpd, each in its own network namespace, with lldpd beside it."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from netres.errors import MissingDependency
from netres.inventory.entry import Entry, SnmpSettings, Timeouts
from netres.model.secret import Secret
from netres.testing import netns
from netres.testing.netns import Host, wait_until

READER: Final = "reader"
"""The user who may read (SHA-256, AES), of every agent."""
WRITER: Final = "writer"
"""The user who may write (SHA, AES), of every agent, with the agent's own keys."""
_PROGRAMS: Final = ("snmpd", "snmpget", "snmpset", "lldpd", "lldpcli")
# sysContact, sysName and sysLocation are left out: what stands in the file cannot be written over SNMP.
_SNMPD: Final = """\
agentaddress udp:161,udp6:161
master agentx
agentXSocket {agentx}
agentXPerms 0777 0777
rocommunity {read}
rocommunity6 {read}
rwcommunity {write}
createUser {writer} SHA {auth} AES {priv}
rwuser {writer} priv
createUser {reader} SHA-256 {auth} AES {priv}
rouser {reader} priv
createUser signer SHA-512 {auth}
rouser signer auth
"""
_OBJECTS: Final = {
    "sysContact": "1.3.6.1.2.1.1.4.0",
    "sysName": "1.3.6.1.2.1.1.5.0",
    "sysLocation": "1.3.6.1.2.1.1.6.0",
    "ifAlias.1": "1.3.6.1.2.1.31.1.1.1.18.1",
    "snmpEnableAuthenTraps": "1.3.6.1.2.1.11.30.0",
}
"""What snmpd lets be written, of those objects that this driver writes and of others."""
Version = Literal["2c", "3"]


def available() -> str | None:
    """Why SNMP agents cannot run here, in one line; ``None`` where they can."""
    if reason := netns.available():
        return reason
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    return f"not installed: {', '.join(missing)}; install the packages snmpd, snmp, lldpd" if missing else None


class Agent:
    """One snmpd, at port 161 of a host of its own; its secrets are files of the laboratory."""

    def __init__(self, host: Host, lines: str = "") -> None:
        """An agent that starts when its context is entered; ``lines`` are added to its configuration."""
        self.name = host.name
        self.host = host
        self._lines = lines
        self._running: list[subprocess.Popen[bytes]] = []
        names = ("read", "write", "auth", "priv")
        self.secrets = {name: f"{name}-{host.name}-s3cret" for name in names}
        """The two communities, and both users' passphrases."""

    def __enter__(self) -> Self:
        directory = self.host.directory
        for name, value in self.secrets.items():
            (directory / name).write_text(value)
        users = {"writer": WRITER, "reader": READER, "agentx": self._agentx}
        (directory / "snmpd.conf").write_text(_SNMPD.format(**self.secrets, **users) + self._lines)
        (directory / "persistent").mkdir()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _agentx(self) -> Path:
        return self.host.directory / "agentx.sock"

    def start(self) -> None:
        """Start snmpd, and wait until it answers; what was set before holds."""
        directory = self.host.directory
        # Not this machine's own configuration, but what was set before; no MIB files: OIDs are numbers here.
        kept = directory / "persistent"
        environment = ("env", f"SNMP_PERSISTENT_DIR={kept}", f"SNMPCONFPATH={directory}:{kept}", "MIBS=")
        self._running.append(self.host.start(*environment, "snmpd", "-f", f"-Lf{directory / 'snmpd.log'}"))
        wait_until(self._answers, f"an answer of snmpd in {self.host.namespace}")

    def stop(self) -> None:
        """End snmpd, in order: it keeps its engine ID and what was set."""
        for process in self._running:
            process.terminate()
            process.wait(timeout=5)
        self.host.stop(*self._running)
        self._running.clear()

    def lldp(self) -> None:
        """Start lldpd, as a subagent of snmpd; it speaks every second. It ends with the host."""
        self.host.start("lldpd", "-d", "-x", "-X", str(self._agentx), "-u", self._lldpd)
        wait_until(lambda: bool(self.neighbours()), f"an answer of lldpd in {self.host.namespace}")
        # Not `lldpcli update`: asked again and again, it puts off what it is to send.
        self.host.run("lldpcli", "-u", self._lldpd, "configure", "lldp", "tx-interval", "1")

    def neighbours(self) -> str:
        """What lldpd itself says of its neighbours, as JSON."""
        return self.host.run("lldpcli", "-u", self._lldpd, "-f", "json", "show", "neighbors", check=False)

    @property
    def _lldpd(self) -> str:
        return str(self.host.directory / "lldpd.sock")

    def native(self) -> str:
        """What can be written over SNMP, asked with net-snmp's own snmpget: one object a line, its octets in hex."""
        values = self._ask("snmpget", "read", *_OBJECTS.values()).split(".1.3.6.1.")[1:]
        told = (" ".join(value.split()[1:]) for value in values)  # 16 octets a line
        return "".join(f"{name} {value}\n" for name, value in zip(_OBJECTS, told, strict=True))

    def reset(self) -> None:
        """Everything that can be written as it was in the beginning."""
        first = {"sysContact": "root", "sysName": self.name, "sysLocation": "Unknown", "ifAlias.1": ""}
        triples = [part for name, value in first.items() for part in (_OBJECTS[name], "s", value)]
        self._ask("snmpset", "write", *triples, _OBJECTS["snmpEnableAuthenTraps"], "i", "2")

    def set(self, name: str, value: str, kind: Literal["s", "x", "i"] = "s") -> None:
        """Set an object by hand, with net-snmp's snmpset; ``x``: ``value`` is octets in hex."""
        self._ask("snmpset", "write", _OBJECTS[name], kind, value)

    def _answers(self) -> bool:
        return bool(self._ask("snmpget", "read", _OBJECTS["sysName"], patience=("0.1", "0"), check=False))

    def _ask(
        self,
        program: str,
        community: str,
        *arguments: str,
        patience: tuple[str, str] = ("1", "5"),
        check: bool = True,
    ) -> str:
        seconds, retries = patience
        options = ("-v2c", "-c", self.secrets[community], "-t", seconds, "-r", retries, "-Oqnx")
        return netns.command("env", "MIBS=", program, *options, self.host.address, *arguments, check=check)

    def entry(self, *, version: Version = "3", user: str = READER, write: bool = False, timeout: float = 1.0) -> Entry:
        """How the agent is reached: in version 2c with the community that may read or ``write``, in 3 as a user."""
        secrets = {name: Secret(f"file:{self.host.directory / name}") for name in self.secrets}
        if version == "2c":
            settings = SnmpSettings(community=secrets["write" if write else "read"], timeout=timeout, retries=1)
            user = ""
        else:
            user = WRITER if write else user
            settings = SnmpSettings(
                auth_protocol="sha256" if user == READER else "sha" if user == WRITER else "sha512",
                auth_key=secrets["auth"],
                priv_key=None if user == "signer" else secrets["priv"],
                timeout=timeout,
                retries=1,
            )
        return Entry(
            name=self.name,
            platform="snmp",
            host=self.host.address,
            username=user or None,
            snmp=settings,
            timeouts=Timeouts(connect=10, command=10),
        )


class SnmpLab:
    """Two agents, ``s1`` and ``s2``, connected at ``eth0``, each with the same users and its own keys."""

    agents: dict[str, Agent]

    def __enter__(self) -> Self:
        if reason := available():
            raise MissingDependency(reason)
        with ExitStack() as stack:
            hosts = [stack.enter_context(Host(name)) for name in ("s1", "s2")]
            hosts[0].link("eth0", hosts[1], "eth0")
            for number, host in enumerate(hosts, 1):
                for address in (f"10.0.12.{number}/24", f"2001:db8:12::{number}/64"):
                    host.ip("addr", "add", address, "dev", "eth0", *(("nodad",) if ":" in address else ()))
            agents = [stack.enter_context(Agent(host)) for host in hosts]
            self.agents = {agent.name: agent for agent in agents}
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()
