"""What trunks have beside their peers, as rows of the table netres_trunk: ``max_sessions.NAME`` and the like."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, cast

from netres.errors import InvalidConfig
from netres.model import Item, Key, SipTrunk
from netres_drivers.kamailio import peers, table
from netres_drivers.kamailio.script import DISPATCHER

HEADER: Final = "key_name(string) key_type(int) value_type(int) key_value(string) expires(int)\n"
_SRTP: Final[Mapping[str | None, str]] = {
    None: "",
    "off": "RTP/AVP",
    "optional": "RTP/AVP OSRTP-offer DTLS=off",  # RFC 8643
    "required": "RTP/SAVP DTLS=off",
}
_STRIP: Final = "codec-strip-all"
_OFFER: Final = "codec-offer-"
# Digits are no codec that a list of codecs leaves out.
_EVENTS: Final = "codec-offer-telephone-event"
_ALL: Final = frozenset({"ALL", "FULL"})


def _number(text: str) -> object:
    return int(text) if re.fullmatch(r"0|[1-9]\d{0,8}", text) else None


def _sets(text: str) -> object:
    return tuple(map(int, text.split("|"))) if re.fullmatch(r"\d+(\|\d+)*", text) else None


def _flags(text: str) -> object:
    """``srtp`` and ``codecs`` from flags of rtpengine."""
    head, found, tail = text.partition(_STRIP)
    srtp = next((name for name, flags in _SRTP.items() if flags == head.strip()), "")
    words = tail.split()
    if srtp == "" or (found and (words[-1:] != [_EVENTS] or not all(word.startswith(_OFFER) for word in words))):
        return None
    codecs = tuple(word.removeprefix(_OFFER) for word in words[:-1])
    return (srtp, codecs) if flags(srtp, codecs) == text else None


def flags(srtp: str | None, codecs: Sequence[str]) -> str:
    """Flags of rtpengine for what is offered to the peers."""
    offered = (_STRIP, *(f"{_OFFER}{codec}" for codec in codecs), _EVENTS) if codecs else ()
    return " ".join(word for word in (_SRTP[srtp], *offered) if word)


_FIELDS: Final[Mapping[str, tuple[int, Callable[[str], object]]]] = {
    "sets": (0, _sets),
    "max_sessions": (1, _number),
    "max_cps": (1, _number),
    "policy": (0, lambda text: text or None),
    "offer": (0, _flags),
}
"""By name: the type of the value in Kamailio's htable (0 text, 1 number), and what it means."""


def claim(line: str) -> tuple[Key, Mapping[str, object] | None] | None:
    """Whose row it is, and what it says."""
    fields = table.fields(line)
    name, found, trunk = (fields or ("",))[0].partition(".")
    if not found or name not in _FIELDS:
        return None
    key = Key("sip_trunk", (trunk,))
    kind, read = _FIELDS[name]
    value = read(fields[3]) if len(fields) == 5 else None
    if value is None or line != table.row(fields[0], 0, kind, fields[3], 0):
        return key, None
    return key, {"row": line, name: value}


def spell(values: Mapping[str, object]) -> str:
    """The row that says so: rows are taken in one spelling alone."""
    return str(values["row"])


def make(key: Key, said: Iterable[tuple[str, Mapping[str, object]]]) -> Item:
    """The trunk that lines of dispatcher's list, and rows, name.

    Raises:
        ValueError: they do not go together.
    """
    found: dict[str, object] = {}
    ends: list[Mapping[str, object]] = []
    for file, values in said:
        if file == DISPATCHER:
            ends.append(values)
            continue
        name = next(name for name in values if name != "row")
        if name in found:
            raise ValueError(f"{name} stands there twice")
        found[name] = values[name]
    sets = found.pop("sets", None)
    if sets is not None and set(cast("tuple[int, ...]", sets)) != {values["set"] for values in ends}:
        raise ValueError("the sets are not those of the peers")
    srtp, codecs = cast("tuple[str | None, tuple[str, ...]]", found.pop("offer", (None, ())))
    return SipTrunk.model_validate(
        {
            "name": key.values[0],
            "peers": tuple(peers.make(values) for values in ends),
            "srtp": srtp,
            "codecs": codecs,
            "max_sessions": found.get("max_sessions"),
            "max_cps": found.get("max_cps"),
            "media_policy": found.get("policy"),
        }
    )


def lines(trunk: SipTrunk, sets: Sequence[int]) -> tuple[str, ...]:
    """The rows of a trunk with these sets."""
    values = {
        "sets": "|".join(map(str, sets)),
        "max_sessions": trunk.max_sessions,
        "max_cps": trunk.max_cps,
        "policy": trunk.media_policy,
        "offer": flags(trunk.srtp, trunk.codecs) or None,
    }
    return tuple(
        table.row(f"{name}.{trunk.name}", 0, _FIELDS[name][0], str(value), 0)
        for name, value in values.items()
        if value is not None
    )


def check(trunk: SipTrunk) -> None:
    """Refuse names of codecs that mean something else to rtpengine.

    Raises:
        InvalidConfig: naming the codec.
    """
    if taken := _ALL.intersection(trunk.codecs):
        raise InvalidConfig(f"sip_trunk[{trunk.name}] codecs: {min(taken)} is no codec to rtpengine; name the codecs")
