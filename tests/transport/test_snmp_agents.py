"""The transport over agents that break the protocol, have little room, or say nothing."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.connection import Connection

import pytest
from pysnmp.entity.engine import SnmpEngine
from snmp_agent import COMMUNITY, MadeUpAgent, Pairs, v2c
from snmp_sessions import client as client  # noqa: PLC0414 - a fixture

from netres.errors import ConnectFailed, NetresError, ParseError, Rejected, Timeout, TransportError, UsageError
from netres.flow import Cli, Reconnect, Snmp
from netres.inventory.entry import Entry, SnmpSettings, Timeouts
from netres.model.secret import Secret
from netres.transport.snmp import SnmpTransport
from netres.transport.snmp_engine import engine

TABLE = [f"1.3.6.1.4.1.99999.1.{number}" for number in range(1, 101)]
TOO_BIG, GEN_ERR, AUTHORIZATION = 1, 5, 16


def values(oids: list[str]) -> Pairs:
    return [(oid, v2c.Integer32(7)) for oid in oids]


def after(oid: str) -> list[str]:
    place = tuple(map(int, oid.split(".")))
    return [one for one in TABLE if tuple(map(int, one.split("."))) > place]


def rows(oids: list[str], repetitions: int) -> Pairs:
    """What a good agent answers to GetBulk: the objects of all OIDs in turn, to the end of the MIB."""
    found: list[tuple[str, object]] = []
    for number in range(repetitions):
        for oid in oids:
            left = after(oid)
            beyond = (TABLE[-1], v2c.EndOfMibView())
            found.append((left[number], v2c.Integer32(number)) if number < len(left) else beyond)
    return found


def test_a_get_too_big_for_one_answer_is_asked_in_parts() -> None:
    def answer(kind: str, oids: list[str], repetitions: int) -> tuple[int, int, Pairs]:
        return (TOO_BIG, 0, []) if len(oids) > 5 else (0, 0, values(oids))

    with MadeUpAgent(answer) as agent, closing(SnmpTransport.open(agent.entry())) as session:
        assert session.execute(Snmp("get", tuple(TABLE))).body == dict.fromkeys(TABLE, 7)


def test_an_object_too_big_for_any_answer_is_refused() -> None:
    with (
        MadeUpAgent(lambda kind, oids, repetitions: (TOO_BIG, 0, [])) as agent,
        closing(SnmpTransport.open(agent.entry())) as session,
    ):
        with pytest.raises(Rejected, match="tooBig"):
            session.execute(Snmp("get", tuple(TABLE[:3])))
        with pytest.raises(Rejected, match="tooBig"):
            session.execute(Snmp("walk", ("1.3.6.1.4.1.99999",)))


@pytest.mark.parametrize("room", [1, 3, 1000])
def test_a_walk_goes_on_where_answers_have_little_room(room: int) -> None:
    """Some agents answer with what fits, and some with tooBig: both here, by turns."""

    def answer(kind: str, oids: list[str], repetitions: int) -> tuple[int, int, Pairs]:
        if len(oids) * repetitions > room + 2:
            return TOO_BIG, 0, []
        return 0, 0, rows(oids, repetitions)[:room]

    roots = ("1.3.6.1.4.1.99999.1.1", "1.3.6.1.4.1.99999", "1.3.6.1.4.1.99998")
    with MadeUpAgent(answer) as agent, closing(SnmpTransport.open(agent.entry())) as session:
        body = session.execute(Snmp("walk", roots)).body
    assert isinstance(body, dict)
    assert list(body) == TABLE, "an object is not under itself; those under both roots stand once"


@pytest.mark.parametrize(
    ("loop", "words"),
    [
        (["1.3.6.1.4.1.99999.1.5", "1.3.6.1.4.1.99999.1.5"], "goes from .*99999.1.5 back to .*99999.1.5"),
        (["1.3.6.1.4.1.99999.1.9", "1.3.6.1.4.1.99999.1.4"], "goes from .*99999.1.9 back to .*99999.1.4"),
        ([], "says nothing of what comes after"),
    ],
)
def test_a_walk_that_does_not_get_on_is_given_up(loop: list[str], words: str) -> None:
    with (
        MadeUpAgent(lambda kind, oids, repetitions: (0, 0, values(loop))) as agent,
        closing(SnmpTransport.open(agent.entry())) as session,
        pytest.raises(ParseError, match=words),
    ):
        session.execute(Snmp("walk", ("1.3.6.1.4.1.99999",)))


def test_a_walk_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netres.transport.snmp_session.ROWS", 200)

    def answer(kind: str, oids: list[str], repetitions: int) -> tuple[int, int, Pairs]:
        number = int(oids[0].rpartition(".")[2])
        return 0, 0, values([f"1.3.6.1.4.1.99999.{number + step}" for step in range(1, repetitions + 1)])

    with (
        MadeUpAgent(answer) as agent,
        closing(SnmpTransport.open(agent.entry())) as session,
        pytest.raises(ParseError, match="more than 200 objects"),
    ):
        session.execute(Snmp("walk", ("1.3.6.1.4.1.99999",)))


def test_an_answer_about_something_else_is_a_fault_of_the_agent() -> None:
    with (
        MadeUpAgent(lambda kind, oids, repetitions: (0, 0, values(["1.3.6.1.9.9"]))) as agent,
        closing(SnmpTransport.open(agent.entry())) as session,
        pytest.raises(ParseError, match="with other objects"),
    ):
        session.execute(Snmp("get", ("1.3.6.1.2.1.1.1.0",)))


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (GEN_ERR, r"genErr \(1\.3\.6\.1\.2\.1\.1\.5\.0\)"),
        (77, "error-status 77"),
        (AUTHORIZATION, "authorizationError"),
    ],
)
def test_a_refusal_names_error_and_object(status: int, name: str) -> None:
    with (
        MadeUpAgent(lambda kind, oids, repetitions: (status, 1, [(oid, v2c.Null("")) for oid in oids])) as agent,
        closing(SnmpTransport.open(agent.entry())) as session,
        pytest.raises(Rejected, match=name),
    ):
        session.execute(Snmp("get", ("1.3.6.1.2.1.1.5.0",)))


def test_garbage_is_no_answer() -> None:
    def answer(kind: str, oids: list[str], repetitions: int) -> bytes:
        return b"\x30\x82\xff\xff" + bytes(range(256))

    with (
        MadeUpAgent(answer) as agent,
        closing(SnmpTransport.open(agent.entry(timeout=0.5))) as session,
        pytest.raises(Timeout, match=r"was not answered \(timeout 0\.5 seconds, retries 0\)"),
    ):
        session.execute(Snmp("get", ("1.3.6.1.2.1.1.5.0",)))


def test_a_lost_request_is_sent_again() -> None:
    calls: list[int] = []

    def answer(kind: str, oids: list[str], repetitions: int) -> tuple[int, int, Pairs] | None:
        calls.append(1)
        return (0, 0, values(oids)) if len(calls) == 3 else None

    with MadeUpAgent(answer) as agent, closing(SnmpTransport.open(agent.entry(0.5, retries=2))) as session:
        assert session.execute(Snmp("get", ("1.3.6.1.2.1.1.7.0",))).body == {"1.3.6.1.2.1.1.7.0": 7}
    assert len(calls) == 3


def test_an_operation_has_a_deadline_however_slow_its_steps_are() -> None:
    def answer(kind: str, oids: list[str], repetitions: int) -> tuple[int, int, Pairs]:
        time.sleep(0.05)  # a slow agent
        return 0, 0, rows(oids, repetitions)[:1]

    with MadeUpAgent(answer) as agent, closing(SnmpTransport.open(agent.entry(1, command=0.5))) as session:
        began = time.monotonic()
        with pytest.raises(Timeout, match=r"not done within 0\.5 seconds"):
            session.execute(Snmp("walk", ("1.3.6.1.4.1.99999",)))
        assert time.monotonic() - began < 2


def test_an_interrupt_ends_a_running_operation_and_the_session() -> None:
    with MadeUpAgent(lambda kind, oids, repetitions: None) as agent:
        with closing(SnmpTransport.open(agent.entry(timeout=4))) as session:
            threading.Timer(0.2, session.interrupt).start()
            began = time.monotonic()
            with pytest.raises(TransportError, match="was interrupted"):
                session.execute(Snmp("get", ("1.3.6.1.2.1.1.5.0",)))
            assert time.monotonic() - began < 2
            with pytest.raises(ConnectFailed, match="the session is lost"):
                session.execute(Snmp("get", ("1.3.6.1.2.1.1.5.0",)))
            session.execute(Reconnect())
            assert session.execute(Snmp("get", ("1.3.6.1.2.1.1.3.0",))).body == {"1.3.6.1.2.1.1.3.0": 1}
        session.interrupt()
        session.close()


def test_what_this_transport_does_not_do_is_said() -> None:
    with MadeUpAgent(lambda kind, oids, repetitions: None) as agent:
        session = SnmpTransport.open(agent.entry())
        with pytest.raises(UsageError, match="SNMP has no operation 'show version'"):
            session.execute(Cli(("show version",)))
        for wrong in ("sysDescr", "1.3.6.1.4294967296", ".1.3.6.1", "1.3.6.1.", "3.1"):
            with pytest.raises(UsageError, match="is no OID; write it in numbers"):
                session.execute(Snmp("get", (wrong,)))
        session.close()
        with pytest.raises(UsageError, match=r"after close\(\)"):
            session.execute(Snmp("get", ("1.3.6.1.2.1.1.3.0",)))
        assert COMMUNITY not in repr(vars(session))


def ask_in_child(session: SnmpTransport, entry: Entry, pipe: Connection) -> None:
    told: list[object] = []
    try:
        session.execute(Snmp("get", ("1.3.6.1.2.1.1.3.0",)))
    except NetresError as error:
        told.append(type(error).__name__)
    session.execute(Reconnect())
    told.append(session.execute(Snmp("get", ("1.3.6.1.2.1.1.3.0",))).body)
    with closing(SnmpTransport.open(entry)) as other:
        told.append(other.execute(Snmp("get", ("1.3.6.1.2.1.1.3.0",))).body)
    pipe.send(told)


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_child_process_has_an_engine_of_its_own() -> None:
    with (
        MadeUpAgent(lambda kind, oids, repetitions: None) as agent,
        closing(SnmpTransport.open(agent.entry())) as session,
    ):
        context = multiprocessing.get_context("fork")
        here, there = context.Pipe()
        child = context.Process(target=ask_in_child, args=(session, agent.entry(), there))
        child.start()
        assert here.poll(10), "the child says nothing"
        assert here.recv() == ["ConnectFailed", {"1.3.6.1.2.1.1.3.0": 1}, {"1.3.6.1.2.1.1.3.0": 1}]
        child.join(10)
        assert child.exitcode == 0
        assert session.execute(Snmp("get", ("1.3.6.1.2.1.1.3.0",))).body == {"1.3.6.1.2.1.1.3.0": 1}


@pytest.fixture
def dead() -> Iterator[int]:
    """A port of every address of this machine behind which nobody ever answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("", 0))
        yield int(silent.getsockname()[1])


