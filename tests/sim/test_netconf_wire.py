"""NETCONF byte by byte: both framings, hellos, and what is no message."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from setline_paths import lines

from netres.testing.sim import Simulated, registry
from netres.testing.sim.netconf_framing import Deframer, FramingError, framed
from netres.testing.sim.wire import Act, Conversation, Cut, End, Send, Stall
from netres.testing.sim.xmltext import Malformed, Xml

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"


def hello(*versions: str) -> bytes:
    capabilities = "".join(f"<capability>urn:ietf:params:netconf:base:{one}</capability>" for one in versions)
    return f'<hello xmlns="{BASE}"><capabilities>{capabilities}</capabilities></hello>]]>]]>'.encode()


def rpc(operation: str, number: str = ' message-id="1"') -> bytes:
    return f'<rpc xmlns="{BASE}"{number}>{operation}</rpc>'.encode()


class Talk:
    """A session without a connection."""

    def __init__(self, *versions: str) -> None:
        self.device: Simulated = registry.get("juniper_junos").make("r1")
        self.session: Conversation = self.device.subsystems["netconf"]()
        self.hello = said(list(self.session.start()))
        if versions:
            assert self.feed(hello(*versions)) == []

    def feed(self, data: bytes) -> list[Act]:
        return list(self.session.feed(data))


def said(acts: Sequence[Act]) -> bytes:
    return b"".join(act.data for act in acts if isinstance(act, Send))


def test_without_1_1_messages_end_with_the_old_mark() -> None:
    talk = Talk("1.0")
    assert talk.hello.endswith(b"]]>]]>")
    answer = said(talk.feed(rpc("<get-config><source><running/></source></get-config>") + b"]]>]]>"))
    assert answer.endswith(b"</rpc-reply>]]>]]>")
    assert b"<host-name>r1</host-name>" in answer


def test_with_1_1_messages_are_chunks() -> None:
    talk = Talk("1.0", "1.1")
    answer = said(talk.feed(framed(rpc("<lock><target><candidate/></target></lock>"), chunked=True)))
    assert answer.startswith(b"\n#")
    assert answer.endswith(b"\n##\n")
    assert b"<ok/>" in answer


def test_the_reply_has_the_attributes_of_the_request() -> None:
    talk = Talk("1.0")
    sent = f'<rpc xmlns="{BASE}" xmlns:e="urn:e" message-id="a&lt;1" e:user="x"><get/></rpc>]]>]]>'
    root = Xml.parse(said(talk.feed(sent.encode())).partition(b"]]>]]>")[0])
    assert root.attributes == {"message-id": "a<1", "{urn:e}user": "x"}


@pytest.mark.parametrize(
    "opening",
    [
        hello("2.0"),
        hello(),
        hello("1.0").replace(b"</hello>", b"<session-id>4</session-id></hello>"),
        b"<nonsense]]>]]>",
        rpc("<get/>") + b"]]>]]>",
    ],
)
def test_a_wrong_hello_ends_the_session(opening: bytes) -> None:
    assert Talk().feed(opening) == [End()]


@pytest.mark.parametrize(
    ("message", "tag"),
    [
        (b"<rpc", b"malformed-message"),
        (b"\xff", b"malformed-message"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + rpc("<get>&b;</get>"), b"malformed-message"),
        (b"<a>" * 2000 + b"</a>" * 2000, b"malformed-message"),
        (rpc(""), b"malformed-message"),
        (rpc("<get/>", ""), b"missing-attribute"),
        (rpc("<dance/>"), b"operation-not-supported"),
        (rpc("<get-config/>"), b"missing-element"),
        (rpc("<get-config><source><moon/></source></get-config>"), b"invalid-value"),
        (rpc('<get-config><source><running/></source><filter type="xpath"/></get-config>'), b"bad-attribute"),
        (rpc("<edit-config><target><running/></target><config/></edit-config>"), b"operation-not-supported"),
        (rpc("<edit-config><target><candidate/></target></edit-config>"), b"missing-element"),
        (rpc("<commit><persist-id>x</persist-id></commit>"), b"invalid-value"),
        (rpc("<commit><confirmed/><confirm-timeout>0</confirm-timeout></commit>"), b"invalid-value"),
        (rpc("<kill-session><session-id>x</session-id></kill-session>"), b"invalid-value"),
    ],
)
def test_what_is_refused_and_the_session_goes_on(message: bytes, tag: bytes) -> None:
    talk = Talk("1.0")
    answer = said(talk.feed(message + b"]]>]]>"))
    assert b"<error-tag>" + tag + b"</error-tag>" in answer
    assert b"<ok/>" in said(talk.feed(rpc("<discard-changes/>") + b"]]>]]>"))


def test_what_is_no_chunk_ends_the_session() -> None:
    assert Talk("1.1").feed(b"\n#0\nx") == [End()]
    deframer = Deframer()
    deframer.chunked = True
    with pytest.raises(FramingError):
        list(deframer.feed(b"\n##\n"))


def test_close_session_ends_it_after_its_answer() -> None:
    acts = Talk("1.0").feed(rpc("<close-session/>") + b"]]>]]>")
    assert b"<ok/>" in said(acts)
    assert acts[-1] == End()


def test_faults_on_the_wire() -> None:
    talk = Talk("1.0")
    talk.device.fail("hang", on="^get")
    assert talk.feed(rpc("<get/>") + b"]]>]]>") == [Stall()]
    talk = Talk("1.0")
    talk.device.fail("garbage", on="^get")
    assert said(talk.feed(rpc("<get/>") + b"]]>]]>"))
    talk.device.reboot()
    assert talk.feed(rpc("<get/>") + b"]]>]]>") == [Cut()]


@given(st.lists(st.binary(min_size=1), min_size=1), st.data())
def test_chunks_come_back_however_the_bytes_are_split(messages: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(framed(message, chunked=True) for message in messages)
    _round_trip(stream, messages, data, chunked=True)


@given(st.lists(st.binary().filter(lambda message: b"]" not in message), min_size=1), st.data())
def test_marked_messages_come_back_however_the_bytes_are_split(messages: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(framed(message, chunked=False) for message in messages)
    _round_trip(stream, messages, data, chunked=False)


def _round_trip(stream: bytes, messages: list[bytes], data: st.DataObject, *, chunked: bool) -> None:
    deframer = Deframer()
    deframer.chunked = chunked
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [message for piece in pieces for message in deframer.feed(piece)] == messages


@given(st.binary())
def test_any_bytes_are_xml_or_malformed(text: bytes) -> None:
    try:
        root = Xml.parse(text)
    except Malformed:
        return
    assert Xml.parse(root.render().encode()) == root


@settings(max_examples=50)
@given(lines("juniper_junos"))
def test_what_lines_made_is_read_as_xml_and_makes_another_device_the_same(given_lines: list[str]) -> None:
    one, two = Talk("1.0"), Talk("1.0")
    assert one.device.cli is not None
    login = one.device.cli()
    for line in ("configure", *given_lines, "commit"):
        login.line(line)
    whole = said(one.feed(rpc("<get-config><source><running/></source></get-config>") + b"]]>]]>")).decode()
    inside = whole.partition("<data>")[2].partition("</data>")[0]
    replace = "<default-operation>replace</default-operation>"
    edit = f"<edit-config><target><candidate/></target>{replace}<config>{inside}</config></edit-config>"
    assert b"<ok/>" in said(two.feed(rpc(edit) + b"]]>]]>"))
    assert b"<ok/>" in said(two.feed(rpc("<commit/>") + b"]]>]]>"))
    assert two.device.native() == one.device.native()
