"""The laws over a real hostapd, over real SSH."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from needed import need

from netres import observation, registry
from netres.driver import Driver
from netres.flow import Transport, run
from netres.testing.conformance import LAWS, Law
from netres.transport import open_transport
from netres_drivers.hostapd.lab import HostapdLab, available

pytestmark = pytest.mark.real


class HostapdSubject:
    """A real access point without radios, looked at from inside its namespace."""

    def __init__(self, lab: HostapdLab) -> None:
        self.lab = lab
        self.entry = lab.entry()
        transport = open_transport(self.entry, registry.get("hostapd"))
        try:
            fitted = observation.fitted(registry.get("hostapd"), self.entry.options)
            self.driver: Driver = run(fitted, transport.execute)
        finally:
            transport.close()

    def open(self) -> Transport:
        return open_transport(self.entry, self.driver)

    def native(self) -> str:
        return self.lab.native()

    def reset(self) -> None:
        self.lab.reset()

    def scribble(self) -> Sequence[str]:
        return self.lab.scribble()


@pytest.fixture(scope="module")
def subject() -> Iterator[HostapdSubject]:
    need(available())
    with HostapdLab() as lab:
        yield HostapdSubject(lab)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law: Law, subject: HostapdSubject) -> None:
    law(subject)
