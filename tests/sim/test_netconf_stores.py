"""NETCONF on a device that writes what runs at once, and has a startup configuration: every datastore and its lock."""

from __future__ import annotations

import re

import pytest

from netres.testing.sim.candidate import Candidates
from netres.testing.sim.clock import Clock
from netres.testing.sim.device import Simulated
from netres.testing.sim.netconf import NetconfSession
from netres.testing.sim.netconf_data import CAPABILITIES, STARTUP, WRITABLE, NetconfServer
from netres.testing.sim.schema import Statement
from netres.testing.sim.settext import Style
from netres.testing.sim.wire import Send

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
SPACE = "urn:ietf:params:xml:ns:yang:ietf-interfaces"
SCHEMA = Statement.parse(
    """
interfaces presence
    interface *word
        description =text
        enabled =true|false
        mtu =68..65535
        address +cidr
"""
)


class Talk:
    """A session, framed by the old mark."""

    def __init__(self, device: Simulated) -> None:
        self.session = device.subsystems["netconf"]()
        self.hello = self._said(b"")
        self._said(
            f'<hello xmlns="{BASE}"><capabilities><capability>{"urn:ietf:params:netconf:base:1.0"}</capability>'
            f"</capabilities></hello>]]>]]>".encode()
        )

    def _said(self, data: bytes) -> str:
        acts = self.session.feed(data) if data else self.session.start()
        return b"".join(act.data for act in acts if isinstance(act, Send)).decode().removesuffix("]]>]]>")

    def __call__(self, operation: str) -> str:
        """What is in the reply."""
        reply = self._said(f'<rpc xmlns="{BASE}" message-id="1">{operation}</rpc>]]>]]>'.encode())
        return re.sub(r"\A.*?<rpc-reply[^>]*>|</rpc-reply>\Z", "", reply, flags=re.DOTALL)

    def tag(self, operation: str) -> str:
        """The reply's error-tag."""
        found = re.search(r"<error-tag>(.*?)</error-tag>", self(operation))
        return found[1] if found else ""


@pytest.fixture
def device() -> Simulated:
    clock = Clock()
    style = Style(re.compile(r"\S+"))
    store = Candidates(SCHEMA, style, clock, "set interfaces interface eth0 mtu 1500", saves=False)
    made = Simulated("n1", "netconf", store, clock)
    server = NetconfServer(store, SPACE, capabilities=(*CAPABILITIES, WRITABLE, STARTUP))
    made.subsystems = {"netconf": lambda: NetconfSession(made, server)}
    return made


def edit(target: str, inside: str, more: str = "") -> str:
    return (
        f"<edit-config><target><{target}/></target>{more}<config>"
        f'<interfaces xmlns="{SPACE}" xmlns:nc="{BASE}">{inside}</interfaces></config></edit-config>'
    )


def read(source: str) -> str:
    return f"<get-config><source><{source}/></source></get-config>"


ETH1 = "<interface><name>eth1</name><mtu>1400</mtu></interface>"
ETH0_MTU = "<interface><name>eth0</name><mtu/></interface>"
LOCK = "<lock><target><{}/></target></lock>"


def test_running_is_written_at_once_and_saved_by_a_copy(device: Simulated) -> None:
    talk = Talk(device)
    assert WRITABLE in talk.hello
    assert talk(edit("running", ETH1)) == "<ok/>"
    assert "set interfaces interface eth1 mtu 1400\n" in device.native()
    assert "eth1" not in talk(read("startup"))
    device.reboot()
    assert "eth1" not in device.native()
    talk = Talk(device)
    talk(edit("running", ETH1))
    assert talk("<copy-config><target><startup/></target><source><running/></source></copy-config>") == "<ok/>"
    device.reboot()
    assert "eth1" in device.native()


def test_the_startup_configuration_is_deleted(device: Simulated) -> None:
    talk = Talk(device)
    assert talk("<delete-config><target><startup/></target></delete-config>") == "<ok/>"
    assert talk(read("startup")) == "<data/>"
    assert talk.tag("<delete-config><target><running/></target></delete-config>") == "operation-not-supported"
    device.reboot()
    assert device.native() == ""


@pytest.mark.parametrize("name", ["running", "startup", "candidate"])
def test_each_datastore_has_a_lock(device: Simulated, name: str) -> None:
    one, other = Talk(device), Talk(device)
    assert one(LOCK.format(name)) == "<ok/>"
    assert "<session-id>4001</session-id>" in other(LOCK.format(name))
    copy = f"<copy-config><target><{name}/></target><source><running/></source></copy-config>"
    assert other.tag(copy) == "in-use"
    assert one(copy) == "<ok/>"
    assert other.tag(LOCK.replace("lock>", "unlock>").format(name)) == "operation-failed"
    assert isinstance(device.store, Candidates)
    assert len(device.store.left_open()) == 1
    one.session.close()
    assert device.store.left_open() == ()
    assert other(LOCK.format(name)) == "<ok/>"


