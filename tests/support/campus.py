"""A campus of five devices of five kinds, all real, on this machine; and what they have, got without netres."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from campus_run import Side

from netres.testing.entries import inventory_yaml
from netres_drivers.bird import lab as bird
from netres_drivers.frr import lab as frr
from netres_drivers.hostapd import lab as hostapd
from netres_drivers.kamailio import lab as kamailio
from netres_drivers.openwisp import lab as openwisp

_SECRETS: Final = ("bgp-1", "bgp-2", "psk-1", "psk-2", "radius-1", "radius-2", "journal-key")
_NEW_NEIGHBOUR: Final[dict[Side, str]] = {"one": "192.0.2.6/32", "other": "192.0.2.14/32"}
_REFUSING: Final = """\
CREATE TRIGGER refusing BEFORE UPDATE ON config_devicegroup BEGIN SELECT RAISE(ABORT, 'refused by the test'); END
"""
_DESIRED: Final = {
    "r1.one": """\
items:
  - {kind: interface, name: eth0, description: to the core, addresses: [192.0.2.1/30]}
  - {kind: static_route, prefix: 203.0.113.0/24, blackhole: true}
  - {kind: prefix_list, name: OWN, entries: [{seq: 5, prefix: 198.51.100.0/22, le: 24}]}
  - {kind: bgp_router, asn: 65001, router_id: 192.0.2.1}
  - {kind: bgp_neighbor, address: 192.0.2.2, remote_as: 65002, password: "file:FOLDER/bgp-1"}
  - {kind: bgp_neighbor, address: 192.0.2.6, remote_as: 65006, password: "file:FOLDER/bgp-2"}
""",
    "r1.other": """\
items:
  - {kind: interface, name: eth0, description: to the other core, addresses: [192.0.2.5/30]}
  - {kind: static_route, prefix: 0.0.0.0/0, next_hop: 192.0.2.6}
  - {kind: prefix_list, name: OWN, entries: [{seq: 5, prefix: 198.51.100.0/22, le: 24}, {seq: 10, prefix: 10.0.0.0/8}]}
  - {kind: route_map, name: OUT, entries: [{seq: 10, match_prefix_list: OWN, set_metric: 50}]}
  - {kind: bgp_router, asn: 65001, router_id: 192.0.2.1}
  - kind: bgp_neighbor
    address: 192.0.2.2
    remote_as: 65002
    description: core
    password: "file:FOLDER/bgp-2"
    policy_out: OUT
  - {kind: bgp_neighbor, address: 192.0.2.14, remote_as: 65014}
  - {kind: bgp_network, prefix: 198.51.100.0/24}
""",
    "b1.one": """\
items:
  - {kind: static_route, prefix: 203.0.113.0/24, blackhole: true}
  - {kind: bgp_router, asn: 65001, router_id: 192.0.2.1}
  - {kind: bgp_neighbor, address: 192.0.2.2, remote_as: 65002, password: "file:FOLDER/bgp-1"}
  - {kind: bgp_network, prefix: 203.0.113.0/24}
""",
    "b1.other": """\
items:
  - {kind: static_route, prefix: 203.0.113.0/24, next_hop: 192.0.2.9}
  - {kind: static_route, prefix: "2001:db8:7::/48", blackhole: true}
  - {kind: bgp_router, asn: 65010, router_id: 192.0.2.1}
  - {kind: bgp_neighbor, address: 192.0.2.3, remote_as: 65003, password: "file:FOLDER/bgp-2", hold_time: 9}
""",
    "sbc.one": """\
items:
  - {kind: media_policy, name: relayed}
  - kind: sip_trunk
    name: itsp
    peers: [{host: 127.0.0.1, port: 5971}, {host: 127.0.0.1, port: 5972, priority: 10}]
    codecs: [PCMA, G729]
    max_sessions: 3
    media_policy: relayed
  - {kind: call_route, name: national, called: "+49*", strip: 3, prepend: "0", trunks: [itsp]}
  - {kind: allowed_peer, prefix: 127.0.0.2/32, name: pbx}
""",
    "sbc.other": """\
items:
  - kind: sip_trunk
    name: itsp
    peers: [{host: 127.0.0.1, port: 5972}]
    max_sessions: 30
  - {kind: sip_trunk, name: spare, peers: [{host: 127.0.0.1, port: 5973, transport: tcp}]}
  - {kind: call_route, name: national, called: "+49*", trunks: [spare, itsp]}
  - {kind: call_route, name: rest, priority: 900, trunks: [itsp]}
  - {kind: allowed_peer, prefix: 127.0.0.3/32, name: pbx}
""",
    "ap1.one": """\
items:
  - {kind: radio, name: wlan0, band: 2.4ghz, channel: 6, width: 20}
  - {kind: radio, name: wlan1, band: 5ghz, channel: 36}
  - {kind: wlan, name: corp, ssid: Corp, security: {mode: psk, passphrase: "file:FOLDER/psk-1"}}
  - {kind: wlan, name: guest, ssid: Gäste, bands: [2.4ghz], client_isolation: true, max_clients: 50}
""",
    "ap1.other": """\
