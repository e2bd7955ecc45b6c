"""Selections: the words, the patterns, and what is refused."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netres import Inventory, registry
from netres.errors import InvalidConfig
from netres.inventory import Entry

INVENTORY = Inventory.from_mapping({
    "defaults": {"platform": "frr", "tags": {"env": "lab"}},
    "groups": {
        "uk": {"tags": {"country": "uk"}},
        "london": {"groups": ["uk"], "tags": {"site": "lon1"}},
        "paris": {"tags": {"site": "par1", "env": "prod"}},
    },
    "devices": {
        "lon-r1": {"host": "10.0.0.1", "groups": ["london"], "tags": {"role": "edge"}},
        "lon-r2": {"host": "10.0.0.2", "groups": ["london"], "tags": {"role": "core"}},
        "par-r1": {"host": "10.0.1.1", "groups": ["paris"], "tags": {"role": "edge"}},
        "mem-1": {"host": "Mem.example.net", "platform": "memory", "tags": {"site": "lab[1]"}},
    },
})  # fmt: skip
LON, ALL = ("lon-r1", "lon-r2"), INVENTORY.names


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("name=lon-r1", ("lon-r1",)),
        ("name=*", ALL),
        ("name=lon-*,mem-?", (*LON, "mem-1")),
        ("name=lon-r[12]", LON),
        ("name!=lon-r[!1]", ("lon-r1", "par-r1", "mem-1")),
        ("name!=lon*,par*", ("mem-1",)),
        ("name=LON*", ()),
        ("platform=frr", ("lon-r1", "lon-r2", "par-r1")),
        ("platform!=frr", ("mem-1",)),
        ("host=10.0.0.*", LON),
        ("host=mem.example.net", ("mem-1",)),
        ("group=london", LON),
        ("group=uk", LON),
        ("group!=uk", ("par-r1", "mem-1")),
        ("group=*", (*LON, "par-r1")),
        ("site=lon*", LON),
        ("site=lab[[]1]", ("mem-1",)),
        ("role!=edge", ("lon-r2", "mem-1")),
        ("role=*", (*LON, "par-r1")),
        ("role!=*", ("mem-1",)),
        ("env=lab", (*LON, "mem-1")),
        ("site=lon* role=edge", ("lon-r1",)),
        ("  site=lon*\trole=edge \n", ("lon-r1",)),
        ("site=lon* site=par*", ()),
        ("country=u=k", ()),
        ("family=router platform=frr", ("lon-r1", "lon-r2", "par-r1")),
        ("family!=router platform=frr", ()),
    ],
)
def test_the_devices_that_satisfy_every_term_are_selected(expression: str, names: tuple[str, ...]) -> None:
    selected = INVENTORY.select(expression)
    assert selected.names == names
    assert dict(selected) == {name: INVENTORY[name] for name in names}


def test_a_selection_can_be_narrowed_and_holds_nothing_else() -> None:
    selected = INVENTORY.select("site=lon*").select("role=edge")
    assert selected.names == ("lon-r1",)
    assert len(selected) == 1
    assert "lon-r2" not in selected
    with pytest.raises(KeyError, match=r"inventory: no device 'lon-r2'; did you mean 'lon-r1'\?"):
        selected["lon-r2"]
    assert selected.select("country=fr").names == ()


FORM = "write name=pattern or name!=pattern, several patterns with commas"
KNOWN = "known: country, env, family, group, host, name, platform, role, site"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "the selection is empty; write name=* for every device"),
        (" \n", "the selection is empty; write name=* for every device"),
        ("london", f"selection 'london' is no term; {FORM}"),
        ("site=", f"selection 'site=' is no term; {FORM}"),
        ("=x", f"selection '=x' is no term; {FORM}"),
        ("!=x", f"selection '!=x' is no term; {FORM}"),
        ("site==x", f"selection 'site==x' is no term; {FORM}"),
        ("site=a,,b", f"selection 'site=a,,b' is no term; {FORM}"),
        ("site=a,", f"selection 'site=a,' is no term; {FORM}"),
        ("site =a", f"selection 'site' is no term; {FORM}"),
        ("si!te=a", f"selection 'si!te=a' is no term; {FORM}"),
        ("role=edge ste=lon*", f"selection word 'ste' is no device's tag; did you mean 'site'?; {KNOWN}"),
        ("Name=x", f"selection word 'Name' is no device's tag; did you mean 'name'?; {KNOWN}"),
        ("xyzzy!=x", f"selection word 'xyzzy' is no device's tag; {KNOWN}"),
    ],
)
def test_what_is_no_selection_is_refused(expression: str, message: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        INVENTORY.select(expression)
    assert str(caught.value) == message


def test_a_tag_of_a_group_without_devices_is_no_devices_tag() -> None:
    inventory = Inventory.from_mapping({"groups": {"g": {"tags": {"unused": "x"}}}, "devices": {}})
    with pytest.raises(InvalidConfig, match="selection word 'unused' is no device's tag"):
        inventory.select("unused=x")


def _values(entry: Entry, word: str) -> tuple[str, ...]:
    match word:
        case "name" | "platform" | "host":
            return (getattr(entry, word),)
        case "group":
            return entry.groups
        case "family":
            return registry.families(entry.platform)
        case _:
            return (entry.tags[word],) if word in entry.tags else ()


WORDS = st.sampled_from(["name", "platform", "host", "group", "family", "site", "role", "env", "country"])
PATTERNS = st.sampled_from(["*", "?*", "lon*", "*1", "frr", "router", "edge", "uk", "[!l]*", "10.0.?.1", "lab", "["])
TERMS = st.tuples(WORDS, st.sampled_from(["=", "!="]), st.lists(PATTERNS, min_size=1, max_size=3))


@given(st.lists(TERMS, min_size=1, max_size=4))
def test_a_selection_is_what_the_entries_themselves_say(terms: list[tuple[str, str, list[str]]]) -> None:
    def satisfies(entry: Entry) -> bool:
        return all(
            any(fnmatchcase(value, pattern) for value in _values(entry, word) for pattern in patterns) is (sign == "=")
            for word, sign, patterns in terms
        )

    expression = " ".join(f"{word}{sign}{','.join(patterns)}" for word, sign, patterns in terms)
    assert INVENTORY.select(expression).names == tuple(name for name in INVENTORY if satisfies(INVENTORY[name]))


@given(st.text("ab=!,*[ \n", max_size=12))
def test_any_text_is_a_selection_or_refused_in_one_line(expression: str) -> None:
    try:
        message = repr(INVENTORY.select(expression))
    except InvalidConfig as error:
        message = str(error)
    assert len(message.splitlines()) == 1
