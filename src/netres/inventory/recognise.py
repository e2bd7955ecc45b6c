"""Which platform an SNMP agent is of, from sysObjectID and sysDescr (RFC 3418): only where both say so."""

from __future__ import annotations

import re
from typing import Final

_KNOWN: Final = (
    (9, r"IOS[ -]?XE", "cisco_iosxe"),
    (2636, r"\bJUNOS\b", "juniper_junos"),
    (14823, r"\bArubaOS\b", "aruba_aos8"),
    (30065, r"Arista Networks EOS", "arista_eos"),
    (44641, r"\bVyOS\b", "vyos"),
    (5003, r"Mediant", "audiocodes_mediant"),
    (9148, r"Acme Packet|Session Border Controller", "oracle_sbc"),
    (8072, r"\bVyOS\b", "vyos"),
)
"""Private enterprise numbers (iana.org/assignments/enterprise-numbers), what sysDescr says, and the platform."""
_ENTERPRISES: Final = re.compile(r"\.?1\.3\.6\.1\.4\.1\.(\d+)(?:\.|$)")


def recognised(object_id: str, description: str) -> str | None:
    """The platform, whether or not it has a driver; ``None`` where the two do not tell."""
    enterprise = _ENTERPRISES.match(object_id)
    number = int(enterprise[1]) if enterprise else 0
    return next((name for one, said, name in _KNOWN if one == number and re.search(said, description)), None)
