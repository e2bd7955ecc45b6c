"""What a change does to those who use the network while it is made. Data only."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Effect(BaseModel):
    """One thing that a change touches."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: Literal[
        "radio_restart", "service_restart", "wireless_client", "call", "bgp_session", "ospf_adjacency", "route"
    ]
    where: str
    """The thing: a radio's name, a trunk's, the address of a neighbour."""
    count: int | None = None
    """How many are touched now; ``None``: not known, which is never the same as 0."""
    how: str = ""
    """What happens to them, in words: ``is thrown off the air and joins again``."""


class Impact(BaseModel):
    """What a plan touches, and whether our own way to the device runs over it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    effects: tuple[Effect, ...] = ()
    management: Literal["yes", "no", "unknown"] = "unknown"
    """Whether the session by which the device is managed runs over what changes."""
    why: str = "the driver does not tell"
    """How that is known, or why it is not."""
    known: bool = False
    """Whether ``effects`` is all there is; not known: there may be more."""
