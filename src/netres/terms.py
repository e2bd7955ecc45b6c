"""On what terms a plan is applied. Data only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final, Literal, TypedDict

from netres.confirming import Confirming, Trial
from netres.errors import UsageError
from netres.flow import Operation
from netres.plan import Guarantee, Plan

_MARK: Final = "0c0c"
TOKEN: Final = re.compile(rf"\b{_MARK}[0-9a-f]{{8}}\b")
"""By its beginning a recording knows a token, which is another one each time."""
AT_ONCE: Final = 120
"""Seconds for which a change is on trial that is confirmed as soon as it was read back."""


class ApplyTerms(TypedDict, total=False):
    """What `Device.apply` takes by name."""

    save: bool
    """Have the device keep it for its next start; default: true."""
    at_least: Guarantee | Literal["atomic", "confirmed", "compensated", "best-effort"]
    """The weakest guarantee that will do; default: any. A weaker one is refused before anything is sent."""
    confirm_within: float
    """Seconds within which it is confirmed, or else taken back; default: confirmed as soon as it was read back."""
    drain: float
    """Seconds to wait for what is in progress to end, while nothing new is let in; default: not waited for."""
    over_management: bool
    """Also where our own way to the device runs over what changes, and nothing on the device would take it back."""
    why: str
    """For the journal: the reason."""
    ticket: str
    """For the journal: the number of the change request."""


@dataclass(frozen=True)
class Terms:
    """`ApplyTerms`, checked, with what was left out."""

    save: bool = True
    at_least: Guarantee = Guarantee.BEST_EFFORT
    confirm_within: float | None = None
    drain: float | None = None
    over_management: bool = False
    why: str = ""
    ticket: str = ""
    token: str = field(default_factory=lambda: _MARK + token_hex(4))

    @classmethod
    def of(cls, given: ApplyTerms) -> Terms:
        """The terms.

        Raises:
            UsageError: one of them is not usable; it names the field, the value and the remedy.
        """
        for unknown in given.keys() - ApplyTerms.__optional_keys__:
            known = ", ".join(sorted(ApplyTerms.__optional_keys__))
            raise UsageError(f"{unknown} is no term of an apply; there are: {known}")
        for name, seconds in (("confirm_within", given.get("confirm_within")), ("drain", given.get("drain"))):
            if seconds is not None and not 0 < seconds <= 86400:
                raise UsageError(f"{name} is {seconds!r}; give seconds: more than 0, at most 86400 (a day)")
        floor = str(given.get("at_least", Guarantee.BEST_EFFORT))
        if floor not in set(Guarantee):
            raise UsageError(f"at_least is {floor!r}; there are: {', '.join(Guarantee)}")
        return cls(
            save=given.get("save", True),
            at_least=Guarantee(floor),
            confirm_within=given.get("confirm_within"),
            drain=given.get("drain"),
            over_management=given.get("over_management", False),
            why=given.get("why", ""),
            ticket=given.get("ticket", ""),
        )

    def trial(self, plan: Plan, confirming: Confirming | None, back: tuple[Operation, ...] = ()) -> Trial | None:
        """What is armed on the device for a plan: its own timer always, a program of ours where it is asked for."""
        if plan.timer is None or confirming is None:
            return None
        asked = (
            self.confirm_within is not None
            or self.at_least.reaches(Guarantee.CONFIRMED)
            or plan.impact.management == "yes"
        )
        if confirming.program and not asked:
            return None
        return Trial(confirming.seconds(self.confirm_within or AT_ONCE), self.token, back)
