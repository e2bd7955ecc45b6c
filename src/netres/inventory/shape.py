"""The shape of an inventory: what each section may hold, and, where it does not, what is wrong in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Final, TypeAlias, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, with_config
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from netres.errors import InvalidConfig
from netres.files import Loc, dotted
from netres.inventory.entry import HttpSettings, Scalar, SnmpSettings, SshSettings, Timeouts, UserName
from netres.model.faults import nearest
from netres.model.secret import Secret
from netres.model.types import Host, Name

Refuse: TypeAlias = Callable[[Loc, str], InvalidConfig]
"""Makes the error for a place in the data and what is wrong with it."""

RESERVED: Final = frozenset({"name", "platform", "host", "group", "family"})
"""Words of a selection that are no tags."""

_STRICT: Final = ConfigDict(extra="forbid")
_OCTET: Final = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
# pydantic's own regex takes IPv4 addresses ten times faster than ipaddress does, which takes the rest
_QuickHost = Annotated[
    Annotated[str, StringConstraints(pattern=rf"^{_OCTET}(\.{_OCTET}){{3}}$")] | Host, Field(union_mode="left_to_right")
]


@with_config(_STRICT)
class Common(TypedDict, total=False):
    """What devices, groups and defaults may all say: the fields of `Entry`, each optional."""

    platform: Name
    host: _QuickHost
    port: Annotated[int, Field(ge=1, le=65535, strict=True)]
    username: UserName
    password: Secret
    tags: dict[Name, str]
    ssh: SshSettings
    http: HttpSettings
    snmp: SnmpSettings
    timeouts: Timeouts
    options: dict[Name, Scalar]


@with_config(_STRICT)
class Settings(Common, total=False):
    """What a device or a group says of itself."""

    groups: tuple[Name, ...]


@with_config(_STRICT)
class Sections(TypedDict, total=False):
    """A whole inventory."""

    defaults: Common
    groups: dict[Name, Settings]
    devices: dict[Name, Settings]


_SECTIONS: Final = TypeAdapter(Sections)
_NAME: Final = "a name of ASCII letters, digits and _ . : @ / -"
_EXPECTED: Final = {
    "platform": _NAME,
    "host": "an IP address or a host name",
    "port": "a number from 1 to 65535",
    "username": "a user name of ASCII letters, digits and _ . @ \\ $ -",
    "groups": "a list of group names",
    "tags": "a mapping of names to text",
    "ssh": "a mapping",
    "http": "a mapping",
    "snmp": "a mapping",
    "timeouts": "a mapping",
    "options": "a mapping",
}
_EXPECTED_INSIDE: Final = {"groups": _NAME, "tags": "text", "options": "text, a number, true or false"}
_SECRETS: Final = frozenset({"password", "passphrase", "token", "community", "auth_key", "priv_key"})
_SHOWN: Final = frozenset({"platform", "host", "port", "username", "groups", "tags"})
"""Fields whose value may stand in a message."""


def checked(data: object, refuse: Refuse) -> Sections:
    """``data`` as an inventory's sections, every value normalised; raises `refuse` of the first fault."""
    try:
        return _SECTIONS.validate_python(data)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    # Outside of the except block: a ValidationError in __context__ would show the input, and with it secrets.
    places = dict.fromkeys(_existing(data, fault["loc"]) for fault in faults)
    more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
    loc = next(iter(places))
    raise refuse(loc, _sentence(faults[0], loc, _value(data, loc)) + more)


def among(word: str, known: Iterable[str]) -> str:
    """The nearest of the known words, and all of them if they are few."""
    words = sorted(known)
    shown = ", ".join(words[:20]) + (", …" if len(words) > 20 else "")
    return f"{nearest(word, words)}; known: {shown or 'none'}"


def refusing(locate: Callable[[Loc, str], str]) -> Refuse:
    """A `Refuse` that puts the place's name before what is wrong; `locate` adds file and line."""
    return lambda loc, sentence: InvalidConfig(locate(loc, f"{dotted(loc)}: {sentence}" if loc else sentence))


def _existing(data: object, loc: Loc) -> Loc:
    """The part of a fault's place that exists in the data, without pydantic's labels."""
    for depth, step in enumerate(loc):
        if isinstance(data, Mapping) and step in data:
            data = cast("Mapping[object, object]", data)[step]
        elif isinstance(data, list | tuple) and isinstance(step, int):
            data = cast("Sequence[object]", data)[step]
        else:
            return loc[:depth]
    return loc


def _value(data: object, loc: Loc) -> object:
    for step in loc:
        data = cast("Mapping[object, object]", data)[step]
    return data


def _sentence(fault: ErrorDetails, loc: Loc, value: object) -> str:
    if fault["type"] == "extra_forbidden":
        return f"unknown field{among(str(loc[-1]), _fields(loc[:-1]))}"
    if fault["type"] == "invalid_key" or fault["loc"][-1:] == ("[key]",):
        name = cast("object", fault["input"])
        return f"the name {_kind(name, shown=True)} must be {_NAME}, at most 63" + _quotes(name)
    if value is None:
        return "is empty; give it a value ({} for a mapping without any) or remove it"
    inner = loc[1:] if loc[:1] == ("defaults",) else loc[2:]
    if expected := _expected(inner):
        shown = bool(inner) and inner[0] in _SHOWN
        remedy = _quotes(value) if shown and inner != ("port",) else ""
        return f"must be {expected}; it is {_kind(value, shown=shown)}{remedy}"
    return f"{fault['msg'].removeprefix('Input ')}; it is {_kind(value)}"


def _quotes(value: object) -> str:
    return "; write it in quotes" if isinstance(value, int | float) else ""


def _expected(inner: Loc) -> str | None:
    """What stands at a place inside a device, a group or the defaults."""
    if not inner:
        return "a mapping"
    if inner[-1] in _SECRETS:
        return "a reference to a secret: env:NAME, file:PATH or keyring:SERVICE/USER"
    known = _EXPECTED if len(inner) == 1 else _EXPECTED_INSIDE
    return known.get(str(inner[0]))


def _kind(value: object, *, shown: bool = False) -> str:
    match value:
        case bool():
            kind, text = "true or false", str(value).lower()
        case int() | float():
            kind, text = "a number", str(value) if abs(value) < 1e18 else "too large a number"
        case str():
            kind, text = "text", repr(value if len(value) <= 60 else value[:60] + "…")
        case Mapping():
            kind = text = "a mapping"
        case list() | tuple():
            kind = text = "a list"
        case _:
            kind = text = "null" if value is None else f"a {type(value).__name__}"
    return text if shown else kind


def _fields(parent: Loc) -> Iterable[str]:
    """The fields there are at a place."""
    if not parent:
        return Sections.__annotations__
    models: dict[str | int, type[BaseModel]] = {
        "ssh": SshSettings,
        "http": HttpSettings,
        "snmp": SnmpSettings,
        "timeouts": Timeouts,
    }
    inner = parent[1:] if parent[:1] == ("defaults",) else parent[2:]
    if inner:
        return models[inner[0]].model_fields
    return Common.__annotations__ if parent == ("defaults",) else Settings.__annotations__
