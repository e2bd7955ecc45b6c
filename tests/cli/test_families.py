"""The commands over wireless and voice: state, capabilities side by side, capability sets, what is pending."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netres.change import Change
from netres.driver import Report
from netres.flow import Flow
from netres.inventory import Inventory
from netres.model import KINDS, STATES
from netres_drivers import memory
from netres_drivers.memory.device import at

if TYPE_CHECKING:
    from tests.cli.conftest import Netres

SET = {
    "ietf-sip-auto-peering:sip-auto-peering": {
        "variant": "v1-0",
        "transport-info": {"transport": ["udp"], "call-control": [{"host": "192.0.2.40", "port": 5065}]},
        "extension": ["100rel"],
    }
}


def test_state_is_told_record_by_record(netres: Netres) -> None:
    device = at(Inventory.load("inventory.yaml")["r2"].host, {})
    device.telling["access_point"] = [{"name": "ap-01", "mac": "00-11-22-33-44-55", "status": "up"}, {"name": "ap-02"}]
    ran = netres("state", "r2", "access_point")
    assert ran.out == "name=ap-01 mac=00:11:22:33:44:55 status=up\nname=ap-02\n"
    found = netres("state", "r2", "access_point", "--json").json
    assert [one["name"] for one in found] == ["ap-01", "ap-02"]
    assert netres("state", "r2", "wireless_client").out == ""
    message = netres("state", "r2", "acess_point").failed()
    assert message.startswith(
        "unknown kind of state 'acess_point'; did you mean 'access_point'?; known: access_point, "
    )


def test_capabilities_of_several_devices_stand_side_by_side(netres: Netres) -> None:
    header, *rows = netres("capabilities", "r1", "r2").out.splitlines()
    assert header.split() == ["kind", "r1", "r2"]
    assert [row.split()[0] for row in rows] == [*sorted(KINDS), *sorted(STATES)]
    assert "wlan read-write read-write" in [" ".join(row.split()) for row in rows]
    found = netres("capabilities", "r1", "r2", "--json").json
    assert found.keys() == {"r1", "r2"}
    assert found["r1"] == netres("capabilities", "r1", "--json").json


def test_a_capability_set_becomes_a_desired_configuration(netres: Netres) -> None:
    Path("set.json").write_text(json.dumps(SET))
    ran = netres("peering", "set.json", "--trunk", "itsp")
    assert ran.err == "left out: /extension\n"
    Path("trunk.json").write_text(ran.out)
    assert netres("apply", "r1", "trunk.json", "--yes").code == 0
    assert "sip_trunk[itsp] peers=[{host: 192.0.2.40, port: 5065}]" in netres("observe", "r1").out
    assert "the field" not in netres("peering", "set.json", "--trunk", "a b").failed()


def test_what_access_points_have_still_to_take_is_named_and_exits_2(
    netres: Netres, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [Report("ap-01", "pending")]

    def reports(changes: Sequence[Change]) -> Flow[list[Report]]:
        yield from ()
        return told

    monkeypatch.setattr(memory, "DRIVER", replace(memory.DRIVER, reports=reports))
    ran = netres("apply", "r1", "desired.yaml", "--yes", "-o", "result.json")
    assert (ran.code, ran.out.splitlines()[1:3]) == (2, ["outcome: pending", "pending: ap-01 has not reported yet"])
    assert netres("refresh", "r1", "result.json").code == 2
    told[:] = [Report("ap-01", "applied")]
    ran = netres("refresh", "r1", "result.json")
    assert (ran.code, "outcome: applied" in ran.out) == (0, True)
    told[:] = [Report("ap-01", "failed")]
    ran = netres("refresh", "r1", "result.json")
    assert (ran.code, "differs: access_point[ap-01]: wanted applied, found failed" in ran.out) == (1, True)
