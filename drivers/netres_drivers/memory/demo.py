"""Devices of every family that live in this process: stand-ins where no real software can be started."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

from netres.flow import Json
from netres.inventory.entry import Entry
from netres.testing.demo import Part
from netres_drivers.memory.device import at

families = ("router", "access-point", "wireless-controller", "sbc")
real = False
_DESIRED: Final = {
    "router": """\
items:
  - {kind: vlan, id: 20, name: voice}
  - {kind: interface, name: eth0, description: to the core, addresses: [192.0.2.1/30]}
  - {kind: static_route, prefix: 198.51.100.0/24, next_hop: 192.0.2.2}
""",
    "access-point": """\
items:
  - {kind: radio, name: wlan0, band: 2.4ghz, channel: 6, country: DE}
  - {kind: wlan, name: corp, ssid: Corp, security: {mode: psk, passphrase: "file:passphrase"}, vlan: 20}
""",
    "wireless-controller": """\
items:
  - {kind: radius_server, name: ise1, host: 192.0.2.10, secret: "file:radius-secret"}
  - {kind: wlan, name: staff, ssid: Staff, security: {mode: enterprise, radius: [ise1]}, fast_transition: true}
  - {kind: wlan, name: guest, ssid: Guests, client_isolation: true, max_clients: 50}
  - {kind: ap_group, name: offices, access_points: [ap-01, ap-02], wlans: [guest, staff]}
""",
    "sbc": """\
items:
  - {kind: allowed_peer, prefix: 192.0.2.64/32, name: pbx}
  - {kind: sip_trunk, name: itsp, peers: [{host: 192.0.2.20}, {host: 192.0.2.21, priority: 10}], max_sessions: 3}
  - {kind: call_route, name: national, called: "+49*", strip: 3, prepend: "0", trunks: [itsp]}
""",
}
_BY_HAND: Final[dict[str, tuple[str, str, str, Json]]] = {
    "router": ("vlan", "20", "name", "by-hand"),
    "access-point": ("radio", "wlan0", "channel", 11),
    "wireless-controller": ("wlan", "guest", "max_clients", 500),
    "sbc": ("sip_trunk", "itsp", "max_sessions", 300),
}


def available() -> str | None:
    """It runs everywhere."""
    return None


@contextmanager
def part(family: str, folder: Path) -> Generator[Part]:
    """A device in memory."""
    host = f"{family}.demo"
    device = at(host, {})
    device.running = {}
    (folder / "passphrase").write_text("made-up-for-the-demo\n")
    (folder / "radius-secret").write_text("made-up-too\n")

    def by_hand() -> str:
        kind, name, field, value = _BY_HAND[family]
        document = cast("dict[str, Json]", device.running[kind][name])
        device.running[kind] = {**device.running[kind], name: {**document, field: value}}
        return f"{field} of {kind} {name} is {value} now"

    entry = Entry(name=family, platform="memory", host=host)
    yield Part(entry, "a device in memory", _DESIRED[family], by_hand, device.native)
