"""Kamailio's lists as text: what is netres's, what is another's, and that nothing else comes of any value."""

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from netres import offline, registry
from netres.change import Change
from netres.driver import Scope
from netres.errors import InvalidConfig, ParseError
from netres.flow import Exec, Reply
from netres.model import AllowedPeer, CallRoute, Config, Item, Key, MediaPolicy, SipPeer, SipTrunk
from netres_drivers.kamailio import address, change, media, peers, route, rows, table
from netres_drivers.kamailio.lab import HERE, LISTS, VERSIONS
from netres_drivers.kamailio.lists import Lists, edited, understood
from netres_drivers.kamailio.script import ADDRESS, DISPATCHER, ROUTE, TRUNK, Script

DRIVER = registry.get("kamailio")
NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.:@/-]{0,20}", fullmatch=True)
PATTERNS = st.one_of(st.just("*"), st.from_regex(r"\+?[0-9x]{1,10}\*?", fullmatch=True))
HOSTS = st.one_of(
    st.ip_addresses().map(str), st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5})?\.example\.net", fullmatch=True)
)
PORTS = st.integers(1, 65535)
TRUNKS = st.builds(
    SipTrunk,
    name=NAMES,
    peers=st.lists(
        st.builds(
            SipPeer,
            host=HOSTS,
            port=PORTS,
            transport=st.sampled_from(["udp", "tcp", "tls"]),
            priority=st.integers(0, 65535),
            weight=st.integers(0, 100),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda peer: (peer.host, peer.port, peer.transport),
    ).map(tuple),
    codecs=st.lists(st.from_regex(r"[A-Z0-9][A-Z0-9.-]{0,10}", fullmatch=True), unique=True, max_size=4).map(tuple),
    srtp=st.sampled_from([None, "off", "optional", "required"]),
    max_sessions=st.none() | st.integers(0, 1_000_000),
    max_cps=st.none() | st.integers(0, 100_000),
    media_policy=st.none() | NAMES,
)
ROUTES = st.builds(
    CallRoute,
    name=NAMES,
    called=PATTERNS,
    calling=st.none() | PATTERNS.filter(lambda pattern: pattern != "*"),
    priority=st.integers(0, 65535),
    strip=st.integers(0, 32),
    prepend=st.from_regex(r"\+?[0-9]{0,10}", fullmatch=True),
    trunks=st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple),
)
POLICIES = st.one_of(
    st.builds(MediaPolicy, name=NAMES, relay=st.just(value=False)),
    st.builds(MediaPolicy, name=NAMES, symmetric_rtp=st.booleans(), ice=st.sampled_from(["remove", "offer", "pass"])),
)
ALLOWED = st.builds(
    AllowedPeer,
    prefix=st.one_of(
        st.tuples(st.ip_addresses(v=4), st.integers(1, 32)), st.tuples(st.ip_addresses(v=6), st.integers(1, 128))
    ).map(lambda pair: _network(*pair)),
    port=st.integers(0, 65535),
    name=st.none() | NAMES,
)
LINES = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=40)


def _network(ip: object, length: int) -> str:
    return str(ipaddress.ip_network(f"{ip}/{length}", strict=False))


def native(**lists: str) -> Reply:
    texts = {DISPATCHER: lists.get("dispatcher", ""), ADDRESS: lists.get("address", "")}
    texts |= {TRUNK: lists.get("trunk", rows.HEADER), ROUTE: lists.get("route", route.HEADER)}
    return Reply("".join(f"==> {name} <==\n{text}\n" for name, text in texts.items()))


def written(*items: Item, into: Reply | None = None) -> Lists:
    """The lists after these Items were written to them."""
    old = understood(into or native())
    texts = dict(old.texts)
    for number, item in enumerate(items):
        old = understood(
            native(dispatcher=texts[DISPATCHER], address=texts[ADDRESS], trunk=texts[TRUNK], route=texts[ROUTE])
        )
        for name, lines in _lines(item, number).items():
            texts[name] = edited(old, name, {item.key: lines})
    return understood(
        native(dispatcher=texts[DISPATCHER], address=texts[ADDRESS], trunk=texts[TRUNK], route=texts[ROUTE])
    )