def dead_entry(number: int, port: int) -> Entry:
    """Two in three in version 3."""
    secret = Secret.observed("somebody's-s3cret")
    settings = SnmpSettings(timeout=1.5, retries=1)
    settings = settings.model_copy(update={"auth_key": secret} if number % 3 else {"community": secret})
    return Entry(
        name=f"dead-{number}",
        platform="snmp",
        host=f"127.7.{number // 200}.{number % 200 + 1}",
        port=port,
        username="nobody" if number % 3 else None,
        snmp=settings,
        timeouts=Timeouts(connect=10),
    )


async def timed(entry: Entry) -> tuple[float, str]:
    began = time.monotonic()
    try:
        async with entry.connect_async():
            return time.monotonic() - began, "connected"
    except NetresError as error:
        return time.monotonic() - began, type(error).__name__


def _engines() -> set[int]:
    return {id(one) for one in gc.get_objects() if isinstance(one, SnmpEngine)}


def test_200_dead_targets_cost_one_engine_and_their_timeout(dead: int) -> None:
    others = _engines() - {id(engine())}  # of simulated agents that other tests left behind
    alone, outcome = asyncio.run(timed(dead_entry(0, dead)))
    assert outcome == "Timeout"
    assert 3 <= alone < 4.5, "the first try and the second"

    async def all_at_once() -> list[tuple[float, str]]:
        return await asyncio.gather(*(timed(dead_entry(number, dead)) for number in range(200)))

    began = time.monotonic()
    outcomes = asyncio.run(all_at_once())
    whole = time.monotonic() - began
    assert {outcome for _, outcome in outcomes} == {"Timeout"}
    assert whole < 1.5 * alone, f"{whole:.2f} seconds for 200, {alone:.2f} for one"
    assert [thread.name for thread in threading.enumerate()].count("netres-snmp") == 1
    assert not _engines() - others - {id(engine())}
    assert engine() is engine()


