"""A provider's capability set becomes Items, and what no Item expresses is told."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netres import AllowedPeer, Config, InvalidConfig, MediaPolicy, SipPeer, SipTrunk, peering

ROOT = "ietf-sip-auto-peering:sip-auto-peering"
# Written here, with all nodes of ietf-sip-auto-peering 2025-12-21.
DOCUMENT: dict[str, Any] = {
    ROOT: {
        "variant": "ietf-sip-auto-peering:v1-0",
        "revision": {"not-before": "2026-09-01T00:00:00Z", "location": "https://cap.example.net/next.json"},
        "transport-info": {
            "transport": ["ietf-sip-auto-peering:tcp", "udp"],
            "registrar": [{"host": "registrar.example.net", "port": 5060}],
            "realm": [{"name": "example.net", "username": "u", "password": "$6$never.shown"}],
            "call-control": [{"host": "192.0.2.40", "port": 5065}, {"host": "Call.Example.NET", "port": 5061}],
            "dns-server": ["192.0.2.50"],
        },
        "call-spec": {"early-media": True, "supported-method": ["invite", "options"]},
        "media": {
            "media-type-audio": [
                {"media-format": "ietf-sip-auto-peering:pcma", "rate": 8000, "ptime": 20},
                {"media-format": "g729", "parameter": "annexb"},
            ],
            "fax": {"protocol": ["t38"]},
            "rtp": {"rtp-trigger": True, "symmetric-rtp": True},
            "rtcp": {"symmetric-rtcp": True},
        },
        "dtmf": {"payload-number": 101, "iteration": False},
        "security": {
            "signaling": {"secure": True, "version": ["ietf-tls-common:tls12"]},
            "media-security": {"key-management": ["sdes", "dtls-srtp"]},
        },
        "extension": ["100rel"],
        "vendor:account": {"number": "4711"},
    }
}


def changed(path: str, value: object) -> dict[str, Any]:
    document = deepcopy(DOCUMENT)
    node = document[ROOT]
    *parents, last = path.split("/")
    for name in parents:
        node = node[name]
    node[last] = value
    return document


def trunk(found: peering.Peering) -> SipTrunk:
    item = found.config.find("sip_trunk", "itsp")
    assert isinstance(item, SipTrunk)
    return item


def test_all_that_items_express_becomes_items() -> None:
    found = peering.peering(DOCUMENT, "itsp")
    assert found.config == Config(
        items=(
            MediaPolicy(name="itsp", symmetric_rtp=True),
            SipTrunk(
                name="itsp",
                peers=(
                    SipPeer(host="192.0.2.40", port=5065, transport="tls"),
                    SipPeer(host="call.example.net", port=5061, transport="tls"),
                ),
                codecs=("PCMA", "G729"),
                srtp="optional",
                dtmf="rfc4733",
                media_policy="itsp",
            ),
            AllowedPeer(prefix="192.0.2.40/32", name="itsp"),
        )
    )


def test_what_no_item_expresses_is_told_and_no_credential_with_it() -> None:
    found = peering.peering(DOCUMENT, "itsp")
    assert found.left_out == (
        "/revision",
        "/transport-info/registrar",
        "/transport-info/realm",
        "/transport-info/dns-server",
        "/call-spec",
        "/media/media-type-audio/rate",
        "/media/media-type-audio/ptime",
        "/media/media-type-audio/parameter",
        "/media/fax",
        "/media/rtp/rtp-trigger",
        "/media/rtcp",
        "/dtmf/iteration",
        "/security/signaling/version",
        "/extension",
        "/vendor:account",
        "/security/media-security/key-management dtls-srtp",
    )
    assert "never.shown" not in repr(found)


def test_an_outbound_proxy_takes_the_place_of_call_control_from_where_calls_come_all_the_same() -> None:
    found = peering.peering(changed("transport-info/outbound-proxy", [{"host": "2001:db8::35", "port": 5060}]), "itsp")
    assert [peer.host for peer in trunk(found).peers] == ["2001:db8::35"]
    allowed = [item.prefix for item in found.config.items if isinstance(item, AllowedPeer)]
    assert allowed == ["192.0.2.40/32", "2001:db8::35/128"]


@pytest.mark.parametrize(
    ("transports", "expected"), [(["tcp", "udp"], "udp"), (["tcp"], "tcp"), (["udp", "tls"], "tls")]
)
def test_without_secure_signaling_the_transport_is_one_that_is_offered(transports: list[str], expected: str) -> None:
    document = changed("security", {})
    document[ROOT]["transport-info"]["transport"] = transports
    assert {peer.transport for peer in trunk(peering.peering(document, "itsp")).peers} == {expected}


def test_a_codec_that_is_offered_at_several_rates_is_one() -> None:
    formats = [{"media-format": name, "rate": rate} for name, rate in (("L16", 8000), ("PCMA", 8000), ("L16", 16000))]
    assert trunk(peering.peering(changed("media/media-type-audio", formats), "itsp")).codecs == ("L16", "PCMA")


def test_what_the_provider_does_not_say_is_not_made_up() -> None:
    document = {ROOT: {name: DOCUMENT[ROOT][name] for name in ("variant", "transport-info")}}
    item = trunk(peering.peering(document, "itsp"))
    assert (item.codecs, item.srtp, item.dtmf, item.media_policy) == ((), None, None, None)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, f"has no node '{ROOT}'; is it a capability set of RFC 10006?"),
        ([], f"has no node '{ROOT}'; is it a capability set of RFC 10006?"),
        (changed("variant", "v2-0"), f"{ROOT}.variant: 'v2-0': netres knows v1-0"),
        (changed("transport-info/transport", []), "transport: tuple should have at least 1 item"),
        (changed("transport-info/transport", ["sctp"]), "transport"),
        (changed("transport-info/call-control", []), "neither call-control nor outbound-proxy"),
        (changed("transport-info/call-control", [{"host": "a b"}]), "neither an IP address nor a host name"),
        (changed("transport-info/call-control", [{"host": "h", "port": 0}]), f"{ROOT}.transport-info.call-control.0"),
        (changed("dtmf/payload-number", 5), f"{ROOT}.dtmf.payload-number: payload-number: 5"),
        (changed("media/media-type-audio", [{"media-format": "x y"}]), "media-format"),
    ],
)
def test_a_document_that_is_none_is_refused_naming_the_node(document: object, message: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        peering.peering(document, "itsp")
    assert message in str(caught.value)


def test_a_trunk_needs_a_name() -> None:
    with pytest.raises(InvalidConfig, match="trunk 'a b': name: 'a b'"):
        peering.peering(DOCUMENT, "a b")


def test_a_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps(changed("dtmf/payload-number", 5), indent=1))
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if "payload-number" in text)
    with pytest.raises(InvalidConfig, match=rf"set\.json:{line}: payload-number: 5"):
        peering.load(path, "itsp")
    path.write_text(json.dumps(DOCUMENT))
    assert peering.load(path, "itsp") == peering.peering(DOCUMENT, "itsp")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLACES = ["variant", "transport-info", "transport-info/call-control", "media", "media/rtp", "dtmf", "security"]


@given(place=st.sampled_from(PLACES), value=JSON)
def test_whatever_a_stranger_sends_is_taken_or_refused(place: str, value: object) -> None:
    with suppress(InvalidConfig):
        assert trunk(peering.peering(changed(place, value), "itsp")).peers
