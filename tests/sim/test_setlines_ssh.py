"""Set lines over real SSH, met by netmiko: a client that knows nothing of netres."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from netmiko import BaseConnection, ConnectHandler
from netmiko.juniper.juniper import JuniperSSH
from netmiko.vyos.vyos_ssh import VyOSSSH

from netres.testing.sim import Lab
from netres.testing.sim.candidate import Candidates


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"v1": "vyos", "j1": "juniper_junos"}) as running:
        yield running


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever netmiko waits for silence, it waits two seconds: too long for a device of this machine."""
    patient = BaseConnection.read_channel_timing

    def read(self: BaseConnection, last_read: float = 2.0, read_timeout: float = 120.0) -> str:
        return patient(self, last_read=min(last_read, 0.02), read_timeout=read_timeout)

    monkeypatch.setattr(BaseConnection, "read_channel_timing", read)


def login(lab: Lab, name: str) -> BaseConnection:
    device = lab[name]
    return ConnectHandler(
        device_type=device.platform,
        host="127.0.0.1",
        port=lab.ports[name]["ssh"],
        username=device.username,
        password=device.password,
        fast_cli=True,
        global_delay_factor=0.1,
        conn_timeout=10,
    )


def test_vyos(lab: Lab) -> None:
    device = lab["v1"]
    with login(lab, "v1") as client:
        vyos = cast("VyOSSSH", client)
        assert vyos.base_prompt == "vyos@v1"
        assert "VyOS 1.4" in vyos.send_command("show version")
        answer = vyos.send_config_set(
            ["set interfaces ethernet eth1 address 192.0.2.1/30", "set interfaces ethernet eth1 description 'to lan'"]
        )
        assert "not valid" not in answer
        assert vyos.check_config_mode()
        assert "+ address 192.0.2.1/30" in vyos.send_command("compare", expect_string=r"#")
        assert "192.0.2.1" not in device.native()
        vyos.commit(comment="lan")
        assert "set interfaces ethernet eth1 address '192.0.2.1/30'\n" in device.native()
        assert "Done" in vyos.save_config()
        assert not vyos.check_config_mode()
        vyos.send_config_set(["set protocols bgp neighbor 192.0.2.2 remote-as 65002"])
        with pytest.raises(ValueError, match="Commit failed"):
            vyos.commit()
        vyos.exit_config_mode()  # discards
        assert "bgp" not in device.native()
        assert "lan" in vyos.send_command("show system commit")
        assert "'to lan'" in vyos.send_command("show configuration commands")
    assert isinstance(device.store, Candidates)
    assert device.store.left_open() == ()


def test_junos(lab: Lab) -> None:
    device = lab["j1"]
    with login(lab, "j1") as client:
        junos = cast("JuniperSSH", client)
        assert "Junos: 22.4R3" in junos.send_command("show version")
        before = device.native()
        junos.send_config_set(["set system host-name j2", "set vlans voice vlan-id 20"], exit_config_mode=False)
        compared = junos.send_command("show | compare")
        assert "-  host-name j1;" in compared
        assert "+  host-name j2;" in compared
        junos.commit(check=True)
        junos.commit(confirm=True, confirm_delay=5)
        assert "host-name j2" in device.native()
        junos.commit(comment="renamed")
        assert "renamed" in junos.send_command("run show system commit")
        junos.send_command("rollback 2", expect_string=r"#")
        junos.commit(and_quit=True)
        assert device.native() == before
        answer = junos.send_config_set(["set system colour red"])
        assert "syntax error" in answer
    assert isinstance(device.store, Candidates)
    assert device.store.left_open() == ()
