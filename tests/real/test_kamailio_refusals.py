"""What a real Kamailio does not get, or does not take: it goes on with what it had, and netres says so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from calls import apply
from needed import need

from netres import registry
from netres.errors import InvalidConfig, NetresError, Rejected, Unsupported
from netres.flow import Exec, Operation, Reply, Transport
from netres.model import AllowedPeer, CallRoute, Config, Item, MediaPolicy, SipPeer, SipTrunk
from netres.plan import Outcome
from netres.resource import Device
from netres.testing.netns import wait_until
from netres.transport import open_transport
from netres_drivers.kamailio.lab import USER, KamailioLab, available

pytestmark = pytest.mark.real

OLD = SipTrunk(name="old", peers=(SipPeer(host="192.0.2.1"),), max_sessions=2)
NEW = SipTrunk(name="new", peers=(SipPeer(host="192.0.2.2"), SipPeer(host="192.0.2.3", priority=1)))
ROUTES = CallRoute(name="all", trunks=("old",))


def session(sbc: KamailioLab, around: Callable[[Transport], Transport] = lambda inner: inner) -> Device:
    driver = registry.get("kamailio")
    return Device("sbc", driver, around(open_transport(sbc.entry(), driver)), sbc.entry().options)


@pytest.fixture(scope="module")
def bare() -> Iterator[KamailioLab]:
    need(available())
    with KamailioLab((), "bare", as_installed=True) as running:
        yield running


@pytest.fixture
def device(sbc: KamailioLab, opened: Device) -> Device:
    """With a trunk and a route that must not go away."""
    sbc.reset()
    apply(opened, OLD, ROUTES)
    return opened


def running(sbc: KamailioLab) -> list[str]:
    """Dispatcher's destinations, in Kamailio's memory."""
    return [line.strip() for line in sbc.rpc("dispatcher.list").splitlines() if "URI: " in line]


@dataclass
class Tampered:
    """A transport on which what is fed, or answered, becomes something else."""

    inner: Transport
    change: Callable[[Exec], Exec | Reply]

    def execute(self, operation: Operation) -> Reply:
        changed = self.change(operation) if isinstance(operation, Exec) else operation
        return changed if isinstance(changed, Reply) else self.inner.execute(changed)

    def close(self) -> None:
        self.inner.close()


@pytest.mark.parametrize("damage", ["", "foo\n", "1000\n", "1000 sip:192.0.2.2", "\0\xff"])
def test_a_list_damaged_on_its_way_never_reaches_kamailio(sbc: KamailioLab, device: Device, damage: str) -> None:
    def damaging(operation: Exec) -> Exec:
        fed = operation.writes and "f=dispatcher.list" in operation.command
        return replace(operation, stdin=(damage,)) if fed else operation

    before, had = sbc.native(), running(sbc)
    with session(sbc, lambda inner: Tampered(inner, damaging)) as tampered:
        result = tampered.apply(tampered.plan(Config.of([NEW])))
    assert (result.outcome, result.exact) == (Outcome.NOT_APPLIED, True)
    assert "what arrived is not what was sent" in result.error
    assert (sbc.native(), running(sbc)) == (before, had)
    assert not list(sbc.directory.glob("*.netres-*"))


def test_a_list_that_another_wrote_since_it_was_read_is_not_overwritten(sbc: KamailioLab, device: Device) -> None:
    """Whoever comes second takes nothing back that the first was told is applied."""
    others: list[Outcome] = []

    def overtaken(operation: Exec) -> Exec:
        if operation.writes and "f=dispatcher.list" in operation.command and not others:
            others.append(apply(device, SipTrunk(name="other", peers=(SipPeer(host="192.0.2.9"),))).outcome)
        return operation

    with session(sbc, lambda inner: Tampered(inner, overtaken)) as slow:
        result = slow.apply(slow.plan(Config.of([NEW])))
    assert others == [Outcome.APPLIED]
    assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "Rejected")
    assert "dispatcher.list changed since it was read" in result.error
    assert "trunk=other" in sbc.native()
    assert "trunk=other" in sbc.rpc("dispatcher.list")


def test_a_list_that_is_a_symbolic_link_stays_one(sbc: KamailioLab, device: Device) -> None:
    path, real = sbc.directory / "dispatcher.list", sbc.directory / "elsewhere.list"
    path.rename(real)
    path.symlink_to(real)
    try:
        apply(device, NEW)
        assert path.is_symlink()
        assert "trunk=new" in real.read_text()
    finally:
        real.rename(path)


def test_a_destination_that_kamailio_leaves_out_is_noticed_and_taken_back(sbc: KamailioLab, device: Device) -> None:
    """Dispatcher answers "Ok", and has one destination less than its list."""

    def blind(operation: Exec) -> Exec | Reply:
        return Reply() if "dns.lookup" in operation.command or "getent" in operation.command else operation

    lost = SipTrunk(name="lost", peers=(SipPeer(host="nobody.example.net"),))
    before, had = sbc.native(), running(sbc)
    with session(sbc, lambda inner: Tampered(inner, blind)) as hurried:
        result = hurried.apply(hurried.plan(Config.of([lost])))
    assert (result.outcome, result.exact) == (Outcome.NOT_APPLIED, True)
    assert "Kamailio did not take '1001 sip:nobody.example.net:5060" in result.error
    assert (sbc.native(), running(sbc)) == (before, had)


REFUSED: dict[str, tuple[Item, str]] = {
    "a name that leads nowhere": (
        SipTrunk(name="new", peers=(SipPeer(host="nobody.example.net"),)),
        r"cannot resolve the name nobody\.example\.net",
    ),
    "a transport without listener": (
        SipTrunk(name="new", peers=(SipPeer(host="2001:db8::1", transport="tls"),)),
        r"peers: \[2001:db8::1\]:5060: Kamailio listens nowhere with transport tls",
    ),
    "a weight beyond rweight's": (
        SipTrunk(name="new", peers=(SipPeer(host="192.0.2.2", weight=101),)),
        r"peers: 192\.0\.2\.2:5060: dispatcher shares calls by weights up to 100, not 101",
    ),
    "weights for some": (
        SipTrunk(name="new", peers=(SipPeer(host="192.0.2.2", weight=1), SipPeer(host="192.0.2.3"))),
        r"peers: 192\.0\.2\.3:5060: give all peers of priority 0 a weight, or none",
    ),
    "a codec that is a keyword": (SipTrunk(name="new", peers=NEW.peers, codecs=("ALL",)), r"codecs: ALL is no codec"),
    "everybody": (AllowedPeer(prefix="0.0.0.0/0"), r"write 0\.0\.0\.0/1 and 128\.0\.0\.0/1"),
    "a transport": (AllowedPeer(prefix="192.0.2.0/24", transport="tcp"), "transport 'tcp'; it knows any"),
    "digits": (SipTrunk(name="new", peers=NEW.peers, dtmf="info"), "the field 'dtmf'"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_kamailio_cannot_do_is_refused_when_planning(sbc: KamailioLab, device: Device, why: str) -> None:
    item, words = REFUSED[why]
    before, had = sbc.native(), running(sbc)
    with pytest.raises(NetresError, match=words) as refusal:
        device.plan(Config.of([item]))
    assert isinstance(refusal.value, InvalidConfig | Unsupported | Rejected)
    assert (sbc.native(), running(sbc)) == (before, had)


def test_codecs_without_a_relay_are_refused(device: Device) -> None:
    direct = MediaPolicy(name="direct", relay=False)
    trunk = NEW.model_copy(update={"media_policy": "direct", "codecs": ("PCMA",)})
    with pytest.raises(InvalidConfig, match="codecs: media_policy 'direct' has relay false"):
        device.plan(Config.of([direct, trunk]))


def test_lines_by_hand_in_a_trunk_keep_it_from_being_deleted(sbc: KamailioLab, device: Device) -> None:
    sbc.append("dispatcher.list", "1000 sip:192.0.2.9:5060 0 65535 trunk=old;rweight=1;maxload=3")
    sbc.reload()
    with pytest.raises(InvalidConfig, match="maxload=3"):
        device.plan(Config.of([ROUTES.model_copy(update={"trunks": ("new",)}), NEW]), {"sip_trunk"})
    result = apply(device, OLD.model_copy(update={"max_sessions": 9, "peers": NEW.peers}))
    assert "maxload=3" in sbc.native()
    assert device.rollback(result).exact


def test_lists_that_kamailio_does_not_read_are_noticed(sbc: KamailioLab, device: Device) -> None:
    other = sbc.host.directory / "other"
    shutil.copytree(sbc.directory, other, dirs_exist_ok=True)
    for path in (other, *other.iterdir()):
        shutil.chown(path, USER, USER)
    driver = registry.get("kamailio")
    options = {**sbc.entry().options, "directory": str(other)}
    with Device("sbc", driver, open_transport(sbc.entry(), driver), options) as lost:
        result = lost.apply(lost.plan(Config.of([NEW])))
    assert (result.outcome, result.exact) == (Outcome.NOT_APPLIED, True)
    assert (
        f"Kamailio did not take '1001 sip:192.0.2.2:5060 65535 trunk=new;rweight=1' from dispatcher.list in {other}"
        in (result.error)
    )


REMOVED: dict[str, tuple[tuple[Item, ...], str]] = {
    "sip_trunk": ((OLD,), "sip:192.0.2.3:5060"),
    "allowed_peer": (
        (AllowedPeer(prefix="192.0.2.10/32"), AllowedPeer(prefix="127.0.0.1/32", name="lab")),
        "'192.0.2.1 32 0 '",
    ),
    "call_route": ((ROUTES,), "a;0;;old"),
    "media_policy": ((MediaPolicy(name="relayed"),), "media.relay "),
}


@pytest.mark.parametrize("kind", REMOVED)
def test_what_kamailio_goes_on_with_is_not_removed(sbc: KamailioLab, device: Device, kind: str) -> None:
    """What is left looks like what should be gone."""
    apply(
        device,
        OLD.model_copy(update={"peers": (*OLD.peers, SipPeer(host="192.0.2.3"))}),
        *(AllowedPeer(prefix=f"192.0.2.{last}/32") for last in (1, 10)),
        CallRoute(name="a", trunks=("old",)),
        *(MediaPolicy(name=name) for name in ("relay", "relayed")),
    )
    other = sbc.host.directory / f"without-{kind}"
    shutil.copytree(sbc.directory, other)
    for path in (other, *other.iterdir()):
        shutil.chown(path, USER, USER)
    wanted, words = REMOVED[kind]
    driver = registry.get("kamailio")
    options = {**sbc.entry().options, "directory": str(other)}
    with Device("sbc", driver, open_transport(sbc.entry(), driver), options) as lost:
        result = lost.apply(lost.plan(Config.of(wanted), {kind}))
    assert (result.outcome, result.exact) == (Outcome.NOT_APPLIED, True)
    assert words in result.error
    assert "which is not in" in result.error


def test_a_kamailio_that_does_not_run_refuses_in_one_line(sbc: KamailioLab, device: Device) -> None:
    gone = {**sbc.entry().options, "socket": "unix:/nowhere/ctl"}
    driver = registry.get("kamailio")
    with (
        Device("sbc", driver, open_transport(sbc.entry(), driver), gone) as deaf,
        pytest.raises(Rejected, match=r"kamcmd core\.version.*/nowhere/ctl.*No such file") as refusal,
    ):
        deaf.observe()
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("defines", [("NETRES_ROUTES",), ("NETRES_MEDIA",)], ids=lambda names: names[0])
def test_half_of_netres_cfg_is_told_as_half(defines: tuple[str, ...]) -> None:
    need(available())
    media, routes = {"codecs", "media_policy", "srtp"}, {"max_cps", "max_sessions"}
    with KamailioLab(defines, "half") as half, half.entry().connect() as device:
        told = {capability.kind: capability for capability in device.capabilities()}
        lacking = media if defines == ("NETRES_ROUTES",) else media | routes  # media needs the tables of the routes
        assert set(told["sip_trunk"].missing) == lacking | {"keepalive", "dtmf"}
        assert told["media_policy"].support == "not-yet"
        assert told["call_route"].support == ("read-write" if "NETRES_ROUTES" in defines else "not-yet")
        apply(device, SipTrunk(name="old", peers=(SipPeer(host="127.0.0.1", port=5977),)))
        if "NETRES_ROUTES" in defines:
            apply(device, ROUTES)
        half.sipp.answer(5977)
        assert half.sipp.call("123").successful == 1


class TestAsInstalled:
    """DNS from name servers alone, reloads refused for a second after each, and none of netres's routes."""

    @pytest.fixture
    def device(self, bare: KamailioLab) -> Iterator[Device]:
        with bare.entry().connect() as opened:
            yield opened
            opened.apply(opened.plan(Config(), {"sip_trunk"})).raise_for_outcome()

    def test_capabilities_are_what_the_script_offers(self, device: Device) -> None:
        told = {capability.kind: capability for capability in device.capabilities()}
        assert told["sip_trunk"].support == "read-write"
        assert told["sip_trunk"].source == "probed"
        lacking = {"codecs", "dtmf", "keepalive", "max_cps", "max_sessions", "media_policy", "srtp"}
        assert set(told["sip_trunk"].missing) == lacking
        assert told["allowed_peer"].support == "read-write"
        for kind, define in (("call_route", "ROUTES"), ("media_policy", "MEDIA"), ("call_statistics", "ROUTES")):
            assert (told[kind].support, define in told[kind].reason) == ("not-yet", True)
        assert told["trunk_state"].missing == ("sessions",)

    def test_what_is_missing_is_refused_naming_it(self, device: Device) -> None:
        for field, value in {"max_sessions": 1, "max_cps": 1, "srtp": "off", "codecs": ("PCMA",)}.items():
            with pytest.raises(Unsupported, match=f"field '{field}'"):
                device.plan(Config.of([NEW.model_copy(update={field: value})]))
        with pytest.raises(Unsupported, match="NETRES_ROUTES"):
            device.plan(Config.of([ROUTES]))
        with pytest.raises(InvalidConfig, match="this script does not share calls by weight 5"):
            device.plan(Config.of([SipTrunk(name="new", peers=(SipPeer(host="192.0.2.2", weight=5),))]))

    def test_reloads_one_after_another_wait_for_the_guard(self, bare: KamailioLab, device: Device) -> None:
        result = apply(device, NEW)
        assert bare.native().count("1000 sip:192.0.2.") == 2  # one set: the script's own algorithm picks the peer
        second = apply(device, NEW.model_copy(update={"peers": NEW.peers[:1]}))
        assert device.rollback(second).exact
        assert device.rollback(result).exact

    def test_the_script_calls_the_peers_of_its_set(self, bare: KamailioLab, device: Device) -> None:
        bare.sipp.answer(5975)
        apply(device, SipTrunk(name="t", peers=(SipPeer(host="127.0.0.1", port=5975),)))
        assert bare.sipp.call("123").successful == 1
        assert bare.sipp.heard(5975)

    def test_names_are_asked_of_name_servers(self, bare: KamailioLab, device: Device) -> None:
        named = SipTrunk(name="named", peers=(SipPeer(host="sip.example.net"),))
        with pytest.raises(Rejected, match=r"cannot resolve the name sip\.example\.net"):
            device.plan(Config.of([named]))
        server = bare.host.start("/usr/bin/python3", "-c", NAME_SERVER)
        wait_until(lambda: bool(bare.host.run("ss", "-Hlnu", "sport = :53")), "the name server")
        other = SipTrunk(name="named", peers=(SipPeer(host="trunk.example.net"),))
        assert device.plan(Config.of([other])).checked == "the names of the peers can be resolved"
        result = apply(device, other)
        bare.host.stop(server)
        assert device.rollback(result).outcome is Outcome.APPLIED


