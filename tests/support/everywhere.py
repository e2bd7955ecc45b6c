"""Law 10 in full: by hand, as it takes minutes. ``pytest -m slow tests/laws``."""

from __future__ import annotations

import sys

import pytest

from netres.testing.conformance import DriverLaws, Subject, broken


class Everywhere(DriverLaws):
    """The laws, and every fault at every operation."""

    @pytest.mark.slow
    def test_every_fault_at_every_operation(self, subject: Subject, capsys: pytest.CaptureFixture[str]) -> None:
        matrix = broken(subject, everywhere=True)
        with capsys.disabled():
            sys.stdout.write(f"\n{matrix}\n")
        assert not matrix.wrong, "\n".join((str(matrix), *matrix.wrong))
