"""What a change of the system group touches: names that people read, and nothing that carries packets."""

from __future__ import annotations

from collections.abc import Sequence

from netres.change import Change
from netres.driver import Scope
from netres.flow import Flow
from netres.impact import Impact


def impact(changes: Sequence[Change], scope: Scope) -> Flow[Impact]:
    """Nothing; it is not asked."""
    yield from ()
    why = "sysName, sysContact and sysLocation (RFC 3418) are for people; no packet goes by them"
    return Impact(management="no", why=why, known=True)