def told(values: Pairs) -> dict[str, int | str]:
    """What a session makes of some values, by the last number of their OIDs."""
    root = "1.3.6.1.4.1.99999.1"

    def answer(kind: str, oids: list[str], repetitions: int) -> tuple[int, int, Pairs]:
        pairs = [(f"{root}.{place}", value) for place, (_, value) in enumerate(values, 1)]
        return (0, 0, [pair for pair in pairs if pair[0] in oids] if kind == "GetRequestPDU" else pairs)

    with MadeUpAgent(answer) as agent, closing(SnmpTransport.open(agent.entry())) as session:
        body = session.execute(Snmp("get", tuple(f"{root}.{place + 1}" for place in range(len(values))))).body
    assert isinstance(body, dict)
    return {oid.rpartition(".")[2]: value for oid, value in body.items() if isinstance(value, int | str)}


def test_every_type_of_value_is_told_alike() -> None:
    """An IpAddress is four octets, an OID is dotted text, even where they look the same."""
    values = [
        v2c.Integer32(-7),
        v2c.Counter64(2**64 - 1),
        v2c.Gauge32(2**32 - 1),
        v2c.TimeTicks(5),
        v2c.OctetString(bytes(range(256))),
        v2c.OctetString(""),
        v2c.IpAddress("192.0.2.1"),
        v2c.IpAddress("0.0.0.0"),
        v2c.ObjectIdentifier("1.3.6.1.4.1.8072"),
        v2c.ObjectIdentifier("0.0"),
    ]
    wanted = [-7, 2**64 - 1, 2**32 - 1, 5, bytes(range(256)).decode("latin-1"), "", "\xc0\0\2\1", "\0" * 4]
    assert list(told([("", value) for value in values]).values()) == [*wanted, "1.3.6.1.4.1.8072", "0.0"]
    for value, text in ((v2c.IpAddress("1.3.6.1"), "\1\3\6\1"), (v2c.ObjectIdentifier("1.3.6.1"), "1.3.6.1")):
        assert told([("", value)]) == {"1": text}
