"""What a RESTCONF client may ask to see of a resource: ``depth`` and ``fields`` (RFC 8040, 4.8)."""

from __future__ import annotations

from netres.testing.sim.http import Json
from netres.testing.sim.yang import YangError


def cut(value: Json, depth: int) -> Json:
    """A value without what lies deeper; it has itself the depth 1."""
    match value:
        case dict():
            return {name: cut(below, depth - 1) for name, below in value.items()} if depth > 1 else {}
        case list():
            return [cut(one, depth) for one in value]
        case _:
            return value


Wanted = dict[str, "Wanted"]


def fields(told: str) -> Wanted:
    """The tree of a ``fields`` expression: ``a;b/c;d(e;f)``.

    Raises:
        YangError: it is none.
    """
    root: Wanted = {}
    at, above, name = root, [root], ""
    for sign in f"{told};":
        if sign not in ";/()":
            name += sign
            continue
        here = at.setdefault(name, {}) if name else at
        match sign:
            case "/":
                at = here
            case "(":
                above.append(here)
                at = here
            case ";":
                at = above[-1]
            case _:
                if len(above) == 1:
                    raise YangError("invalid-value", f"invalid fields: {told}", kind="protocol")
                above.pop()
                at = above[-1]
        name = ""
    if len(above) > 1:
        raise YangError("invalid-value", f"invalid fields: {told}", kind="protocol")
    return root


def selected(value: Json, wanted: Wanted) -> Json:
    """A value with what is wanted of it; nothing: with all."""
    if not wanted:
        return value
    match value:
        case dict():
            return {name: selected(value[name], below) for name, below in wanted.items() if name in value}
        case list():
            return [selected(one, wanted) for one in value]
        case _:
            return value
