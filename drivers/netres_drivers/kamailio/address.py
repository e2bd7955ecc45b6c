"""Allowed peers as lines of the address file of Kamailio's module permissions: ``1 192.0.2.64 32 0 pbx``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from netres.errors import InvalidConfig
from netres.model import AllowedPeer, Item, Key

GROUP: Final = 1
"""netres.cfg asks for this group; others are the administrator's."""
_LINE: Final = re.compile(
    r"\s*(?P<group>\d+)\s+(?P<address>[0-9a-fA-F:.]+)\s+(?P<length>\d{1,3})\s+(?P<port>\d{1,5})(?:\s+(?P<name>[^\s#]\S*))?\s*"
)


def claim(line: str) -> tuple[Key, Mapping[str, object] | None] | None:
    """Whose line it is, and what it says."""
    found = _LINE.fullmatch(line)
    if found is None or int(found["group"]) != GROUP:
        return None
    try:
        peer = AllowedPeer.model_validate(
            {"prefix": f"{found['address']}/{found['length']}", "port": int(found["port"]), "name": found["name"]}
        )
        check(peer)
    except ValueError:
        return None
    except InvalidConfig:
        return None
    return peer.key, {"peer": peer}


def make(key: Key, said: Iterable[tuple[str, Mapping[str, object]]]) -> Item:
    """The peer that a line names.

    Raises:
        ValueError: there are several.
    """
    ((_, values),) = said
    return AllowedPeer.model_validate(values["peer"])


def spell(values: Mapping[str, object]) -> str:
    """The line that says so."""
    return lines(AllowedPeer.model_validate(values["peer"]))[0]


def lines(peer: AllowedPeer) -> tuple[str, ...]:
    """The line of a peer."""
    address, _, length = peer.prefix.partition("/")
    return (" ".join((str(GROUP), address, length, str(peer.port), *((peer.name,) if peer.name else ()))),)


def check(peer: AllowedPeer) -> None:
    """Refuse what permissions would take for something else.

    Raises:
        InvalidConfig: the prefix is everything, which permissions takes for the one address 0.0.0.0.
    """
    if peer.prefix.endswith("/0"):
        halves = "::/1 and 8000::/1" if ":" in peer.prefix else "0.0.0.0/1 and 128.0.0.0/1"
        raise InvalidConfig(f"{peer.key} prefix: Kamailio takes {peer.prefix} for one address; write {halves}")
