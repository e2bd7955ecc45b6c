"""What a change does to those who use the network while it is made. Data only."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

What = Literal[
    "radio_restart",
    "service_restart",
    "access_point",
    "wireless_client",
    "call",
    "bgp_session",
    "ospf_adjacency",
    "route",
]
Answer = Literal["yes", "no", "unknown"]


class Effect(BaseModel):
    """One thing that a change touches."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: What
    where: str
    """The thing: a radio's name, a trunk's, the address of a neighbour."""
    count: Annotated[int, Field(ge=0)] | None = None
    """How many are touched now, as the device tells; ``None``: not known, which is never the same as 0."""
    how: str = ""
    """What happens to them, in words: ``are thrown off, and join again by themselves``."""


class Impact(BaseModel):
    """What a plan touches, and whether our own way to the device runs over it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    effects: tuple[Effect, ...] = ()
    management: Answer = "unknown"
    """Whether the session by which the device is managed runs over what changes."""
    why: str = "the driver does not tell"
    """How `management` is known, or why it is not."""
    known: bool = False
    """Whether ``effects`` is all there is; not known: there may be more."""
    notes: tuple[str, ...] = ()
    """Why `effects` is not all there is, and what else is to be said."""


NOTHING = Impact(management="no", why="nothing changes", known=True)
"""Of a plan without changes."""