items:
  - {kind: radio, name: wlan0, band: 2.4ghz, channel: 11, width: 20}
  - {kind: radio, name: wlan1, band: 5ghz, channel: 40}
  - {kind: radius_server, name: ise1, host: 192.0.2.10, secret: "file:FOLDER/radius-1"}
  - {kind: wlan, name: corp, ssid: Corporation, security: {mode: psk-sae, passphrase: "file:FOLDER/psk-2"}}
  - {kind: wlan, name: staff, ssid: Staff, security: {mode: enterprise, radius: [ise1]}, bands: [5ghz]}
""",
    "controller.one": """\
items:
  - {kind: wlan, name: corp, ssid: Corp, security: {mode: psk, passphrase: "file:FOLDER/psk-1"}}
  - {kind: ap_group, name: offices, access_points: [ap-01], wlans: [corp]}
""",
    "controller.other": """\
items:
  - {kind: radius_server, name: ise1, host: 192.0.2.10, secret: "file:FOLDER/radius-1"}
  - {kind: wlan, name: corp, ssid: Corporation, security: {mode: psk, passphrase: "file:FOLDER/psk-2"}}
  - {kind: wlan, name: staff, ssid: Staff, security: {mode: enterprise, radius: [ise1]}}
  - {kind: ap_group, name: offices, access_points: [ap-01, ap-02], wlans: [corp, staff]}
""",
}


def available() -> str | None:
    """Why there can be no such campus here, in one line; ``None`` where there can."""
    reasons = (lab.available() for lab in (frr, kamailio, hostapd, bird, openwisp))
    return next((reason for reason in reasons if reason), None)


class Campus:
    """The five devices, and a folder with what `campus_run` needs of them. A context manager."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.frr = frr.FrrLab()
        self.sbc = kamailio.KamailioLab()
        self.ap = hostapd.HostapdLab()
        self.bird = bird.BirdLab()
        self.controller = openwisp.OpenWispLab()

    def __enter__(self) -> Self:
        labs: tuple[AbstractContextManager[object], ...] = (self.controller, self.frr, self.sbc, self.ap, self.bird)
        with ExitStack() as stack:
            with ThreadPoolExecutor() as pool:
                for started in [pool.submit(stack.enter_context, lab) for lab in labs]:
                    started.result()
            self.router = self.frr.routers["r1"]
            self._write()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _write(self) -> None:
        for name in _SECRETS:
            (self.folder / name).write_text(f"made-up-{name}-for-a-test\n")
        for name, text in _DESIRED.items():
            (self.folder / f"{name}.yaml").write_text(text.replace("FOLDER", str(self.folder)))
        entries = [lab.entry() for lab in (self.router, self.sbc, self.ap, self.bird, self.controller)]
        (self.folder / "inventory.yaml").write_text(inventory_yaml(entries))

    def native(self) -> dict[str, str]:
        """By device: what it has stored, to the byte, and what it runs on; none of it got through netres."""
        looks: dict[str, Callable[[], str]] = {
            "r1": self._router,
            "sbc": self._sbc,
            "ap1": self._ap,
            "b1": self._bird,
            "controller": self.controller.native,
        }
        with ThreadPoolExecutor() as pool:
            told = {name: pool.submit(look) for name, look in looks.items()}
            return {name: future.result() for name, future in told.items()}

    def _router(self) -> str:
        saved = Path("/etc/frr", self.router.host.namespace, "frr.conf").read_text()
        return f"{self.router.running_config()}\f\n{saved}"

    def _sbc(self) -> str:
        asked = ("dispatcher.list", "permissions.addressDump", "htable.dump netres", "dialplan.dump 1")
        told = [line for one in asked for line in self.sbc.rpc(*one.split()).splitlines()]
        return self.sbc.native() + "\n".join(sorted(line for line in told if "FLAGS" not in line))

    def _ap(self) -> str:
        told = [line for radio in hostapd.RADIOS for line in self.ap.cli(radio, "status").splitlines()]
        told = [line for line in told if not line.startswith(("num_", "olbc"))]
        for line in list(told):
            if line.startswith("bss["):
                told += self.ap.cli(line.partition("=")[2], "get_config").splitlines()
        return self.ap.native() + "\n".join(told)

    def _bird(self) -> str:
        return f"{self.bird.stored()}\f\n{self.bird.native()}\f\n{self.bird.runs()}"

    def left_behind(self) -> list[str]:
        """What no finished change leaves: its files on the devices, and a timer."""
        folders = (self.sbc.directory, self.ap.config("wlan0").parent, self.bird.directory)
        left = [path.name for folder in folders for path in folder.glob("*netres-*")]
        timer = self.bird.birdc("configure", "confirm").strip()
        return left if timer == "Nothing to do" else [*left, f"b1: {timer}"]

    @contextmanager
    def refusing(self, name: str, side: Side) -> Generator[None]:
        """A device that refuses what leads it to a side, for a reason that nobody sees who only reads."""
        folders = {"sbc": self.sbc.directory, "ap1": self.ap.config("wlan0").parent, "b1": self.bird.directory}
        if name in folders:
            folders[name].chmod(0o555)
        elif name == "r1":  # which has a new neighbour's address itself
            self.router.host.ip("addr", "add", _NEW_NEIGHBOUR[side], "dev", "lo")
        else:
            self.controller.query(_REFUSING)
        try:
            yield
        finally:
            if name in folders:
                folders[name].chmod(0o755)
            elif name == "r1":
                self.router.host.ip("addr", "del", _NEW_NEIGHBOUR[side], "dev", "lo")
            else:
                self.controller.query("DROP TRIGGER refusing")