NAME_SERVER = r"""
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
while True:
    query, client = server.recvfrom(512)
    end = query.index(b"\0", 12) + 5
    answer = b"\xc0\x0c\0\1\0\1\0\0\1\0\0\4\xc0\0\2\x16" if query[end - 4 : end - 2] == b"\0\1" else b""
    head = query[:2] + b"\x85\x80\0\1" + (b"\0\1" if answer else b"\0\0") + b"\0\0\0\0"
    server.sendto(head + query[12:end] + answer, client)
"""
"""Knows every name: 192.0.2.22."""


def test_a_way_back_that_was_cut_before_kamailio_loaded_the_lists_is_finished(sbc: KamailioLab, device: Device) -> None:
    before, had = sbc.native(), running(sbc)
    old = {name: (sbc.directory / name).read_bytes() for name in ("dispatcher.list", "netres_trunk")}
    result = apply(device, NEW)
    for name, content in old.items():  # as a rollback leaves it that dies between the files and Kamailio
        path = sbc.directory / name
        later = path.stat().st_mtime + 1
        path.write_bytes(content)
        os.utime(path, (later, later))
    assert device.refresh(result).outcome is Outcome.DIFFERS
    back = device.rollback(result)
    assert (back.outcome, back.exact) == (Outcome.APPLIED, True), back.differences
    assert (sbc.native(), running(sbc)) == (before, had)
