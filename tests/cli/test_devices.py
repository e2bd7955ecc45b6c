from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netres.driver import Capability
from netres.errors import Rejected
from netres.flow import Operation, Reply
from netres.model import KINDS, STATES, Config
from netres.plan import ApplyResult, Plan
from netres_drivers.memory.device import MemorySession

if TYPE_CHECKING:
    from tests.cli.conftest import Netres

PLANNED = """\
+ vlan[20] name=voice
will be sent:
    PUT /vlan/20 {"id": 20, "kind": "vlan", "name": "voice"}
impact: none
our own session runs over it: no: the device is in this process
guarantee: atomic: the candidate becomes the configuration in one step, or not at all; \
what is not confirmed is taken back by the device's own timer (in steps of 1 s, 1 to 86400 s)
checked: the platform has no checker
digest: """


def desired(*items: str) -> str:
    Path("desired.yaml").write_text("items:\n" + "".join(f"  - {item}\n" for item in items))
    return "desired.yaml"


def test_facts(netres: Netres) -> None:
    assert netres("facts", "r1").out == "vendor: netres\nmodel: memory\n"
    assert netres("facts", "r1", "--json").json == {
        "vendor": "netres",
        "model": "memory",
        "serial": None,
        "os_version": None,
        "hostname": None,
        "uptime": None,
    }


def test_capabilities(netres: Netres) -> None:
    found = netres("capabilities", "r1", "--json").json
    assert [one["kind"] for one in found] == [*sorted(KINDS), *sorted(STATES)]
    vlan = next(one for one in found if one["kind"] == "vlan")
    assert set(vlan) == set(Capability.model_fields)
    assert (vlan["support"], vlan["limits"], vlan["source"]) == ("read-write", {"max": 4094}, "proven")
    row = next(line for line in netres("capabilities", "r1").out.splitlines() if line.startswith("vlan"))
    assert row.split() == ["vlan", "read-write", "proven", "max", "4094"]


def test_plan_shows_what_will_be_done_and_exits_2(netres: Netres) -> None:
    ran = netres("plan", "r1", "desired.yaml")
    assert (ran.code, ran.err) == (2, "")
    assert ran.out.startswith(PLANNED)
    assert not netres("observe", "r1").out


def test_plan_as_json_is_the_sealed_plan(netres: Netres) -> None:
    ran = netres("plan", "r1", "desired.yaml", "--json", "-o", "plan.json")
    assert ran.code == 2
    assert set(ran.json) == set(Plan.model_fields)
    plan = Plan.parse(ran.out)
    plan.verify()
    assert plan.model_dump(mode="json") == ran.json == json.loads(Path("plan.json").read_text())
    assert plan.payload == ('PUT /vlan/20 {"id": 20, "kind": "vlan", "name": "voice"}',)


def test_apply_then_nothing_is_left_to_do(netres: Netres) -> None:
    ran = netres("apply", "r1", "desired.yaml", "--yes")
    assert (ran.code, ran.out, ran.err) == (0, "+ vlan[20] name=voice\noutcome: applied\nsaved: yes\n", "")
    ran = netres("plan", "r1", "desired.yaml")
    assert (ran.code, ran.out) == (0, "nothing to do: r1 has what is desired\n")
    ran = netres("apply", "r1", "desired.yaml", "--yes")
    assert (ran.code, ran.out) == (0, "nothing to do\n")


def test_apply_as_json_is_the_result(netres: Netres) -> None:
    ran = netres("apply", "r1", "desired.yaml", "--yes", "--json", "-o", "result.json")
    assert ran.code == 0
    result = ApplyResult.parse(ran.out)
    assert set(ran.json) == set(ApplyResult.model_fields)
    assert result.model_dump(mode="json") == ran.json == json.loads(Path("result.json").read_text())
    assert (ran.json["outcome"], ran.json["saved"]) == ("applied", True)
    assert "voice" in Path("r1.json").read_text()


def test_no_save_leaves_the_devices_next_start_alone(netres: Netres) -> None:
    ran = netres("apply", "r1", "desired.yaml", "--yes", "--no-save", "--json")
    assert (ran.code, ran.json["saved"]) == (0, None)
    assert not Path("r1.json").exists()


def test_observe_gives_what_can_be_desired(netres: Netres) -> None:
    desired("{kind: interface, name: eth10, enabled: false}", "{kind: interface, name: eth9, description: to core}")
    netres("apply", "r1", "desired.yaml", "--yes")
    ran = netres("observe", "r1")
    assert ran.out == "interface[eth9] description='to core'\ninterface[eth10] enabled=false\n"
    ran = netres("observe", "r1", "--json")
    assert {"kind": "interface", "name": "eth10", "enabled": False, "addresses": []} in ran.json["items"]
    Path("observed.json").write_text(ran.out)
    assert Config.load("observed.json") == Config.load("desired.yaml")
    assert netres("plan", "r1", "observed.json").code == 0


def test_observe_only_some_kinds(netres: Netres) -> None:
    desired("{kind: vlan, id: 20}", "{kind: system, hostname: r1}", "{kind: dns_server, address: 192.0.2.9}")
    netres("apply", "r1", "desired.yaml", "--yes")
    ran = netres("observe", "r1", "--kind", "vlan", "--kind", "system")
    assert ran.out == "system hostname=r1\nvlan[20]\n"


