"""The laws over a real OpenWISP controller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import pytest
from everywhere import Everywhere
from needed import need

from netres import registry
from netres.flow import Json, Transport, run
from netres.model import ApGroup, Config, Wlan
from netres.observation import fitted
from netres.testing.conformance import Subject
from netres.transport import open_transport
from netres_drivers.openwisp import netjson
from netres_drivers.openwisp.lab import ORGANIZATION, OpenWispLab, available


class OpenWispSubject(Subject):
    """A controller, looked at in its own database."""

    def __init__(self, lab: OpenWispLab) -> None:
        self.lab = lab
        self.driver = registry.get("openwisp")
        transport = self.open()
        self.driver = run(fitted(self.driver, {"organization": ORGANIZATION}), transport.execute)
        transport.close()

    def open(self) -> Transport:
        return open_transport(self.lab.entry(), self.driver)

    def native(self) -> str:
        return self.lab.native()

    def reset(self) -> None:
        self.lab.reset()

    def change(self) -> tuple[Config, Config]:
        """What creates, changes, moves and deletes, in few requests."""
        corp, guest = Wlan(name="corp", ssid="Corp"), Wlan(name="guest", ssid="Guests")
        offices = ApGroup(name="offices", access_points=("ap-01",), wlans=("corp",))
        moved = offices.model_copy(update={"wlans": ("corp", "guest")})
        return Config.of([corp, offices]), Config.of([corp.model_copy(update={"ssid": "Other"}), guest, moved])

    def _template(self, name: str, notes: str, values: Json, interfaces: Json) -> Json:
        config: Json = {"dns_servers": ["192.0.2.53"], "interfaces": interfaces}
        made = self.lab.call(
            "POST",
            "controller/template/",
            {
                "organization": self.lab.organization(),
                "name": name,
                "notes": notes,
                "type": "generic",
                "backend": "netjsonconfig.OpenWrt",
                "config": config,
                "default_values": values,
            },
        )
        return cast("Mapping[str, Json]", made)["id"]

    def _group(self, name: str, fields: Mapping[str, Json]) -> None:
        self.lab.call("POST", "controller/group/", {"organization": self.lab.organization(), "name": name, **fields})

    def scribble(self) -> Sequence[str]:
        """A template and a group of somebody else, and changes by hand in a template and a group of netres."""
        interface = netjson.prefix("corp") + "5g"
        ours: Json = {
            "name": interface,
            "type": "wireless",
            "mtu": 1400,
            "wireless": {
                "mode": "access_point",
                "radio": "{{ radio_5g }}",
                "ssid": "Old",
                "encryption": {"protocol": "none", "wpa_group_rekey": 300},
                "network": ["lan"],
                "wmm": True,
            },
        }
        theirs: Json = {"name": "eth0", "type": "ethernet", "mtu": 1400}
        values: dict[str, Json] = {"netres": "wlan", "netres_bands": "some", "radio_5g": "radio0", "floor": "3"}
        lab = self._template("lab", "no WLAN of netres", {}, [theirs])
        corp = self._template("corp", "ask Ann first", values, [ours, theirs])
        self._group("warehouse", {"description": "by hand", "templates": [lab, corp]})
        self._group("offices", {"meta_data": {"netres": "ap_group"}, "context": {"floor": 4}, "templates": [lab]})
        return (
            'template lab notes "no WLAN of netres"',
            'template lab config/dns_servers/0 "192.0.2.53"',
            "template lab config/interfaces/eth0/mtu 1400",
            'template corp notes "ask Ann first"',
            'template corp default_values/floor "3"',
            'template corp default_values/radio_5g "radio0"',
            f"template corp config/interfaces/{interface}/mtu 1400",
            f"template corp config/interfaces/{interface}/wireless/wmm true",
            f"template corp config/interfaces/{interface}/wireless/encryption/wpa_group_rekey 300",
            "template corp config/interfaces/eth0/mtu 1400",
            'group warehouse description "by hand"',
            "group offices context/floor 4",
            "group template warehouse lab",
            "group template offices lab",
        )


@pytest.fixture(scope="module")
def lab() -> Iterator[OpenWispLab]:
    need(available())
    with OpenWispLab() as running:
        yield running


class TestOpenWisp(Everywhere):
    @pytest.fixture
    def subject(self, lab: OpenWispLab) -> OpenWispSubject:
        return OpenWispSubject(lab)
