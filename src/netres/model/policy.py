"""Prefix lists and route maps: routing policy. After openconfig-routing-policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from netres.model.base import Item, Key
from netres.model.types import Asn, InterfaceName, Ipv4Address, Name, Prefix, Text, Uint32, family

Action = Literal["permit", "deny"]
_NAMES: Final = {
    "65535:0": "graceful-shutdown",
    "65535:666": "blackhole",
    "65535:65281": "no-export",
    "65535:65282": "no-advertise",
    "65535:65283": "local-AS",
    "65535:65284": "no-peer",
}


def _community(value: str) -> str:
    high, colon, low = value.partition(":")
    if not colon:
        return value
    if int(high) > 65535 or int(low) > 65535 or int(high) == int(low) == 0:
        raise ValueError("is no BGP community: two numbers from 0 to 65535, not both 0")
    return _NAMES.get(plain := f"{int(high)}:{int(low)}", plain)


Community = Annotated[
    str,
    StringConstraints(
        pattern=r"^(\d{1,5}:\d{1,5}|no-export|no-advertise|local-AS|no-peer|blackhole|graceful-shutdown)$"
    ),
    AfterValidator(_community),
]
"""A BGP community: ``65001:100`` or a well-known name (RFC 1997, 7999, 8326)."""


class PrefixListEntry(BaseModel):
    """One line of a prefix list: prefixes within ``prefix`` whose length is from ``ge`` to ``le``."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    seq: Annotated[int, Field(ge=1, le=4294967294)]
    action: Action = "permit"
    prefix: Prefix
    ge: Annotated[int, Field(ge=0, le=128)] | None = None
    le: Annotated[int, Field(ge=0, le=128)] | None = None

    @model_validator(mode="after")
    def _range(self) -> PrefixListEntry:
        length, longest = int(self.prefix.rpartition("/")[2]), 128 if family(self.prefix) == "ipv6" else 32
        low, high = self.ge, self.le
        if low is not None and not length < low <= longest:
            raise ValueError(f"ge {low} is not longer than the prefix {self.prefix}, or longer than an address")
        if high is not None and not length < high <= longest:
            raise ValueError(f"le {high} is not longer than the prefix {self.prefix}, or longer than an address")
        if low is not None and high is not None and low > high:
            raise ValueError(f"ge {low} is more than le {high}")
        return self


def _by_seq(entries: tuple[PrefixListEntry, ...]) -> tuple[PrefixListEntry, ...]:
    _unique([entry.seq for entry in entries])
    if len({family(entry.prefix) for entry in entries}) > 1:
        raise ValueError("mixes IPv4 and IPv6 prefixes; make two lists")
    return tuple(sorted(entries, key=lambda entry: entry.seq))


def _unique(numbers: list[int]) -> None:
    for number, count in sorted(Counter(numbers).items()):
        if count > 1:
            raise ValueError(f"seq {number} occurs twice; give every entry a number of its own")


class PrefixList(Item):
    """A named list of prefixes of one address family, read in the order of ``seq``."""

    KIND: ClassVar[str] = "prefix_list"
    KEY: ClassVar[tuple[str, ...]] = ("name",)

    kind: Literal["prefix_list"] = "prefix_list"
    name: Name
    entries: Annotated[tuple[PrefixListEntry, ...], Field(min_length=1), AfterValidator(_by_seq)]

    @cached_property
    def key(self) -> Key:
        """Name and address family: the two families have namespaces of their own."""
        return Key(self.KIND, (self.name, self.family))

    @property
    def family(self) -> str:
        """``ipv4`` or ``ipv6``."""
        return family(self.entries[0].prefix)


class RouteMapEntry(BaseModel):
    """One clause of a route map: all matches must hold, then the settings are made."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    seq: Annotated[int, Field(ge=1, le=65535)]
    action: Action = "permit"
    description: Text | None = None
    match_prefix_list: Name | None = None
    """An IPv4 prefix list."""
    match_prefix_list_ipv6: Name | None = None
    """An IPv6 prefix list."""
    match_as_path: Name | None = None
    match_community: Name | None = None
    match_interface: InterfaceName | None = None
    match_metric: Uint32 | None = None
    match_tag: Annotated[int, Field(ge=1, le=4294967295)] | None = None
    set_as_path_prepend: Annotated[tuple[Asn, ...], Field(max_length=16)] = ()
    set_community: Annotated[tuple[Community, ...], AfterValidator(lambda value: tuple(sorted(set(value))))] = ()
    set_community_additive: bool = False
    set_local_preference: Uint32 | None = None
    set_metric: Uint32 | None = None
    """The multi-exit discriminator, or the metric of another protocol."""
    set_next_hop: Ipv4Address | None = None
    set_origin: Literal["igp", "egp", "incomplete"] | None = None
    set_tag: Annotated[int, Field(ge=1, le=4294967295)] | None = None
    set_weight: Uint32 | None = None

    @model_validator(mode="after")
    def _additive(self) -> RouteMapEntry:
        if self.set_community_additive and not self.set_community:
            raise ValueError("set_community_additive has no set_community to add")
        return self


def _clauses(entries: tuple[RouteMapEntry, ...]) -> tuple[RouteMapEntry, ...]:
    _unique([entry.seq for entry in entries])
    return tuple(sorted(entries, key=lambda entry: entry.seq))


class RouteMap(Item):
    """A named policy: clauses read in the order of ``seq`` until one matches."""

    KIND: ClassVar[str] = "route_map"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    NEEDS: ClassVar[frozenset[str]] = frozenset({"prefix_list"})

    kind: Literal["route_map"] = "route_map"
    name: Name
    entries: Annotated[tuple[RouteMapEntry, ...], Field(min_length=1), AfterValidator(_clauses)]

    def parts(self) -> Iterator[Key]:
        """Its clauses."""
        for entry in self.entries:
            yield Key(self.KIND, (self.name, str(entry.seq)))

    def needs(self) -> Iterator[Key]:
        """The prefix lists it matches."""
        for entry in self.entries:
            if entry.match_prefix_list:
                yield Key("prefix_list", (entry.match_prefix_list, "ipv4"))
            if entry.match_prefix_list_ipv6:
                yield Key("prefix_list", (entry.match_prefix_list_ipv6, "ipv6"))
