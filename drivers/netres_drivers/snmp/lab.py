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

COMMUNITY: Final = "public-r3ad"
WRITE_COMMUNITY: Final = "private-wr1te"
AUTH_KEY: Final = "authpass123"
PRIV_KEY: Final = "privpass123"
READER: Final = "reader256"
"""May read, over SHA-256 and AES."""
_PROGRAMS: Final = ("snmpd", "snmpget", "snmpset", "lldpd", "lldpcli")
# sysContact, sysName and sysLocation are left out: what stands in the file cannot be written over SNMP.
_SNMPD: Final = """\
agentaddress udp:161
master agentx
agentXSocket {agentx}
agentXPerms 0777 0777
rocommunity {read}
rwcommunity {write}
createUser {user} SHA {auth} AES {priv}
rwuser {user} priv
createUser {reader} SHA-256 {auth} AES {priv}
rouser {reader} priv
createUser signed SHA-512 {auth}
rouser signed auth
"""
_WRITABLE: Final = {"contact": "1.3.6.1.2.1.1.4.0", "name": "1.3.6.1.2.1.1.5.0", "location": "1.3.6.1.2.1.1.6.0"}


def available() -> str | None:
    """Why SNMP agents cannot run here, in one line; ``None`` where they can."""
    if reason := netns.available():
        return reason
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    return f"not installed: {', '.join(missing)}; install the packages snmpd, snmp, lldpd" if missing else None


class Agent:
    """One snmpd, at port 161 of a host of its own; ``user`` may write."""

    def __init__(self, host: Host, user: str = "netres", auth_key: str = AUTH_KEY, priv_key: str = PRIV_KEY) -> None:
        self.host = host
        self.user = user
        self._keys = (auth_key, priv_key)
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, *, lldp: bool = False) -> None:
        """Start snmpd, and lldpd as its subagent, and wait until they answer."""
        directory = self.host.directory
        agentx = directory / "agentx.sock"
        auth, priv = self._keys
        values = {"agentx": agentx, "read": COMMUNITY, "write": WRITE_COMMUNITY, "user": self.user}
        text = _SNMPD.format(**values, auth=auth, priv=priv, reader=READER)
        (directory / "snmpd.conf").write_text(text)
        (directory / "persistent").mkdir(exist_ok=True)
        environment = ("env", f"SNMP_PERSISTENT_DIR={directory / 'persistent'}", "MIBS=")
        self._running.append(
            self.host.start(*environment, "snmpd", "-f", "-Lf", f"{directory}/snmpd.log", "-C", "-c", f"{directory}/snmpd.conf")
        )
        wait_until(self._answers, f"an answer of snmpd in {self.host.namespace}")
        if lldp:
            self._lldpd(agentx)

    def _lldpd(self, agentx: Path) -> None:
        directory = self.host.directory
        socket = directory / "lldpd.sock"
        self.host.start("lldpd", "-d", "-x", "-X", str(agentx), "-u", str(socket))

    def stop(self) -> None:
        """Kill snmpd."""
        self.host.stop(*self._running)
        self._running.clear()

    def _answers(self) -> bool:
        return bool(self.get(_WRITABLE["name"]))

    def get(self, *oids: str) -> str:
        """The values of objects, one a line, asked with net-snmp's own snmpget, in the namespace."""
        ask = ("snmpget", "-v2c", "-c", COMMUNITY, "-t", "0.1", "-r", "0", "-m", "", "-OqvU")
        return self.host.run(*ask, "127.0.0.1", *oids, check=False)
