"""Native lines under the laws: read back, idempotent, undone to the byte, told truthfully whatever breaks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from eos_driver import WITHOUT_TIMER
from setline_driver import DRIVER as SET_LINES

from netres import Config, Device, NativeConfig, Outcome, RouteMap, Vlan, registry
from netres.driver import Driver
from netres.flow import Cli, Operation, Reply, Transport
from netres.model import RouteMapEntry
from netres.testing.conformance import SimulatedSubject, Subject, broken
from netres.testing.sim import registry as simulators
from netres.transport import open_transport
from netres_drivers.frr.lab import FrrLab, Router

_MAP = RouteMap(name="OUT", entries=(RouteMapEntry(seq=10),))
_FRR = (
    Config.of([NativeConfig(name="filter", lines=("access-list 10 seq 5 permit 10.0.0.0/8",))]),
    Config.of(
        [
            _MAP,
            NativeConfig(
                name="filter",
                lines=(
                    "access-list 20 seq 5 permit 172.16.0.0/12",
                    "route-map OUT permit 10",
                    " set metric +5",
                    "bgp as-path access-list UP seq 5 permit _65000_",
                ),
                absent=("access-list 10 seq 5 permit 10.0.0.0/8",),
            ),
        ]
    ),
)
_EOS = (
    Config.of([Vlan(id=20, name="voice")]),
    Config.of(
        [
            Vlan(id=20, name="data"),
            NativeConfig(
                name="log", lines=("logging host 192.0.2.9", "ip prefix-list P", " seq 10 permit 192.0.2.0/24")
            ),
        ]
    ),
)
_SETS = (
    Config.of([Vlan(id=20, name="voice")]),
    Config.of(
        [
            Vlan(id=20, name="data"),
            NativeConfig(
                name="lldp",
                lines=("set protocols lldp interface ge-0/0/3", "set protocols lldp interface ge-0/0/4"),
            ),
        ]
    ),
)


class _Between(SimulatedSubject):
    """A simulated device that is led between two configurations with native lines."""

    pair: tuple[Config, Config]

    def change(self) -> tuple[Config, Config]:
        return self.pair


def _simulated(driver: Driver, platform: str, pair: tuple[Config, Config]) -> _Between:
    subject = _Between(driver, simulators.get(platform).make("r1"), ())
    subject.pair = pair
    return subject


SUBJECTS = {
    "frr": lambda: _simulated(registry.get("frr"), "frr", _FRR),
    "eos": lambda: _simulated(WITHOUT_TIMER, "arista_eos", _EOS),
    "set": lambda: _simulated(SET_LINES, "juniper_junos", _SETS),
}


@pytest.fixture(params=sorted(SUBJECTS))
def subject(request: pytest.FixtureRequest) -> _Between:
    return SUBJECTS[request.param]()


def _led_there_and_back(subject: Subject) -> None:
    first, wanted = subject.change()
    subject.reset()
    with Device("r1", subject.driver, subject.open()) as device:
        assert device.apply(device.plan(first)).outcome is Outcome.APPLIED
        before = subject.native()
        plan = device.plan(wanted)
        assert subject.native() == before
        assert not subject.left_open()
        lines = [line for item in wanted.items if isinstance(item, NativeConfig) for line in item.lines]
        assert str(lines[-1]).split()[-1] in plan.diff
        result = device.apply(plan)
        assert result.outcome is Outcome.APPLIED, f"{result.error} {result.differences}"
        assert device.plan(wanted).empty
        back = device.rollback(result)
        assert (back.outcome, back.exact) == (Outcome.APPLIED, True), back.differences
        assert subject.native() == before


def test_applied_read_back_and_undone_to_the_byte(subject: _Between) -> None:
    _led_there_and_back(subject)


def test_whatever_breaks_is_told_truthfully(subject: _Between) -> None:
    matrix = broken(subject)
    assert not matrix.wrong, "\n".join((str(matrix), *matrix.wrong))


@pytest.mark.slow
def test_everything_breaks_at_every_operation(subject: _Between) -> None:
    matrix = broken(subject, everywhere=True)
    assert not matrix.wrong, "\n".join((str(matrix), *matrix.wrong))


class _Spoiling:
    """A session in which the line with a number, of those of a plan, is another one, which the device refuses."""

    def __init__(self, inner: Transport, at: int) -> None:
        self.inner, self.at = inner, at
        self.lines: tuple[str, ...] = ()

    def execute(self, operation: Operation) -> Reply:
        if operation.writes and self.lines and str(operation) == self.lines[0]:
            self.lines = self.lines[1:]
            self.at -= 1
            if self.at == -1:
                self.lines = ()
                operation = Cli(("no-such-word at all",))
        return self.inner.execute(operation)

    def close(self) -> None:
        self.inner.close()


def _refused_everywhere(subject: Subject) -> int:
    first, wanted = subject.change()
    subject.reset()
    with Device("r1", subject.driver, subject.open()) as device:
        device.apply(device.plan(first))
    before = subject.native()
    with Device("r1", subject.driver, subject.open()) as device:
        lines = device.plan(wanted).payload
    for at in range(len(lines)):
        link = _Spoiling(subject.open(), at)
        with Device("r1", subject.driver, link) as device:
            plan = device.plan(wanted)
            link.lines = plan.payload
            result = device.apply(plan, save=False)
            assert result.outcome is Outcome.NOT_APPLIED, f"line {at}: {result.outcome} {result.differences}"
            assert result.exact
            assert result.error_type == "Rejected"
        assert subject.native() == before, at
    return len(lines)


def test_a_refused_line_at_every_index_leaves_the_device_as_it_was(subject: _Between) -> None:
    assert _refused_everywhere(subject) >= 3


class _RealFrr(Subject):
    def __init__(self, router: Router) -> None:
        self.driver = registry.get("frr")
        self.router = router

    def open(self) -> Transport:
        return open_transport(self.router.entry(), self.driver)

    def native(self) -> str:
        return self.router.running_config()

    def reset(self) -> None:
        self.router.reset()

    def scribble(self) -> Sequence[str]:
        return ()

    def change(self) -> tuple[Config, Config]:
        return _FRR


def test_real_frr(lab: FrrLab) -> None:
    subject = _RealFrr(lab.routers["r1"])
    _led_there_and_back(subject)
    assert _refused_everywhere(subject) >= 3
