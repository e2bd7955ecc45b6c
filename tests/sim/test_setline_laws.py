"""The laws over a driver for set lines and the simulated router it talks to: each holds the other to its word."""

from __future__ import annotations

import pytest
from everywhere import Everywhere
from setline_driver import set_line_subject

from netres.testing.conformance import SimulatedSubject


class TestSetLines(Everywhere):
    @pytest.fixture
    def subject(self) -> SimulatedSubject:
        return set_line_subject()
