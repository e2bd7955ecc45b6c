"""An inventory as a file: one line for each device, so that a file under version control shows what changed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, cast

from netres.errors import InvalidConfig

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan"})
"""What YAML, 1.1 or 1.2, takes for something else than text."""


def written(sections: Mapping[str, object]) -> str:
    """Sections as YAML that any reader, of YAML 1.1 and of 1.2, reads as they are.

    Raises:
        InvalidConfig: a key is ``<<``, which readers carry out as a merge, ours also where it is quoted.
    """
    lines: list[str] = []
    for section, held in sections.items():
        content = cast("Mapping[str, object]", held)
        lines.append(f"{section}:" if content else f"{section}: {{}}")
        lines += (f"  {_key(name)}: {_flow(value)}" for name, value in content.items())
    return "\n".join(lines) + "\n"


def _key(key: object) -> str:
    if key == "<<":
        raise InvalidConfig("a key '<<' cannot be written: in YAML it merges what stands behind it; rename it")
    return _flow(key)


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        content = cast("Mapping[object, object]", value)
        return "{" + ", ".join(f"{_key(key)}: {_flow(inner)}" for key, inner in content.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_flow, cast("Sequence[object]", value))) + "]"
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) and value.lower() not in _WORDS else _quoted(value)
    return json.dumps(value)


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in quoted)
