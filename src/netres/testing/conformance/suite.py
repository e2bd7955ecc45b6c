"""The laws as tests: a class to be subclassed."""

from __future__ import annotations

from typing import ClassVar

import pytest

from netres.testing.conformance import faults, injection, laws
from netres.testing.conformance.subject import Subject


class DriverLaws:
    """The ten laws over one driver: a subclass has a fixture ``subject``, which gives its device under test."""

    everywhere: ClassVar[bool] = False
    """Whether law 10 breaks everything at every operation: operations times faults, instead of each once."""

    @pytest.fixture
    def subject(self) -> Subject:
        """The device under test; to be overridden."""
        pytest.fail(f"{type(self).__name__} has no fixture `subject`; it gives the device under test", pytrace=False)

    def test_law_1_round_trip(self, subject: Subject) -> None:
        """Reading what was written gives the same Items."""
        laws.law_1_round_trip(subject)

    def test_law_2_convergence(self, subject: Subject) -> None:
        """From any sample to any other; then there is nothing left to do."""
        laws.law_2_convergence(subject)

    def test_law_3_way_back(self, subject: Subject) -> None:
        """After apply and rollback the device's own configuration is byte for byte as before."""
        laws.law_3_way_back(subject)

    def test_law_4_not_mine_not_touched(self, subject: Subject) -> None:
        """Native lines that no feature owns survive."""
        laws.law_4_not_mine_not_touched(subject)

    def test_law_5_honest_capability(self, subject: Subject) -> None:
        """What is reported can be planned; what is not is refused."""
        laws.law_5_honest_capability(subject)

    def test_law_6_planning_sends_only_reads(self, subject: Subject) -> None:
        """A plan changes nothing."""
        laws.law_6_planning_sends_only_reads(subject)

    def test_law_7_order(self, subject: Subject) -> None:
        """No change precedes one it needs, and the order of Items does not matter."""
        laws.law_7_order(subject)

    def test_law_8_secrets_never_show(self, subject: Subject) -> None:
        """No secret in plans, results, reprs, errors and logs."""
        laws.law_8_secrets_never_show(subject)

    def test_law_9_no_injection(self, subject: Subject) -> None:
        """No value of any Item becomes a second command."""
        injection.law_9_no_injection(subject)

    def test_law_10_faults(self, subject: Subject) -> None:
        """Whatever breaks at whatever operation, what is told is true."""
        faults.law_10_faults(subject, everywhere=self.everywhere)