def _lines(item: Item, number: int) -> dict[str, tuple[str, ...]]:
    match item:
        case SipTrunk():
            sets = range(1000 + 10 * number, 1000 + 10 * number + len(peers.levels(item, by_priority=True)))
            return {DISPATCHER: peers.lines(item, sets, by_priority=True), TRUNK: rows.lines(item, sets)}
        case AllowedPeer():
            return {ADDRESS: address.lines(item)}
        case MediaPolicy():
            return {TRUNK: media.lines(item)}
        case CallRoute():
            return {ROUTE: route.lines(item)}
        case _:
            raise AssertionError(item)


@given(st.lists(st.one_of(TRUNKS, ROUTES, POLICIES, ALLOWED), max_size=6, unique_by=lambda item: item.key))
def test_what_was_written_is_read(items: list[Item]) -> None:
    found = written(*items)
    assert found.items == {item.key: item for item in items}
    assert not found.foreign


@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"])), min_size=1))
def test_fields_of_a_row_come_back(fields: list[str]) -> None:
    assert table.fields(table.row(*fields)) == tuple(fields)


@given(st.lists(LINES, max_size=5), TRUNKS, ALLOWED)
def test_lines_of_others_stay_where_they_are(lines: list[str], trunk: SipTrunk, allowed: AllowedPeer) -> None:
    text = "".join(f"{line}\n" for line in lines)
    assume("<==" not in text)
    old = native(dispatcher=text, address=text, trunk=rows.HEADER + text, route=route.HEADER + text)
    before = understood(old)
    assume(not {trunk.key, allowed.key} & (before.foreign.keys() | before.items.keys()))
    after = written(trunk, allowed, into=old)
    assert after.items[trunk.key] == trunk
    assert after.items[allowed.key] == allowed
    for name in (DISPATCHER, ADDRESS, TRUNK):
        assert after.texts[name].startswith(before.texts[name])
    gone = edited(after, DISPATCHER, {trunk.key: ()})
    assert gone == before.texts[DISPATCHER]


HAND_MADE = native(
    dispatcher="""\
# setid destination flags priority attrs
1 sip:192.0.2.1:5060 0 10 duid=own
  1000   sip:192.0.2.2:5060   0 65535   trunk=itsp;rweight=1
1000 sip:192.0.2.3:5060 0 65535 trunk=itsp;rweight=1;socket=udp:192.0.2.9:5060
1001 sip:192.0.2.4:5060 8 65535 trunk=flagged;rweight=1
1002 sip:192.0.2.5 0 65535 trunk=no-port;rweight=1
#1003 sip:192.0.2.6:5060 0 65535 trunk=commented;rweight=1
1004 sip:192.0.2.7:5060 0 65535 trunk=twice;rweight=1
1004 sip:192.0.2.7:5060 0 65530 trunk=twice;rweight=1
1005 sip:192.0.2.8:5060 0 99999 trunk=high;rweight=1
""",
    address="""\
# grp ip mask port tag
1 192.0.2.64 32 0 pbx
1 192.0.2.65 32 0 one
1 192.0.2.65 32 0 two
2 10.0.0.0 8 0 other-group
1 0.0.0.0 0 0 everybody?
1 sbc.example.net 32 0 by-name
""",
    trunk=f"""\
{rows.HEADER}max_sessions.itsp:0:1:7:0
max_cps.itsp:0:1:x:0
max_sessions.gone:0:1:1:0
media.relayed:0:0:record-call=on:0
own:0:0:row:0
""",
    route=f"""\
{route.HEADER}1:206815:1:^[+]49[^ ]* [^ ]*$:0:::national;3;0;itsp
1:100:1:^(1|2) .*$:0:::handmade;3;0;itsp
2:100:1:^9$:0:::another-dialplan
""",
)


def test_hand_made_lists_are_understood_as_far_as_the_model_goes() -> None:
    seen = understood(HAND_MADE)
    assert seen.items == {
        Key("sip_trunk", ("itsp",)): SipTrunk(name="itsp", peers=(SipPeer(host="192.0.2.2"),), max_sessions=7),
        Key("allowed_peer", ("192.0.2.64/32", "0", "any")): AllowedPeer(prefix="192.0.2.64/32", name="pbx"),
        Key("call_route", ("national",)): CallRoute(
            name="national", called="+49*", strip=3, prepend="0", trunks=("itsp",)
        ),
    }
    assert {str(key): len(lines) for key, lines in seen.foreign.items()} == {
        "sip_trunk[itsp]": 2,
        "sip_trunk[flagged]": 1,
        "sip_trunk[no-port]": 1,
        "sip_trunk[twice]": 2,
        "sip_trunk[high]": 1,
        "sip_trunk[gone]": 1,
        "allowed_peer[192.0.2.65/32 0 any]": 2,
        "media_policy[relayed]": 1,
        "call_route[handmade]": 1,
    }


