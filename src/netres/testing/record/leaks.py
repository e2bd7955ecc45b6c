"""Secrets that were left in a recording, with file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, cast

from netres import files
from netres.files import Loc
from netres.testing.record.escape import unescaped
from netres.testing.record.finds import finds, is_plain
from netres.testing.record.redact import SECRET_KEY

_REMEDY: Final = "write redacted-1 (or -2, …) in its place, or record again; then change the secret on the device"


def leak(path: Path, data: Mapping[object, object]) -> str | None:
    """The first secret in a file, as a message that does not quote it."""
    for loc, text, is_name in _texts(data, ()):
        where = next((step for step in reversed(loc) if isinstance(step, str)), "")
        found = next(iter(finds(text)), None)
        if found is not None:
            return _message(path, loc, text.count("\n", 0, found.start), found.looks_like)
        if not is_name and "body" in loc and text and SECRET_KEY.search(where) and not is_plain(text):
            return _message(path, loc, 0, f"a secret by its name, {where}")
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), 1):
        if line.startswith("#") and (found := next(iter(finds(line)), None)):
            return f"{path}:{number}: holds what looks like {found.looks_like}; {_REMEDY}"
    return None


def _meant(text: str) -> str:
    with suppress(ValueError):  # told later
        return unescaped(text)
    return text


def _message(path: Path, loc: Loc, below: int, looks_like: str) -> str:
    line = files.locate(path, loc)
    if line is None:
        return f"{path}: {files.dotted(loc)}: holds what looks like {looks_like}; {_REMEDY}"
    head = path.read_text(encoding="utf-8-sig").split("\n")[line - 1]
    if head.rstrip().rstrip("+-0123456789").endswith("|"):  # the lines of a block begin below
        line += 1 + below
    return f"{path}:{line}: holds what looks like {looks_like}; {_REMEDY}"


def _texts(data: object, loc: Loc) -> Iterator[tuple[Loc, str, bool]]:
    """Every text, with its place, and whether it is the name of a field."""
    if isinstance(data, str):
        yield loc, data, False
    elif isinstance(data, Mapping):
        for name, value in cast("Mapping[str, object]", data).items():
            yield loc, str(name), True
            meant = _meant(value) if name == "escaped" and isinstance(value, str) else value
            yield from _texts(meant, (*loc, name))
    elif isinstance(data, list):
        for index, value in enumerate(cast("list[object]", data)):
            yield from _texts(value, (*loc, index))
