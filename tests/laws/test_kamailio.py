"""The laws over a real Kamailio, over real SSH."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest
from everywhere import Everywhere
from needed import need

from netres import observation, registry
from netres.flow import Transport, run
from netres.testing.conformance import Subject
from netres.transport import open_transport
from netres_drivers.kamailio.lab import KamailioLab, available

pytestmark = pytest.mark.real

_BY_HAND = (
    ("dispatcher.list", "# by hand"),
    ("dispatcher.list", "7 sip:192.0.2.99:5060 0 10 duid=own;maxload=10"),
    ("dispatcher.list", "8 sip:192.0.2.98:5060 0 10 trunk=by-hand;rweight=1;socket=udp:127.0.0.1:5060"),
    ("address.list", "  # by hand"),
    ("address.list", "2 10.0.0.0 8 0 office"),
    ("netres_trunk", "note.by-hand:0:0:leave this alone:0"),
    ("netres_trunk", "media.by-hand:0:0:record-call=on:0"),
    ("netres_route", "2:1:1:^9[0-9]*$:0:::by-hand"),
)


class KamailioSubject(Subject):
    """A real Kamailio, looked at from inside its namespace."""

    def __init__(self, lab: KamailioLab) -> None:
        self.lab = lab
        transport = self.open()
        self.driver = run(observation.fitted(registry.get("kamailio"), lab.entry().options), transport.execute)
        transport.close()

    def open(self) -> Transport:
        return open_transport(self.lab.entry(), registry.get("kamailio"))

    def native(self) -> str:
        return self.lab.native()

    def reset(self) -> None:
        self.lab.reset()

    def scribble(self) -> Sequence[str]:
        for name, line in _BY_HAND:
            self.lab.append(name, line)
        self.lab.reload()
        return [line for _, line in _BY_HAND]

    def left_open(self) -> Sequence[str]:
        """Files of a change; and destinations that Kamailio has and its list has not, or the other way round."""
        files = [path.name for path in self.lab.directory.glob("*.netres-*")]
        listed = set(re.findall(r"^\d+ (sip:\S+)", self.lab.read("dispatcher.list"), re.MULTILINE))
        runs = set(re.findall(r"URI: (sip:\S+)", self.lab.rpc("dispatcher.list")))
        return [*files, *sorted(listed ^ runs)]

    def reboot(self) -> bool:
        self.lab.restart()
        return True


@pytest.fixture(scope="module")
def kamailio() -> Iterator[KamailioSubject]:
    need(available())
    with KamailioLab() as lab:
        yield KamailioSubject(lab)


class TestKamailio(Everywhere):
    @pytest.fixture
    def subject(self, kamailio: KamailioSubject) -> KamailioSubject:
        return kamailio
