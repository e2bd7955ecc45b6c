"""Files that people write, in YAML or JSON: read whole, faults named by line (docs/decisions/0003-yaml-loader.md)."""

from __future__ import annotations

import gc
import json
import re
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias, cast

from netres.errors import InvalidConfig

if TYPE_CHECKING:
    import yaml

Loc: TypeAlias = tuple[str | int, ...]
"""A place in a file's data: keys of mappings, indices of lists."""

# YAML allows no control character, and yaml-rs ends the document at a NUL without a word.
_CONTROLS: Final = bytes({*range(32), 127} - {9, 10, 13})
_CONTROL: Final = re.compile(rb"[" + re.escape(_CONTROLS) + rb"]")
_FAULT: Final = re.compile(r"YAML parse error at line (\d+), column \d+\n")


def load(path: Path) -> dict[object, object]:
    """The mapping that a file holds: JSON where its suffix is ``.json``, else one document of YAML 1.2.

    Merge keys (``<<``) of YAML 1.1 are carried out; dates stay text.

    Raises:
        InvalidConfig: the file cannot be read, or is not UTF-8, YAML or JSON, or names a key twice, or is no mapping.
    """
    text = _read(path)
    with without_gc():
        data = _json(path, text) if _is_json(path) else _yaml(path, text)
    if data is None:
        raise InvalidConfig(f"{path}: is empty; write 'name: value' pairs")
    if not isinstance(data, dict):
        second = None if _is_json(path) else _second_document(text)
        if second:
            raise InvalidConfig(f"{path}:{second}: a second document begins; write one document to a file")
        raise InvalidConfig(f"{path}: holds no mapping at its top; write 'name: value' pairs")
    return cast("dict[object, object]", data)


