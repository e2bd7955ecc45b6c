"""The pytest plugin: a laboratory of simulated devices for each test that asks for one.

    @pytest.mark.netres_lab(r1="PLATFORM", r2="ANOTHER")
    def test_orchestrator(netres_lab):
        netres_lab["r1"].fail("cut-after", on="^router bgp")
        ...

Fixtures: ``netres_lab``, a running `netres.testing.sim.Lab` with the devices that the marker ``netres_lab`` names, or
that the fixture ``netres_devices`` gives; ``netres_device``, its device where there is one. Where a test fails, what
was said to each device is part of the report, secrets masked.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Final, cast

import pytest

if TYPE_CHECKING:  # pytest loads every plugin always: nothing heavy before a test asks for it
    from netres.testing.sim import Lab, Simulated, Simulator

MARKER: Final = "netres_lab"
_SHOWN: Final = 40
"""Exchanges of each device in a report."""


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker is for."""
    config.addinivalue_line("markers", f"{MARKER}(**devices): simulated devices by name: their platforms or simulators")


@pytest.fixture
def netres_devices(request: pytest.FixtureRequest) -> Mapping[str, str | Simulator]:
    """From each device's name to its platform: what the nearest marker ``netres_lab`` says. Made to be overridden."""
    marker = request.node.get_closest_marker(MARKER)
    if marker is None or not marker.kwargs or marker.args:
        pytest.fail(
            f'no devices are named; mark the test with @pytest.mark.{MARKER}(r1="PLATFORM"), or override the fixture '
            f"netres_devices",
            pytrace=False,
        )
    return cast("Mapping[str, str | Simulator]", marker.kwargs)


@pytest.fixture
def netres_lab(netres_devices: Mapping[str, str | Simulator]) -> Iterator[Lab]:
    """Simulated devices as servers on loopback, for one test."""
    from netres.testing.sim import Lab

    with Lab(netres_devices) as lab:
        yield lab


@pytest.fixture
def netres_device(netres_lab: Lab) -> Simulated:
    """The device of the laboratory, where there is one."""
    if len(netres_lab.names) != 1:
        pytest.fail(f"netres_device is for one device, there are: {', '.join(netres_lab.names)}", pytrace=False)
    return netres_lab[netres_lab.names[0]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what was said to each device."""
    report = yield
    lab = cast("dict[str, object]", getattr(item, "funcargs", {})).get("netres_lab")
    if report.when == "call" and report.failed and lab is not None:
        for name, device in cast("Lab", lab).devices.items():
            report.sections.append((f"netres: what was said to {name}", told(device)))
    return report


def told(device: Simulated) -> str:
    """The last exchanges with a device, and the faults that struck."""
    left_out = len(device.dialogue) - _SHOWN
    head = f"(the first {left_out} are left out)\n" if left_out > 0 else ""
    return head + "".join(map(str, device.dialogue[-_SHOWN:])) or "(nothing)"
