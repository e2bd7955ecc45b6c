"""Flows, operations, and what goes wrong in a driver."""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import replace

import pytest
from sessions import FRR, MEMORY, VLANS, Breaking

from netres.driver import Facts
from netres.errors import (
    InvalidConfig,
    NetresError,
    ParseError,
    Rejected,
    SecretError,
    StalePlan,
    TransportError,
    Unsupported,
)
from netres.flow import Cli, Exec, Flow, Http, Operation, Reconnect, Reply, ask, run
from netres.model import (
    Secret,
)
from netres.plan import ApplyResult, Outcome
from netres.resource import AsyncDevice, Device
from netres.transport.fake import FakeTransport
from netres.transport.threads import ThreadedTransport
from netres_drivers.memory.device import MemoryDevice


@pytest.mark.parametrize(
    "error",
    [Rejected("show", "no"), Unsupported("no", MEMORY.capability("vlan")), StalePlan("x"), TransportError("y")],
)
def test_errors_can_be_sent_between_processes(error: NetresError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


class TestFlows:
    def test_the_same_flow_awaited(self, native: MemoryDevice) -> None:
        async def main() -> ApplyResult:
            async with AsyncDevice("m1", MEMORY, ThreadedTransport(native.session())) as device:
                assert repr(device) == "AsyncDevice('m1', 'memory')"
                assert await device.capabilities() == MEMORY.capabilities()
                with pytest.raises(InvalidConfig):
                    await device.observe(["x"])
                return await device.apply(await device.plan(VLANS))

        assert asyncio.run(main()).outcome is Outcome.APPLIED
        assert len(native.running["vlan"]) == 2

    def test_errors_of_operations_reach_the_flow(self) -> None:
        def flow() -> Flow[str]:
            try:
                yield from ask(Reconnect())
            except TransportError as error:
                return str(error)
            return "no error"

        def cut(operation: Operation) -> Reply:
            raise TransportError(f"{operation} failed")

        assert run(flow(), cut) == "reconnect failed"

    def test_operations_cannot_hold_a_second_line(self) -> None:
        with pytest.raises(InvalidConfig, match="control character or line break"):
            Cli(("a\nb",))
        with pytest.raises(SecretError, match="control character"):
            Cli(("a ", Secret.observed("b\nc"))).reveal()
        assert Cli(("a ", Secret("env:X"))).width == 7
        assert Cli(("a ", Secret.observed("four"))).width == 6
        assert Exec("true", ("a", Secret.observed("b"))).reveal() == "ab"

    def test_what_a_program_is_fed_can_be_shown_and_stored_whatever_its_bytes_are(self) -> None:
        fed = b"caf\xe9\n".decode(errors="surrogateescape")
        operation = Exec("cat > file", (fed,), writes=True)
        assert operation.reveal() == fed
        assert str(operation).encode() == "cat > file\ncaf\ufffd".encode()
        assert Http("GET", "/x").reveal() is None
        assert [Http(method, "/").writes for method in ("GET", "HEAD", "POST")] == [False, False, True]

    def test_what_several_features_read_is_parsed_once(self) -> None:
        calls: list[str] = []

        def count(reply: Reply) -> int:
            calls.append(reply.text)
            return len(reply.text)

        reply = Reply("abc")
        assert [reply.parsed(count), reply.parsed(count)] == [3, 3]
        assert calls == ["abc"]

    def test_each_reading_operation_is_asked_once(self) -> None:
        asked: list[str] = []

        def answer(operation: Operation) -> Reply:
            asked.append(str(operation))
            return Reply("hostname r1\nend\n")

        device = Device("r1", FRR, FakeTransport(answer))
        assert repr(device) == "Device('r1', 'frr')"
        assert len(device.observe()) == 1
        assert asked == ["show running-config"]


class TestSlips:
    """What a driver stumbles over is told, and leaves no half-applied change behind."""

    def test_in_reading(self, native: MemoryDevice) -> None:
        def facts() -> Flow[Facts]:
            yield from ask(Http("GET", "/config"))
            raise IndexError("list index out of range")

        device = Device("m1", replace(MEMORY, facts=facts), native.session())
        with pytest.raises(ParseError, match="IndexError: list index out of range"):
            device.facts()

    def test_in_the_read_back(self, native: MemoryDevice) -> None:
        class Garbled(Breaking):
            garbled = False

            def execute(self, operation: Operation) -> Reply:
                self.garbled |= operation.writes
                if self.garbled and str(operation) == "GET /vlan":
                    return Reply(body=["garbage"])
                return self.inner.execute(operation)

        device = Device("m1", MEMORY, Garbled(native.session(), "x", TransportError()))
        result = device.apply(device.plan(VLANS))
        assert result.outcome is Outcome.UNKNOWN
        assert result.error_type == "ParseError"

    def test_one_text_is_no_set_of_kinds(self, device: Device) -> None:
        with pytest.raises(InvalidConfig, match="kinds are given as a set of names, not as one text"):
            device.observe("vlan")
