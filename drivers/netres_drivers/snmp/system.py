"""sysName, sysContact, sysLocation (RFC 3418): the one thing that a standard MIB lets be written everywhere.

sysName is by convention the fully-qualified domain name: hostname, and after the first dot domain_name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import TypeAdapter, ValidationError

from netres.change import Change
from netres.driver import Feature, Scope
from netres.errors import InvalidConfig
from netres.flow import Flow, Operation, Reply, Snmp, octets
from netres.model import Item, Key, System
from netres.model.types import DomainName, HostName, Text
from netres_drivers.snmp.mib import objects

OIDS: Final = {
    "sysContact": "1.3.6.1.2.1.1.4.0",
    "sysName": "1.3.6.1.2.1.1.5.0",
    "sysLocation": "1.3.6.1.2.1.1.6.0",
}
LONGEST: Final = 255
"""Octets of each (DisplayString of RFC 2579)."""
_HEX: Final = re.compile(r"0x(?:[0-9a-f]{2})*")
_TEXT: Final = TypeAdapter[str](Text)
_HOST: Final = TypeAdapter[str](HostName)
_DOMAIN: Final = TypeAdapter[str](DomainName)


def native() -> Flow[Reply]:
    """Everything that can be written, one object a line: its name, a blank, its text; ``0x…`` where it is no text."""
    reply = yield Snmp("get", tuple(OIDS.values()))
    found = objects(reply)
    lines = [f"{name} {_spelled(str(found[oid]))}" for name, oid in OIDS.items() if oid in found]
    return Reply("".join(f"{line}\n" for line in lines))


def _spelled(value: str) -> str:
    try:
        told = octets(value).decode()
    except UnicodeDecodeError:
        told = ""
    plain = told.isprintable() and not told.startswith("0x") and (told or not value)
    return told if plain else f"0x{octets(value).hex()}"


def _values(text: str) -> Mapping[str, str | None]:
    """From native lines: each object's text; ``None`` where the model has no word for it."""
    found: dict[str, str | None] = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if name in OIDS:
            found[name] = None if _HEX.fullmatch(value) or not _expressible(name, value) else value
    return found


def _expressible(name: str, value: str) -> bool:
    host, dot, domain = value.partition(".")
    try:
        if not value:
            return True
        if name != "sysName":
            _TEXT.validate_python(value)
            return True
        _HOST.validate_python(host)
        if dot:
            _DOMAIN.validate_python(domain)
    except ValidationError:
        return False
    return True


def unowned(reply: Reply) -> tuple[str, ...]:
    """The lines whose value the model has no word for."""
    strange = {name for name, value in _values(reply.text).items() if value is None}
    return tuple(line for line in reply.text.splitlines() if line.partition(" ")[0] in strange)


def foreign(reply: Reply) -> Mapping[Key, tuple[str, ...]]:
    """`unowned`, under the key of what they stand in."""
    lines = unowned(reply)
    return {Key("system"): lines} if lines else {}


def read() -> Flow[tuple[System, ...]]:
    """What the device is called, where it stands, and whom to call."""
    reply = yield from native()
    values = _values(reply.text)
    host, _, domain = (values.get("sysName") or "").partition(".")
    return (
        System(
            hostname=host or None,
            domain_name=domain or None,
            contact=values.get("sysContact") or None,
            location=values.get("sysLocation") or None,
        ),
    )


def _objects(item: Item | None) -> dict[str, str]:
    """What an Item is in objects: their names and texts; no text where the Item says nothing."""
    system = item if isinstance(item, System) else System()
    name = ".".join(part for part in (system.hostname, system.domain_name) if part)
    return {"sysContact": system.contact or "", "sysName": name, "sysLocation": system.location or ""}


def write(change: Change, scope: Scope) -> Iterator[Operation]:
    """One request for all that changes: an agent carries it out whole or not at all (RFC 3416 §4.2.5)."""
    before, after = _objects(change.before), _objects(change.after)
    changed = [name for name in OIDS if before[name] != after[name]]
    lines = {line.partition(" ")[0]: line for line in unowned(scope.native)}
    for name in changed:
        if name in lines:
            raise InvalidConfig(
                f"system: {lines[name]!r} would be lost, for which netres has no word; change it by hand"
            )
    if changed:
        yield Snmp("set", tuple(OIDS[name] for name in changed), tuple(after[name] for name in changed))


def check(item: Item) -> None:
    """Refuse what does not fit into the objects."""
    if isinstance(item, System) and item.domain_name and not item.hostname:
        raise InvalidConfig("domain_name goes after hostname in sysName (RFC 3418); give hostname too")
    for name, value in _objects(item).items():
        if (size := len(value.encode())) > LONGEST:
            raise InvalidConfig(f"{name} would have {size} octets of UTF-8; it takes {LONGEST} (RFC 2579)")


FEATURE: Final = Feature(
    System,
    read,
    write,
    missing=frozenset({"login_banner"}),
    note="sysName holds hostname and domain_name; whether the agent lets it be written shows when it is",
    check=check,
)
