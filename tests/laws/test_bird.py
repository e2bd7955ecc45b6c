"""The laws over a real BIRD, over real SSH."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from everywhere import Everywhere

from netres import observation, registry
from netres.flow import Transport, run
from netres.testing.conformance import Subject
from netres.transport import open_transport
from netres_drivers.bird.lab import BirdLab

pytestmark = pytest.mark.real


class BirdSubject(Subject):
    """A real router, looked at from inside its namespace."""

    def __init__(self, lab: BirdLab) -> None:
        self.lab = lab
        transport = self.open()
        self.driver = run(observation.fitted(registry.get("bird"), lab.entry().options), transport.execute)
        transport.close()

    def open(self) -> Transport:
        return open_transport(self.lab.entry(), registry.get("bird"))

    def native(self) -> str:
        return self.lab.native()

    def reset(self) -> None:
        self.lab.reset()

    def scribble(self) -> Sequence[str]:
        return self.lab.scribble()

    def left_open(self) -> Sequence[str]:
        """Files of a change; and a serial on which BIRD runs and which the file does not have."""
        files = [path.name for path in self.lab.left_behind()]
        serial = self.lab.birdc("eval", "netres_serial").strip()
        runs = f"define netres_serial = {serial};" if serial.isdecimal() else ""
        same = runs in self.lab.file.read_text() if runs else "netres_serial" not in self.lab.file.read_text()
        return files if same else [*files, f"runs on {serial}"]

    def reboot(self) -> bool:
        self.lab.restart()
        return True


@pytest.fixture(scope="module")
def bird(bird_lab: BirdLab) -> BirdSubject:
    return BirdSubject(bird_lab)


class TestBird(Everywhere):
    @pytest.fixture
    def subject(self, bird: BirdSubject) -> BirdSubject:
        return bird
