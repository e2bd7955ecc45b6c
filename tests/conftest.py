"""The laboratories of real routers and real agents, or the reason why there are none; and whose lines are counted."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator, Iterator
from typing import Final

import pytest
from needed import need

from netres_drivers.bird import lab as bird_routers
from netres_drivers.bird.lab import BirdLab
from netres_drivers.frr import lab as frr_lab
from netres_drivers.frr.lab import FrrLab
from netres_drivers.snmp import lab as snmp_agents
from netres_drivers.snmp.lab import SnmpLab

_LONG = ("laws", "real")
"""Folders whose modules take longest: they come first, so that no worker is left with one of them at the end."""
_COUNTED_ELSEWHERE: Final = (
    "core/test_injection.py",
    "drivers/test_hostapd_properties.py",
    "laws/test_frr.py",
    "laws/test_memory.py",
    "sim/test_arista_eos_laws.py",
    "sim/test_iosxe_laws.py",
    "sim/test_setline_laws.py",
    "test_docs.py",
)
"""Modules whose tests lead again and again through lines that others lead through too: to count lines there would take
longer than the tests themselves. So it is with law 10, but for one subject."""
_CHILDREN: Final = "COVERAGE_PROCESS_CONFIG"
"""Where it is set, every Python that is started counts lines as well."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None]:
    """What modules do when they are imported is counted by one worker: all import the same.

    What was imported stays to the end, so that the collector need not walk through it again and again.
    """
    counting = sys.gettrace()
    another = os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0"
    if another:
        sys.settrace(None)
    try:
        return (yield)
    finally:
        if another:
            sys.settrace(counting)
        gc.collect()
        gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.parent.name not in _LONG)


@pytest.fixture(autouse=True, scope="session")
def _own_journal(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test writes into the user's own journal; programs that tests start inherit this."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    os.environ.pop("NETRES_JOURNAL", None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Count no lines, here and in what is started, where others count them.

    In this thread alone: pytest-cov's own ``no_cover`` ends the counting in threads that live on, for good.
    """
    if (counting := sys.gettrace()) is None or not _counted_elsewhere(item):
        return (yield)
    children = os.environ.pop(_CHILDREN, None)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(counting)
        if children is not None:
            os.environ[_CHILDREN] = children


def _counted_elsewhere(item: pytest.Item) -> bool:
    place = item.nodeid.partition("::")[0]
    if item.name == "test_law_10_faults":
        return not place.endswith("laws/test_kamailio.py")
    return place.endswith(_COUNTED_ELSEWHERE)


@pytest.fixture(scope="module")
def lab() -> Iterator[FrrLab]:
    need(frr_lab.available())
    with FrrLab() as running:
        yield running


@pytest.fixture(scope="module")
def snmp_lab() -> Iterator[SnmpLab]:
    need(snmp_agents.available())
    with SnmpLab() as running:
        yield running


@pytest.fixture(scope="module")
def bird_lab() -> Iterator[BirdLab]:
    need(bird_routers.available())
    with BirdLab() as running:
        yield running
