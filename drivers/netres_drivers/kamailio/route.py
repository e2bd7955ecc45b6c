"""Call routes as rows of the table netres_route, of Kamailio's module dialplan: rules of dialplan 1.

A rule's regular expression fits the called number, a blank, and the calling number; its attributes are
``NAME;STRIP;PREPEND;TRUNK|TRUNK``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from netres.model import CallRoute, Item, Key
from netres_drivers.kamailio import table

HEADER: Final = (
    "dpid(int) pr(int) match_op(int) match_exp(string) match_len(int) "
    "subst_exp(string,null) repl_exp(string,null) attrs(string)\n"
)
DIALPLAN: Final = 1
_REGEX: Final = 1
_MEANS: Final[Mapping[str, str]] = {"+": "[+]", "x": "[0-9]", "*": "[^ ]*"}
_PART: Final = re.compile(r"\[\+\]|\[0-9\]|\[\^ \]\*|[0-9]")
_LEVELS: Final = 2048
"""Numbers of the table's column ``pr`` for one priority: the lowest rule that fits takes the call."""
_ATTRS: Final = re.compile(r"([^;|]+);(0|[1-9]\d?);(\+?\d*);([^;]+)")


def expression(called: str, calling: str | None) -> str:
    """The regular expression of a route."""
    return f"^{_regex(called)} {_regex(calling or '*')}$"


def _regex(pattern: str) -> str:
    return "".join(_MEANS.get(sign) or sign for sign in pattern)


def _pattern(regex: str) -> str:
    signs = {meaning: sign for sign, meaning in _MEANS.items()}
    parts: list[str] = _PART.findall(regex)
    return "".join(signs.get(part) or part for part in parts)


def _pr(route: CallRoute) -> int:
    """The table's ``pr``: the route's priority, and within it the more digits the pattern has the earlier."""
    called, calling = (sum(sign.isdecimal() for sign in pattern) for pattern in (route.called, route.calling or "*"))
    return route.priority * _LEVELS + _LEVELS - 1 - 16 * called - min(calling, 15)


def claim(line: str) -> tuple[Key, Mapping[str, object] | None] | None:
    """Whose row it is, and what it says."""
    fields = table.fields(line)
    if len(fields) != 8 or fields[0] != str(DIALPLAN) or not (name := fields[7].partition(";")[0]):
        return None
    key = Key("call_route", (name,))
    attrs = _ATTRS.fullmatch(fields[7])
    called, between, calling = fields[3].removeprefix("^").removesuffix("$").replace("[^ ]", "[^_]").partition(" ")
    if attrs is None or not between:
        return key, None
    values = {
        "name": name,
        "called": _pattern(called.replace("[^_]", "[^ ]")),
        "calling": _pattern(calling.replace("[^_]", "[^ ]")),
        "priority": int(fields[1]) // _LEVELS if fields[1].isdecimal() else -1,
        "strip": int(attrs[2]),
        "prepend": attrs[3],
        "trunks": tuple(attrs[4].split("|")),
    }
    if values["calling"] == "*":
        values["calling"] = None
    return key, values if spell(values) == line else None


def spell(values: Mapping[str, object]) -> str:
    """The row that says so; empty where there is none."""
    try:
        return lines(CallRoute.model_validate(dict(values)))[0]
    except ValueError:
        return ""


def make(key: Key, said: Iterable[tuple[str, Mapping[str, object]]]) -> Item:
    """The route that a row names.

    Raises:
        ValueError: there are several.
    """
    ((_, values),) = said
    return CallRoute.model_validate(dict(values))


def lines(route: CallRoute) -> tuple[str, ...]:
    """The row of a route."""
    attrs = f"{route.name};{route.strip};{route.prepend};{'|'.join(route.trunks)}"
    regex = expression(route.called, route.calling)
    return (table.row(DIALPLAN, _pr(route), _REGEX, regex, 0, "", "", attrs),)