@contextmanager
def without_gc() -> Generator[None]:
    """Pause the collector of cycles while many objects are made that all stay: it would take 40 % of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def locate(path: Path, loc: Loc) -> int | None:
    """Line of a place, such as ``("items", 3, "id")``, or of the nearest place around it; ``None``: not to be found."""
    wanted = list(map(str, loc))
    line, found = None, 0
    for trail, here in _places(_blanked(path, _read(path))):
        depth = len(trail)
        if found < depth <= len(loc) and str(trail[-1]) == wanted[depth - 1] and [*map(str, trail)] == wanted[:depth]:
            line, found = here, depth
            if found == len(loc):
                break
    return line


def at(path: Path, loc: Loc, sentence: str) -> str:
    """A message that begins with the file and, where the place is found, its line."""
    line = locate(path, loc)
    return f"{path}:{line}: {sentence}" if line else f"{path}: {sentence}"


def dotted(loc: Loc) -> str:
    """A place as people write it: ``devices.lon-r1.port``."""
    return ".".join(word if (word := str(step)).isprintable() else repr(word) for step in loc)


def _is_json(path: Path) -> bool:
    return path.suffix.lower() == ".json"


def _read(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidConfig(f"{path}: cannot be read: {reason}; check the path and its permissions") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InvalidConfig(f"{path}:{line}: is not UTF-8 text; save the file as UTF-8") from error
    if len(raw.translate(None, _CONTROLS)) != len(raw) and (first := _CONTROL.search(raw)):
        line = raw.count(b"\n", 0, first.start()) + 1
        raise InvalidConfig(f"{path}:{line}: holds the control character 0x{first[0].hex()}; remove it")
    return text


def _yaml(path: Path, text: str) -> object:
    import yaml_rs

    try:
        data: object = yaml_rs.loads(text, parse_datetime=False)
    except TypeError:
        fault = "key"
    except ValueError as error:
        fault = str(error)
    else:
        return _merged(path, data) if "<<" in text else data
    # Outside of the except block: yaml-rs quotes the file, and secrets may stand there.
    raise _yaml_fault(path, text, fault)


def _yaml_fault(path: Path, text: str, fault: str) -> InvalidConfig:
    """What yaml-rs found, in one line."""
    if at := _FAULT.match(fault):
        line = int(at[1])
        tab = any("\t" in here for here in text.splitlines()[line - 1 : line])
        remedy = "use blanks instead of tabs" if tab else "check indentation, quotes and brackets here and above"
        return InvalidConfig(f"{path}:{line}: is not YAML: {fault.splitlines()[-1]}; {remedy}")
    if fault.startswith("duplicate"):
        return _duplicate(path, text, fault)
    if fault.startswith("alias"):
        return InvalidConfig(f"{path}: its aliases (*name) expand to too much; write the values out")
    if fault == "key":
        return InvalidConfig(f"{path}: a key is a list or a mapping; use text")
    return InvalidConfig(f"{path}: a value does not fit its tag (!!name); remove the tag")


def _duplicate(path: Path, text: str, fault: str) -> InvalidConfig:
    first: dict[Loc, int] = {}
    for trail, line in _places(_blanked(path, text)):
        if repr(str(trail[-1]))[1:-1] in fault:
            loc = tuple(trail)
            if loc in first:
                return InvalidConfig(f"{path}:{line}: {dotted(loc)} is there already, in line {first[loc]}; remove one")
            first[loc] = line
    return InvalidConfig(f"{path}: {fault.splitlines()[0]}; remove one")


def _merged(path: Path, node: object) -> object:
    if isinstance(node, list):
        return [_merged(path, value) for value in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    own = {key: _merged(path, value) for key, value in cast("dict[object, object]", node).items()}
    if "<<" not in own:
        return own
    sources = own.pop("<<")
    merged: dict[object, object] = {}
    for source in reversed(cast("list[object]", sources) if isinstance(sources, list) else [sources]):
        if not isinstance(source, dict):
            raise InvalidConfig(f"{path}: a merge key (<<) has no mapping to merge; write <<: *name")
        merged |= cast("dict[object, object]", source)
    return merged | own


def _json(path: Path, text: str) -> object:
    if not text.strip():
        return None
    try:
        return cast("object", json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant))
    except json.JSONDecodeError as error:
        fault = error
    except RecursionError as error:
        raise InvalidConfig(f"{path}: is nested too deeply") from error
    except ValueError as error:
        if str(error).startswith("duplicate"):
            raise _duplicate(path, text, str(error)) from error
        raise InvalidConfig(f"{path}: is not JSON: {error}") from error
    raise InvalidConfig(f"{path}:{fault.lineno}: is not JSON: {fault.msg}; check commas, quotes and brackets")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"duplicate key: {twice!r}")
    return made


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number; write a number or null")


def _blanked(path: Path, text: str) -> str:
    """JSON as YAML: PyYAML refuses the tabs that JSON may be indented with."""
    return text.replace("\t", " ") if _is_json(path) else text


def _second_document(text: str) -> int | None:
    import yaml

    starts = [_line(event) for event in _events(text) if isinstance(event, yaml.DocumentStartEvent)]
    return starts[1] if len(starts) > 1 else None


def _events(text: str) -> Iterator[yaml.Event]:
    import yaml

    try:
        # the stubs leave the type of the stream open
        yield from yaml.parse(text, yaml.CSafeLoader)  # pyright: ignore[reportUnknownMemberType]
    except yaml.YAMLError:  # it is stricter than yaml-rs in places; what it found so far stands
        return


def _line(event: yaml.Event) -> int:
    return cast("yaml.Mark", event.start_mark).line + 1


def _places(text: str) -> Iterator[tuple[list[str | int], int]]:
    """Every key and list element in order, with its line. One list, changed in place: a big file has millions.

    PyYAML's events, not its nodes: composing a file of 100,000 devices takes ten times as long, and recurses.
    """
    import yaml

    trail: list[str | int] = []
    awaits: list[bool | None] = []  # for each open collection: a key (True), a value (False), or None: it is a list
    for event in _events(text):
        if isinstance(event, yaml.CollectionEndEvent):
            trail.pop()
            awaits.pop()
        elif isinstance(event, yaml.NodeEvent):
            if awaits and awaits[-1] is not False:
                step = event.value if isinstance(event, yaml.ScalarEvent) else "?"
                trail[-1] = step if awaits[-1] else cast("int", trail[-1]) + 1
                yield trail, _line(event)
            if awaits and awaits[-1] is not None:
                awaits[-1] = not awaits[-1]
            if isinstance(event, yaml.CollectionStartEvent):
                is_list = isinstance(event, yaml.SequenceStartEvent)
                trail.append(-1 if is_list else "")
                awaits.append(None if is_list else True)
