"""A simulated OpenWrt access point: ``uci`` and files as programs over SSH, ubus as JSON-RPC over HTTP.

Sources: the wiki's pages on ubus (``/docs/techref/ubus``, ``/docs/guide-developer/ubus/uci`` and ``…/session``); rpcd's
own ``uci.c`` for what ``apply``, ``confirm`` and ``rollback`` answer and when; the names that libuci makes up for
anonymous sections, which agree with those of public bug reports (``cfg01e48a``, ``cfg027c4e``); the captures of
smart-srun for ``uci show wireless``.

What a program says on its standard error comes on its standard output: the laboratory has one stream.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from netres.testing.sim import Simulated, Simulator
from netres.testing.sim.http import Json
from netres.testing.sim.shell import Finished, Program, Shell, ShellProgram
from netres.testing.sim.shell_cli import ShellSession
from netres.testing.sim.ubus import Arguments, Bus
from netres.testing.sim.ubus_uci import UciObject
from netres.testing.sim.uci_programs import programs, reads
from netres.testing.sim.uci_store import UciStore
from netres_drivers.openwrt.sim_factory import factory

_RELEASE: Final[Mapping[str, Json]] = {
    "distribution": "OpenWrt",
    "version": "23.05.5",
    "revision": "r24106-10cc5fcd00",
    "target": "mediatek/filogic",
    "description": "OpenWrt 23.05.5 r24106-10cc5fcd00",
}
_SERVICES: Final = {
    "network": ("network", "wireless"),
    "system": ("system",),
    "sysntpd": ("system",),
    "dnsmasq": ("dhcp",),
    "odhcpd": ("dhcp",),
}
_BANNER: Final = """

BusyBox v1.36.1 (2024-09-23 12:34:46 UTC) built-in shell (ash)

  OpenWrt {version}, {revision}
"""
_SECRETS: Final = (
    re.compile(r"(?m)\b(?:key|password|auth_secret|sae_password|private_key)\s*[= ]\s*'?([^'\s\"]+)"),
    re.compile(r"\"(?:key|password|auth_secret|sae_password|private_key)\": ?\"([^\"]+)\""),
    re.compile(r"\b([0-9a-f]{32})\b"),
)


def make(name: str) -> Simulated:
    """A device as it came from the factory, with this host name."""
    store = UciStore(factory(name))
    device = Simulated(name, "openwrt", store, username="root", files=store.files, secrets=_SECRETS)
    bus = Bus(device, {"uci": UciObject(device, store).methods, "system": _System(device, store).methods})
    made: dict[str, Program] = {**programs(device, store, _SERVICES), "ubus": bus.program}
    made["wifi"] = partial(_wifi, store)
    shell = Shell("ash", made, store.files, reads)
    banner = _BANNER.format_map(_RELEASE)
    device.cli = lambda: ShellSession(device, shell, f"root@{_hostname(store)}:~# ", banner)
    device.program = lambda line: ShellProgram(device, shell, line, _refused)
    device.http = bus.http
    device.http_refusal = bus.http_refusal
    return device


def _refused(line: str) -> Finished:
    return Finished(1, "", "uci: Invalid argument\n" if line.lstrip().startswith("uci") else "ash: Permission denied\n")


def _wifi(store: UciStore, arguments: Sequence[str], fed: str) -> Finished:
    if list(arguments) not in ([], ["up"], ["reload"]):
        return Finished(1, "", "usage: wifi [config|up|down|reconf|reload|status|isup]\n")
    store.reload(["wireless"])
    return Finished()


def _hostname(store: UciStore) -> str:
    section = store.ran("system").section("@system[0]")
    name = section.options.get("hostname", "") if section else ""
    return name if isinstance(name, str) and name else "OpenWrt"


class _System:
    """The ubus object ``system``."""

    def __init__(self, device: Simulated, store: UciStore) -> None:
        self._device = device
        self._store = store
        self._started = device.clock.now
        self._epoch = device.epoch
        self.methods = {"board": self._board, "info": self._info}

    def _board(self, arguments: Arguments) -> Mapping[str, Json]:
        return {
            "kernel": "5.15.167",
            "hostname": _hostname(self._store),
            "system": "ARMv8 Processor rev 4",
            "model": "Simulated AX3000 router",
            "board_name": "simulated,ax3000",
            "rootfs_type": "squashfs",
            "release": _RELEASE,
        }

    def _info(self, arguments: Arguments) -> Mapping[str, Json]:
        if self._epoch != self._device.epoch:
            self._epoch, self._started = self._device.epoch, self._device.clock.now
        memory: Json = {"total": 512 << 20, "free": 384 << 20, "shared": 0, "buffered": 0, "available": 400 << 20}
        uptime = int(self._device.clock.now - self._started)
        return {"localtime": int(self._device.clock.wall), "uptime": uptime, "load": [0, 0, 0], "memory": memory}


SIMULATOR = Simulator("openwrt", "OpenWrt access point", make)
