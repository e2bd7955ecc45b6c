"""The laboratories of real routers and real agents, or the reason why there are none."""

from __future__ import annotations

import os
from collections.abc import Iterator

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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.parent.name not in _LONG)


@pytest.fixture(autouse=True, scope="session")
def _own_journal(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test writes into the user's own journal; programs that tests start inherit this."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    os.environ.pop("NETRES_JOURNAL", None)


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
