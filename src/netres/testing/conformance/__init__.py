"""The laws every driver keeps, over a device under test.

A driver's own tests subclass one class:

    from netres.testing.conformance import DriverLaws, SimulatedSubject

    class TestMyDriver(DriverLaws):
        @pytest.fixture
        def subject(self) -> SimulatedSubject:
            return SimulatedSubject(DRIVER, make("r1"), by_hand=("snmp-server location attic",))

and pytest runs law 1 to law 10 on it. `LAWS` are the same laws as functions; a law raises AssertionError with what it
found. Laws leave the device in any state: each begins with ``reset``. Law 10 over many devices in one transaction is
`netres.testing.conformance.transactions.law_10_transactions`.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from netres.testing.conformance.bench import Bench, Recorder
from netres.testing.conformance.faults import Matrix, broken, law_10_faults
from netres.testing.conformance.injection import law_9_no_injection
from netres.testing.conformance.laws import (
    law_1_round_trip,
    law_2_convergence,
    law_3_way_back,
    law_4_not_mine_not_touched,
    law_5_honest_capability,
    law_6_planning_sends_only_reads,
    law_7_order,
    law_8_secrets_never_show,
)
from netres.testing.conformance.subject import SimulatedSubject, Subject
from netres.testing.conformance.suite import DriverLaws

Law: TypeAlias = Callable[[Subject], None]
LAWS: Final[tuple[Law, ...]] = (
    law_1_round_trip,
    law_2_convergence,
    law_3_way_back,
    law_4_not_mine_not_touched,
    law_5_honest_capability,
    law_6_planning_sends_only_reads,
    law_7_order,
    law_8_secrets_never_show,
    law_9_no_injection,
    law_10_faults,
)
"""The laws, in their order."""

__all__ = [
    "LAWS",
    "Bench",
    "DriverLaws",
    "Law",
    "Matrix",
    "Recorder",
    "SimulatedSubject",
    "Subject",
    "broken",
]
