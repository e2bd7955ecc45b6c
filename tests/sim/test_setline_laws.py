"""The laws over a driver for set lines and the simulated router it talks to: each holds the other to its word."""

from __future__ import annotations

import pytest
from setline_driver import SetLineSubject

from netres.testing.conformance import LAWS, Law


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law: Law) -> None:
    subject = SetLineSubject()
    law(subject)
    assert subject.store.left_open() == ()
