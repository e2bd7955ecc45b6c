"""The laws over a real hostapd, over real SSH."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from everywhere import Everywhere
from needed import need

from netres import observation, registry
from netres.flow import Transport, run
from netres.model import Config, Secret, Wlan, WlanSecurity
from netres.testing.conformance import Subject
from netres.testing.samples import SECRET
from netres.transport import open_transport
from netres_drivers.hostapd.lab import HostapdLab, available

pytestmark = pytest.mark.real


class HostapdSubject(Subject):
    """A real access point without radios, looked at from inside its namespace."""

    def __init__(self, lab: HostapdLab) -> None:
        self.lab = lab
        self.entry = lab.entry()
        transport = open_transport(self.entry, registry.get("hostapd"))
        try:
            fitted = observation.fitted(registry.get("hostapd"), self.entry.options)
            self.driver = run(fitted, transport.execute)
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

    def left_open(self) -> Sequence[str]:
        return [path.name for path in self.lab.left_behind()]

    def reboot(self) -> bool:
        self.lab.restart()
        return True

    def change(self) -> tuple[Config, Config]:
        """Of one radio: each start of a radio takes its time."""
        corp = Wlan(name="corp", ssid="Corp", security=WlanSecurity(mode="psk", passphrase=Secret.observed(SECRET)))
        guest = Wlan(name="guest", ssid="Guests", client_isolation=True)
        one, other = Config.of([corp, guest]), Config.of([corp.model_copy(update={"ssid": "Corporation"})])
        return one, other


@pytest.fixture(scope="module")
def hostapd() -> Iterator[HostapdSubject]:
    need(available())
    with HostapdLab() as lab:
        yield HostapdSubject(lab)


class TestHostapd(Everywhere):
    @pytest.fixture
    def subject(self, hostapd: HostapdSubject) -> HostapdSubject:
        return hostapd
