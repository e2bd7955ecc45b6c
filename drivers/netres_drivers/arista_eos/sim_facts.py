"""Arista EOS: what the simulated device is: a cEOS container with four ports and a management port.

Version, architecture and the form of serial number come from a recorded ``show version`` of cEOS 4.31.6M.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from netres.testing.sim.clock import Clock
from netres.testing.sim.http import Json

MODEL: Final = "cEOSLab"
VERSION: Final = "4.31.6M-39953990.4316M (engineering build)"
_BUILD: Final = "4.31.6M-39953990.4316M"
_BUILD_ID: Final = "27a18095-d8a6-4dcf-a74c-c9ad0f655faf"
_KERNEL: Final = "6.8.0-60-generic"
_TOTAL, _FREE = 2_028_860, 1_301_240  # kB
_ARISTA: Final = "001c73"  # of addresses that the IEEE gave Arista


@dataclass
class Facts:
    """One device's own."""

    name: str
    clock: Clock
    booted: float
    """On its clock."""

    @property
    def serial(self) -> str:
        """Made from its name."""
        return hashlib.sha256(f"serial {self.name}".encode()).hexdigest()[:32].upper()

    def mac(self, number: int = 0) -> str:
        """Of the system, or of its ports from 1: twelve digits."""
        first = int(hashlib.sha256(f"mac {self.name}".encode()).hexdigest()[:6], 16) & 0xFFFF00
        return f"{_ARISTA}{first + number:06x}"

    @property
    def uptime(self) -> float:
        """Seconds."""
        return self.clock.now - self.booted

    def version(self) -> Mapping[str, Json]:
        """``show version`` as JSON."""
        return {
            "mfgName": "Arista",
            "modelName": MODEL,
            "hardwareRevision": "",
            "serialNumber": self.serial,
            "systemMacAddress": colons(self.mac()),
            "hwMacAddress": colons(self.mac()),
            "configMacAddress": "00:00:00:00:00:00",
            "version": VERSION,
            "architecture": "x86_64",
            "internalVersion": _BUILD,
            "internalBuildId": _BUILD_ID,
            "imageFormatVersion": "1.0",
            "imageOptimization": "None",
            "kernelVersion": _KERNEL,
            "bootupTimestamp": self.clock.wall - self.uptime,
            "uptime": round(self.uptime, 2),
            "memTotal": _TOTAL,
            "memFree": _FREE,
            "isIntlVersion": False,
        }

    def version_text(self) -> str:
        """``show version`` as text."""
        mac = dots(self.mac())
        return (
            f"Arista {MODEL}\nHardware version:\nSerial number: {self.serial}\nHardware MAC address: {mac}\n"
            f"System MAC address: {mac}\n\nSoftware image version: {VERSION}\nArchitecture: x86_64\n"
            f"Internal build version: {_BUILD}\nInternal build ID: {_BUILD_ID}\nImage format version: 1.0\n"
            f"Image optimization: None\n\nKernel version: {_KERNEL}\n\nUptime: {_spoken(self.uptime)}\n"
            f"Total memory: {_TOTAL} kB\nFree memory: {_FREE} kB\n"
        )


def colons(mac: str) -> str:
    """``00:1c:73:00:00:01``."""
    return ":".join(mac[place : place + 2] for place in range(0, 12, 2))


def dots(mac: str) -> str:
    """``001c.7300.0001``."""
    return ".".join(mac[place : place + 4] for place in range(0, 12, 4))


def _spoken(seconds: float) -> str:
    """``2 days, 15 hours and 56 minutes``."""
    minutes = int(seconds) // 60
    counts = {"day": minutes // 1440, "hour": minutes // 60 % 24, "minute": minutes % 60}
    *most, last = [f"{n} {unit}{'s' if n != 1 else ''}" for unit, n in counts.items() if n or unit == "minute"]
    return f"{', '.join(most)} and {last}" if most else last