def test_a_lock_of_running_keeps_commits_out(device: Simulated) -> None:
    one, other = Talk(device), Talk(device)
    one(LOCK.format("running"))
    other(edit("candidate", ETH1))
    assert other.tag("<commit/>") == "in-use"
    one(LOCK.replace("lock>", "unlock>").format("running"))
    assert other("<commit/>") == "<ok/>"


def test_a_candidate_with_changes_cannot_be_locked(device: Simulated) -> None:
    one, other = Talk(device), Talk(device)
    one(edit("candidate", ETH1))
    assert other.tag(LOCK.format("candidate")) == "lock-denied"
    one("<discard-changes/>")
    assert other(LOCK.format("candidate")) == "<ok/>"


def test_default_operations(device: Simulated) -> None:
    talk = Talk(device)
    none = "<default-operation>none</default-operation>"
    assert talk.tag(edit("running", ETH1, none)) == "data-missing"
    create = ETH1.replace("<interface>", '<interface nc:operation="create">')
    assert talk(edit("running", create, none)) == "<ok/>"
    assert talk.tag(edit("running", create, none)) == "data-exists"
    assert talk(edit("running", ETH1, "<default-operation>replace</default-operation>")) == "<ok/>"
    assert device.native() == "set interfaces interface eth1 mtu 1400\n"
    assert talk.tag(edit("running", ETH1, "<default-operation>paint</default-operation>")) == "invalid-value"


def test_values_of_a_leaf_list(device: Simulated) -> None:
    talk = Talk(device)
    two = "<address>192.0.2.1/30</address><address>192.0.2.5/30</address>"
    talk(edit("running", f"<interface><name>eth0</name>{two}</interface>"))
    gone = '<address nc:operation="delete">192.0.2.1/30</address>'
    assert talk(edit("running", f"<interface><name>eth0</name>{gone}</interface>")) == "<ok/>"
    assert talk.tag(edit("running", f"<interface><name>eth0</name>{gone}</interface>")) == "data-missing"
    assert "<address>192.0.2.5/30</address>" in talk(read("running"))
    mtu = '<mtu nc:operation="delete"/>'
    assert talk(edit("running", f"<interface><name>eth0</name>{mtu}</interface>")) == "<ok/>"
    assert "mtu" not in device.native()


def test_a_configuration_that_stands_in_the_request(device: Simulated) -> None:
    talk = Talk(device)
    config = f'<config><interfaces xmlns="{SPACE}">{ETH1}</interfaces></config>'
    assert talk(f"<validate><source>{config}</source></validate>") == "<ok/>"
    wrong = config.replace("1400", "14")
    assert talk.tag(f"<validate><source>{wrong}</source></validate>") == "invalid-value"
    talk(f"<copy-config><target><candidate/></target><source>{config}</source></copy-config>")
    assert talk("<commit/>") == "<ok/>"
    assert device.native() == "set interfaces interface eth1 mtu 1400\n"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", []),
        ("<interfaces/>", ["eth0", "eth1", "1500", "1400", "lan"]),
        ("<interfaces><interface><name/></interface></interfaces>", ["eth0", "eth1"]),
        ("<interfaces><interface><name>eth1</name><mtu/></interface></interfaces>", ["eth1", "1400"]),
        ("<interfaces><interface><mtu>1500</mtu></interface></interfaces>", ["eth0", "1500", "lan"]),
        ("<interfaces><interface><name>eth9</name></interface></interfaces>", []),
        (
            f"<interfaces>{ETH0_MTU}{ETH0_MTU.replace('eth0', 'eth1')}</interfaces>",
            ["eth0", "eth1", "1500", "1400"],
        ),
        ("<routing/>", []),
    ],
)
def test_a_subtree_filter(device: Simulated, wanted: str, found: list[str]) -> None:
    device.store.load("set interfaces interface eth0 description lan\nset interfaces interface eth1 mtu 1400")
    answer = Talk(device)(f"<get><filter type='subtree'>{wanted}</filter></get>")
    assert [text for text in ("eth0", "eth1", "1500", "1400", "lan") if text in answer] == [
        text for text in ("eth0", "eth1", "1500", "1400", "lan") if text in found
    ]
