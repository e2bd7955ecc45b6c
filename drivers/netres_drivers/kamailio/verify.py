"""Whether Kamailio runs on what stands in netres's lists: its memory compared with the files."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Final

from netres.errors import Rejected
from netres.flow import Exec, Flow
from netres_drivers.kamailio import route, table
from netres_drivers.kamailio.lists import Line, Lists, command, understood, whole
from netres_drivers.kamailio.script import ADDRESS, DISPATCHER, ROUTE, TRUNK, Script, answers, records, require

_ASKS: Final[Mapping[str, tuple[str, ...]]] = {
    DISPATCHER: ("dispatcher.list",),
    ADDRESS: ("permissions.addressDump", "permissions.subnetDump"),
    TRUNK: ("htable.dump netres",),
    ROUTE: (f"dialplan.dump {route.DIALPLAN}",),
}
_EMPTY: Final = ("No Destination Sets", "Dialplan ID not matched", "No dialplan")
"""What Kamailio answers where a list has nothing."""


def verify(script: Script) -> Flow[None]:
    """Compare what Kamailio has in memory with netres's lists.

    Raises:
        Rejected: it misses a line of an Item, or has one that is in no list.
    """
    requests = [request for name in script.files for request in _ASKS[name]]
    reply = yield Exec(f"{command(script)}; {script.ask(*requests)}")
    told = answers(reply.text)
    first = reply.text.find(f">>> {requests[0]} <<<\n")
    lists = understood(type(reply)(reply.text[: max(first, 0)]))
    for name in script.files:
        text = "".join(_told(request, told) for request in _ASKS[name])
        wanted, found = frozenset(_written(lists, name)), frozenset(_RUNNING[name](text))
        for one in sorted(wanted - found):
            raise Rejected(_ASKS[name][0], f"Kamailio did not take {' '.join(one)!r} from {name} in {script.directory}")
        for one in sorted(found - wanted):
            if _is_ours(name, one, lists):
                raise Rejected(
                    _ASKS[name][0], f"Kamailio has {' '.join(one)!r}, which is not in {name} in {script.directory}"
                )


def _told(request: str, told: Mapping[str, str]) -> str:
    text = told.get(request, "error: no answer")
    return "" if any(words in text for words in _EMPTY) else require(request, text)


def _written(lists: Lists, name: str) -> Iterator[tuple[str, ...]]:
    """What the lines of Items in a list must look like in Kamailio's memory."""
    for line in lines(lists, name):
        parts = line.text.split()
        if name == DISPATCHER:
            yield parts[0], parts[1], parts[3], parts[4]
        elif name == ADDRESS:
            yield _address(parts[1], parts[2], parts[3], parts[4] if len(parts) > 4 else "")
        elif name == TRUNK:
            fields = table.fields(line.text)
            yield fields[0], fields[3]
        else:
            fields = table.fields(line.text)
            yield fields[1], fields[3], fields[7]


def lines(lists: Lists, name: str) -> Iterator[Line]:
    """The lines of Items in a list."""
    return (line for line in lists.lines if line.file == name and line.key and lists.belongs(line, line.key))


def _address(address: str, length: str, port: str, tag: str) -> tuple[str, ...]:
    host = ipaddress.ip_address(address)
    return str(host), length or str(host.max_prefixlen), port, "" if tag in {"NULL", "<null string>"} else tag


def _destinations(text: str) -> Iterator[tuple[str, ...]]:
    for found in records(text, "BODY"):
        yield found["ID"], found["URI"], found["PRIORITY"], found["BODY"]


def _addresses(text: str) -> Iterator[tuple[str, ...]]:
    for dump in text.split("\n{"):
        for found in records(dump.replace("tag: \n", "tag: NULL\n"), "tag"):
            if found["group"] == "1":
                yield _address(found["ip"], found.get("mask", ""), found["port"], found["tag"])


def _values(text: str) -> Iterator[tuple[str, ...]]:
    return ((found["name"], found["value"]) for found in records(text, "type"))


def _rules(text: str) -> Iterator[tuple[str, ...]]:
    return ((found["PRIO"], found["MATCHEXP"], found["ATTRS"]) for found in records(text, "ATTRS"))


_RUNNING: Final = {DISPATCHER: _destinations, ADDRESS: _addresses, TRUNK: _values, ROUTE: _rules}


def _is_ours(name: str, found: tuple[str, ...], lists: Lists) -> bool:
    """Whether something in memory is an Item's that no list has: neither an Item's line nor another's."""
    if name == DISPATCHER and not found[3].startswith("trunk="):
        return False
    return _identity(name, found) not in {_named(name, line) for line in whole(lists.texts.get(name, ""))}


def _identity(name: str, found: tuple[str, ...]) -> str:
    """What tells something in memory from others of its list."""
    if name == DISPATCHER:
        return " ".join(found[:2])
    return found[2].partition(";")[0] if name == ROUTE else found[0]


def _named(name: str, line: str) -> str:
    """The same of a line, whoever wrote it."""
    if name == DISPATCHER:
        return " ".join(line.split()[:2])
    if name == ADDRESS:
        return "".join(re.split(r"[\s/]+", line.strip())[1:2])
    fields = table.fields(line) or ("",)
    return fields[-1].partition(";")[0] if name == ROUTE else fields[0]