def test_a_change_is_shown_field_by_field(netres: Netres) -> None:
    desired("{kind: interface, name: eth0, description: a, addresses: [192.0.2.1/30]}", "{kind: vlan, id: 9}")
    netres("apply", "r1", "desired.yaml", "--yes")
    desired("{kind: interface, name: eth0, description: b, mtu: 9000, addresses: [192.0.2.5/30]}")
    ran = netres("plan", "r1", "desired.yaml", "--prune", "vlan")
    assert ran.out.startswith(
        "- vlan[9]\n"
        "~ interface[eth0]\n"
        "    description: 'a' → 'b'\n"
        "    mtu: not set → 9000\n"
        "    addresses:\n"
        "      - '192.0.2.1/30'\n"
        "      + '192.0.2.5/30'\n"
        "will be sent:\n"
        "    DELETE /vlan/9\n"
    )
    assert netres("apply", "r1", "desired.yaml", "--prune", "vlan", "--yes").code == 0
    assert not netres("observe", "r1", "--kind", "vlan").out


def test_rollback_leads_back_and_refresh_tells(netres: Netres) -> None:
    netres("apply", "r1", "desired.yaml", "--yes", "-o", "result.json")
    assert netres("refresh", "r1", "result.json").out.splitlines()[1] == "outcome: applied"
    ran = netres("rollback", "r1", "result.json", "-o", "back.json")
    assert ran.code == 0
    assert ran.out.startswith("- vlan[20] name=voice\noutcome: applied\n")
    assert "native configuration as before: to the byte\n" in ran.out
    assert json.loads(Path("back.json").read_text())["outcome"] == "applied"
    assert not netres("observe", "r1").out
    ran = netres("refresh", "r1", "result.json", "--json")
    assert (ran.code, ran.json["outcome"]) == (1, "not-applied")


def test_a_result_is_of_one_device(netres: Netres) -> None:
    netres("apply", "r1", "desired.yaml", "--yes", "-o", "result.json")
    for command in ("rollback", "refresh"):
        message = netres(command, "r2", "result.json").failed()
        assert message == "result.json: is the result of an apply to 'r1', not to 'r2'; name that device"


def test_a_change_that_the_device_refuses_exits_1_and_says_so(netres: Netres, monkeypatch: pytest.MonkeyPatch) -> None:
    execute = MemorySession.execute

    def refusing(self: MemorySession, operation: Operation) -> Reply:
        if str(operation).startswith("POST /candidate/commit"):
            raise Rejected(str(operation), "503 \x1b[2Jno room\x07")
        return execute(self, operation)

    monkeypatch.setattr(MemorySession, "execute", refusing)
    ran = netres("apply", "r1", "desired.yaml", "--yes", "-o", "result.json")
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.splitlines()[:2] == ["+ vlan[20] name=voice", "outcome: not-applied"]
    assert "error: Rejected: the device refused 'POST /candidate/commit" in ran.out
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out
    assert json.loads(Path("result.json").read_text())["outcome"] == "not-applied"
    ran = netres("apply", "r1", "desired.yaml", "--yes", "--json")
    assert (ran.code, ran.json["outcome"], ran.json["error_type"]) == (1, "not-applied", "Rejected")


def test_the_inventory_is_named_by_option_or_environment(netres: Netres, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("inventory.yaml").rename("lab.yaml")
    assert netres("facts", "r1").failed().startswith("inventory.yaml: cannot be read")
    assert netres("facts", "r1", "-i", "lab.yaml").code == 0
    monkeypatch.setenv("NETRES_INVENTORY", "lab.yaml")
    assert netres("facts", "r1").code == 0
    assert netres("facts", "r1", "--inventory", "other.yaml").failed().startswith("other.yaml: cannot be read")


def test_secrets_are_never_shown(netres: Netres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGP_PASSWORD", "geheim")
    neighbor = "kind: bgp_neighbor, address: 192.0.2.2, remote_as: 65002, password: 'env:BGP_PASSWORD'"
    desired("{kind: bgp_router, asn: 65001}", f"{{{neighbor}}}")
    runs = [
        netres("plan", "r1", "desired.yaml"),
        netres("plan", "r1", "desired.yaml", "--json", "-o", "plan.json"),
        netres("apply", "r1", "--plan", "plan.json", "--yes", "-o", "result.json"),
        netres("observe", "r1"),
        netres("observe", "r1", "--json"),
    ]
    assert [run.code for run in runs] == [2, 2, 0, 0, 0]
    assert "password=env:BGP_PASSWORD" in runs[0].out
    assert '"password": {"$secret": "********"}' in runs[0].out
    assert "password=********" in runs[3].out
    assert netres("plan", "r1", "desired.yaml").code == 0
    monkeypatch.setenv("BGP_PASSWORD", "other-one")
    runs.append(netres("plan", "r1", "desired.yaml"))
    assert "    password: ******** → env:BGP_PASSWORD\n" in runs[-1].out
    runs.append(netres("apply", "r1", "desired.yaml", "--yes", "--json", "-o", "second.json"))
    files = "".join(Path(name).read_text() for name in ("plan.json", "result.json", "second.json"))
    shown = files + "".join(run.out + run.err for run in runs)
    assert "geheim" not in shown
    assert "other-one" not in shown
