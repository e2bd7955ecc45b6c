"""A real SBC, shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from needed import need

from netres.resource import Device
from netres_drivers.kamailio.lab import KamailioLab, available


@pytest.fixture(scope="module")
def sbc() -> Iterator[KamailioLab]:
    need(available())
    with KamailioLab() as running:
        running.sipp.answer(5971)
        running.sipp.answer(5972)
        running.sipp.answer(5973, transport="tcp")
        yield running


@pytest.fixture(scope="module")
def opened(sbc: KamailioLab) -> Iterator[Device]:
    with sbc.entry().connect() as device:
        yield device
