"""Lines that set and delete, drawn from the schema of a simulated device."""

from __future__ import annotations

from hypothesis import strategies as st

from netres.testing.sim import registry
from netres.testing.sim.candidate import Candidates
from netres.testing.sim.schema import Statement

WORDS = {
    "word": ["a", "b2"],
    "text": ["x", "two words", 'q"\\;{ |#'],
    "number": ["7"],
    "address": ["192.0.2.1", "::1"],
    "cidr": ["192.0.2.1/30", "2001:db8::1/64"],
    "prefix": ["10.0.0.0/8"],
    "host": ["h1"],
}


def values(statement: Statement) -> list[str]:
    """Some that fit."""
    known = WORDS.get(statement.type.split(",")[0])
    if known:
        return known
    low, dots, _ = statement.type.partition("..")
    if dots:
        return [low, str(int(low) + 1)]
    return ["ge-0/0/1", "lo0"] if statement.hidden else statement.type.split("|")[:2]


def quoted(word: str) -> str:
    return word if word.isalnum() else '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


@st.composite
def paths(draw: st.DrawFn, root: Statement) -> str:
    """A path of a schema, as it is typed."""
    words: list[str] = []
    here = root
    while here.children and (not words or draw(st.booleans()) or draw(st.booleans())):
        here = draw(st.sampled_from(here.children))
        words += [] if here.hidden else [here.name]
        if here.valued:
            words.append(quoted(draw(st.sampled_from(values(here)))))
    return " ".join(words)


def lines(platform: str) -> st.SearchStrategy[list[str]]:
    """Some lines for a platform."""
    store = registry.get(platform).make("r1").store
    assert isinstance(store, Candidates)
    one = st.tuples(st.sampled_from(["set", "set", "set", "delete"]), paths(store.schema)).map(" ".join)
    return st.lists(one, max_size=12)
