"""Media policies as rows of the table netres_trunk: ``media.NAME`` and flags of Kamailio's module rtpengine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from netres.model import Item, Key, MediaPolicy
from netres_drivers.kamailio import table

_DIRECT: Final = "direct"
_RELAY: Final = "replace-origin replace-session-connection"
# Without ICE=... rtpengine takes the caller's candidates out where there are any, so "optional" is what passes them on.
_ICE: Final[Mapping[str, str]] = {"remove": " ICE=remove", "offer": " ICE=force", "pass": " ICE=optional"}
_ASYMMETRIC: Final[Mapping[bool, str]] = {True: "", False: " asymmetric"}
_FLAGS: Final[Mapping[str, Mapping[str, object]]] = {
    f"{_RELAY}{ice}{asymmetric}": {"relay": True, "ice": name, "symmetric_rtp": symmetric}
    for name, ice in _ICE.items()
    for symmetric, asymmetric in _ASYMMETRIC.items()
} | {_DIRECT: {"relay": False}}


def claim(line: str) -> tuple[Key, Mapping[str, object] | None] | None:
    """Whose row it is, and what it says."""
    fields = table.fields(line)
    if not fields or not fields[0].startswith("media."):
        return None
    key = Key("media_policy", (fields[0].removeprefix("media."),))
    flags = fields[3] if len(fields) == 5 else ""
    if flags not in _FLAGS or line != table.row(fields[0], 0, 0, flags, 0):
        return key, None
    return key, {"row": line, **_FLAGS[flags]}


def make(key: Key, said: Iterable[tuple[str, Mapping[str, object]]]) -> Item:
    """The policy that a row names.

    Raises:
        ValueError: there are several.
    """
    ((_, values),) = said
    return MediaPolicy.model_validate({"name": key.values[0], **{k: v for k, v in values.items() if k != "row"}})


def lines(policy: MediaPolicy) -> tuple[str, ...]:
    """The row of a policy."""
    flags = _RELAY + _ICE[policy.ice] + _ASYMMETRIC[policy.symmetric_rtp] if policy.relay else _DIRECT
    return (table.row(f"media.{policy.name}", 0, 0, flags, 0),)
