"""What a NETCONF server answers where it refuses: RFC 6241, §4.3 and appendix A."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from netres.testing.sim.xmltext import Xml

BASE: Final = "urn:ietf:params:xml:ns:netconf:base:1.0"


@dataclass
class RpcError(Exception):
    """An ``<rpc-error>``."""

    tag: str
    """``error-tag``: ``lock-denied``, ``data-exists`` …"""
    message: str
    type: str = "application"
    """The layer: ``transport``, ``rpc``, ``protocol``, ``application``."""
    info: Mapping[str, str] = field(default_factory=dict[str, str])
    """What ``error-info`` holds: ``bad-element``, ``session-id`` …"""

    def __str__(self) -> str:
        return f"{self.tag}: {self.message}"

    @property
    def xml(self) -> Xml:
        """As it stands in a reply."""
        parts = [
            Xml("error-type", BASE, self.type),
            Xml("error-tag", BASE, self.tag),
            Xml("error-severity", BASE, "error"),
            Xml("error-message", BASE, self.message),
        ]
        if self.info:
            parts.append(Xml("error-info", BASE, "", [Xml(name, BASE, text) for name, text in self.info.items()]))
        return Xml("rpc-error", BASE, "", parts)