def test_a_file_of_lists_is_parsed_and_rendered_without_a_device() -> None:
    seen = offline.parse(DRIVER, HAND_MADE.text)
    assert len(seen.config) == 3
    wanted = SipTrunk(name="itsp", peers=(SipPeer(host="192.0.2.2"),), max_sessions=8)
    made = offline.render(DRIVER, Config.of([wanted]), HAND_MADE.text)
    assert "f=netres_trunk" in str(made.operations[0])
    assert "dispatcher.list" not in "".join(map(str, made.operations))
    assert "max_sessions.itsp:0:1:8:0\nmax_cps.itsp:0:1:x:0\n" in str(made.operations[0])


def test_lists_that_look_like_two_are_refused() -> None:
    with pytest.raises(ParseError, match=r"looks like the beginning of address\.list"):
        understood(native(dispatcher="# x\n==> address.list <==\n"))


def test_first_lists_of_the_laboratory_are_whole() -> None:
    assert LISTS[TRUNK] == rows.HEADER
    assert LISTS[ROUTE] == route.HEADER


def test_the_readme_shows_what_the_script_of_the_laboratory_has() -> None:
    blocks = re.findall(r"```text\n(.*?)```", (HERE / "README.md").read_text(), re.DOTALL)
    script = (HERE / "kamailio.cfg").read_text().splitlines()
    assert all(line in script for line in blocks[0].splitlines())
    routes = [line.partition(";")[0] + ";" for line in blocks[1].splitlines()]
    assert all(any(line.strip() == route for line in script) for route in routes)
    assert len(routes) == 3
    headers = re.findall(r"echo '(.*)' > (\w+)", blocks[2])
    assert {name: f"{header}\n" for header, name in headers} == {TRUNK: rows.HEADER, ROUTE: route.HEADER}
    assert repr(VERSIONS)[1:-1] in blocks[2]


def test_more_destinations_than_can_be_shown_are_refused() -> None:
    def trunk(number: int) -> SipTrunk:
        ends = tuple(SipPeer(host=f"10.0.{number}.{host}") for host in range(1, 251))
        return SipTrunk(name=f"t{number}", peers=ends)

    offline.render(DRIVER, Config.of([trunk(1)]), native().text)
    with pytest.raises(InvalidConfig, match=r"dispatcher\.list would have 500 destinations; .* at most 400"):
        offline.render(DRIVER, Config.of([trunk(1), trunk(2)]), native().text)


def test_the_way_back_is_not_asked_whether_it_was_wise() -> None:
    """A trunk that would be refused today comes back, spelled as it was."""
    odd = "1000  sip:gone.example.net:5060 0 65535 trunk=odd;rweight=1\n"
    table_ = f"{rows.HEADER}media.direct:0:0:direct:0\noffer.odd:0:0:RTP/SAVP DTLS=off:0\npolicy.odd:0:0:direct:0\n"
    before = native(dispatcher=odd, trunk=table_)
    item = understood(before).items[Key("sip_trunk", ("odd",))]
    now = native(trunk=f"{rows.HEADER}media.direct:0:0:direct:0\n")
    old, new = (Config.of(understood(reply).items.values()) for reply in (now, before))
    forth = list(change.compose(Script(), [Change.of(None, item)], Scope(old, new, now, restore=before)))
    assert [operation.stdin for operation in forth if isinstance(operation, Exec)] == [(odd,), (table_,), ()]
    with pytest.raises(InvalidConfig, match="relay false"):
        list(change.compose(Script(), [Change.of(None, item)], Scope(old, new, now)))


def test_sets_keep_their_numbers_and_never_take_those_of_others() -> None:
    assert peers.numbered([1001], 3, {1000, 1001, 1003}) == (1001, 1002, 1004)
    assert peers.numbered([1000, 1001, 1002], 1, {1000, 1001, 1002}) == (1000,)
    assert peers.sets("1 sip:a\n# 2 sip:b\n 1000 sip:c\n") == {1, 1000}
