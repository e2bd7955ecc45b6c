"""Sessions with real SNMP agents, and the ways not to get one."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from needed import need

from netres.errors import NetresError
from netres.flow import Snmp
from netres.inventory.entry import Entry
from netres.model.secret import Secret
from netres.transport import snmp, snmp_fast
from netres.transport.snmp import SnmpTransport

NAME = "1.3.6.1.2.1.1.5.0"
GET_NAME = Snmp("get", (NAME,))
Opened = Callable[[Entry], SnmpTransport]


@pytest.fixture(params=["pysnmp", "gufo"], autouse=True)
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the tests of a module that imports it run over both libraries."""
    if request.param == "pysnmp":
        monkeypatch.setattr(snmp, "available", lambda: False)
    else:
        need(None if snmp_fast.available() else "gufo-snmp is not installed: pip install 'netres[fast-snmp]'")


def refused(entry: Entry) -> tuple[NetresError, float]:
    """The error of a session that cannot be made, and the seconds that took."""
    began = time.monotonic()
    with pytest.raises(NetresError) as caught:
        SnmpTransport.open(entry)
    return caught.value, time.monotonic() - began


def changed(entry: Entry, **settings: object) -> Entry:
    return entry.model_copy(update={"snmp": entry.snmp.model_copy(update=settings)})


def wrong() -> Secret:
    return Secret.observed("not-the-s3cret")
