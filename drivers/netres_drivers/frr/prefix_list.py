"""ip prefix-list and ipv6 prefix-list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from netres.driver import Feature
from netres.errors import InvalidConfig
from netres.model import Item, PrefixList
from netres.text.block import Block
from netres.text.rule import Rule
from netres_drivers.frr.common import SHOW


def _rules() -> Iterator[Rule]:
    for command, family, net in (("ip", "ipv4", "net4"), ("ipv6", "ipv6", "net6")):
        line = f"{command} prefix-list {{name}} seq {{seq:int}} {{action:permit|deny}} "
        yield Rule(
            f"{line}{{prefix:{net}}}[ ge {{ge:int}}][ le {{le:int}}]",
            when={"family": family},
            slot=line,
            overwrites=False,
        )
        everything = {"ipv4": ("0.0.0.0/0", 32), "ipv6": ("::/0", 128)}[family]
        any_prefix = {"family": family, "prefix": everything[0], "le": everything[1]}
        yield Rule(f"{line}any", when=any_prefix, slot=line, parses_only=True)


def _group(item: Item) -> str:
    return item.key.values[1]


def _check(item: Item) -> None:
    """FRR passes over an entry that says the same as another one, without a word."""
    seen: dict[tuple[object, ...], int] = {}
    for entry in cast("PrefixList", item).entries:
        same = (entry.action, entry.prefix, entry.ge, entry.le)
        if (first := seen.setdefault(same, entry.seq)) != entry.seq:
            raise InvalidConfig(
                f"{item.key}: FRR ignores seq {entry.seq}, which says the same as seq {first}; drop one"
            )


BLOCK = Block(
    PrefixList,
    keys=("name", "family"),
    rules=tuple(_rules()),
    dump=lambda item: {"name": item.key.values[0], "family": item.key.values[1]},
    entries="entries",
)
FEATURE = Feature(PrefixList, BLOCK.read(SHOW), BLOCK.write, positional=_group, check=_check)
