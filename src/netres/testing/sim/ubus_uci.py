"""The ubus object ``uci``: staged changes of each session, applied with a rollback timer. After rpcd's ``uci.c``.

Like rpcd, it says nothing where an option or a section that is to be set or deleted is not there. What a restart finds
applied and not confirmed stays: the files are written, and the timer and its copies are in memory.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, cast

from netres.testing.sim.clock import Timer
from netres.testing.sim.device import Simulated
from netres.testing.sim.http import Json
from netres.testing.sim.ubus import Arguments, Failed, Method, Status
from netres.testing.sim.uci import Code, Package, Section, UciError, Value, many, plain
from netres.testing.sim.uci_store import FOLDER, SHARED, Cursor, Delta, UciStore

_SECONDS: Final = 60
"""Until what is not confirmed is rolled back, where nobody says how long."""


@dataclass
class Applied:
    """What was applied and is not confirmed."""

    session: str
    epoch: int
    files: Mapping[str, bytes]
    """Each package's file before."""
    staged: Mapping[str, list[Delta]]
    timer: Timer


class UciObject:
    """The methods."""

    def __init__(self, device: Simulated, store: UciStore) -> None:
        self._device = device
        self._store = store
        self._applied: Applied | None = None
        methods: dict[str, Method] = {
            "configs": self._configs,
            "get": self._get,
            "add": self._add,
            "set": self._set,
            "delete": self._delete,
            "rename": self._rename,
            "order": self._order,
            "changes": self._changes,
            "revert": self._revert,
            "commit": self._commit,
            "apply": self._apply,
            "confirm": self._confirm,
            "rollback": self._rollback,
        }
        self.methods: Final[Mapping[str, Method]] = {name: _translated(method) for name, method in methods.items()}

    def _configs(self, arguments: Arguments) -> Mapping[str, Json]:
        return {"configs": list(self._store.packages)}

    def _cursor(self, arguments: Arguments) -> Cursor:
        return Cursor(self._store, _place(arguments), self._device.faults.stored)

    def _get(self, arguments: Arguments) -> Mapping[str, Json] | None:
        package = self._cursor(arguments).load(_text(arguments, "config"))
        name, option = _maybe(arguments, "section"), _maybe(arguments, "option")
        if name is None:
            numbered = [one for one in enumerate(package.sections) if _matches(one[1], arguments)]
            return self._shown({"values": {one.name: _dumped(one, number) for number, one in numbered}})
        section = package.section(name)
        if section is None or (option is not None and option not in section.options):
            return None
        if option is None:
            return self._shown({"values": _dumped(section)})
        return self._shown({"value": plain(section.options)[option]})

    def _shown(self, answer: Mapping[str, Json]) -> Mapping[str, Json]:
        return cast("Mapping[str, Json]", json.loads(self._device.faults.shown(json.dumps(answer))))

    def _add(self, arguments: Arguments) -> Mapping[str, Json]:
        cursor, config, type_ = self._cursor(arguments), _text(arguments, "config"), _text(arguments, "type")
        name = _maybe(arguments, "name")
        if name is None:
            name = cursor.add(config, type_)
        else:
            cursor.set(config, name, "", type_)
        self._merge(cursor, config, name, arguments)
        return {"section": name}

    def _set(self, arguments: Arguments) -> None:
        cursor, config = self._cursor(arguments), _text(arguments, "config")
        if not isinstance(arguments.get("values"), Mapping):
            raise Failed(Status.INVALID_ARGUMENT)
        for section in _addressed(cursor.load(config), arguments):
            self._merge(cursor, config, section.name, arguments)

    def _merge(self, cursor: Cursor, config: str, section: str, arguments: Arguments) -> None:
        values = arguments.get("values")
        for option, given in values.items() if isinstance(values, Mapping) else ():
            there = cursor.load(config).section(section)
            before = there.options.get(option) if there else None
            with suppress(UciError):
                if before is not None and (isinstance(given, list) or isinstance(before, tuple)):
                    cursor.delete(config, section, option)
                if isinstance(given, list):
                    for one in given:
                        cursor.change_list("list-add", config, (section, option), _formatted(one))
                elif text := _formatted(given):
                    cursor.set(config, section, option, text)

    def _delete(self, arguments: Arguments) -> None:
        cursor, config = self._cursor(arguments), _text(arguments, "config")
        options = arguments.get("options", arguments.get("option"))
        for section in _addressed(cursor.load(config), arguments):
            named = options if isinstance(options, list) else [options]
            for option in named:
                with suppress(UciError):
                    cursor.delete(config, section.name, option if isinstance(option, str) else "")

    def _rename(self, arguments: Arguments) -> None:
        config, section = _text(arguments, "config"), _text(arguments, "section")
        option = _maybe(arguments, "option") or ""
        self._cursor(arguments).rename(config, section, option, _text(arguments, "name"))

    def _order(self, arguments: Arguments) -> None:
        cursor, config, sections = self._cursor(arguments), _text(arguments, "config"), arguments.get("sections")
        if not isinstance(sections, list):
            raise Failed(Status.INVALID_ARGUMENT)
        cursor.load(config)
        names = [one for one in sections if isinstance(one, str)]
        for position, name in enumerate(names):
            with suppress(UciError):
                cursor.reorder(config, name, position)

    def _changes(self, arguments: Arguments) -> Mapping[str, Json]:
        cursor, config = self._cursor(arguments), _maybe(arguments, "config")
        if config is not None:
            cursor.load(config)
            return {"changes": [_change(one) for one in cursor.changes(config)]}
        staged = {name: [_change(one) for one in cursor.changes(name)] for name in self._store.packages}
        return {"changes": {name: changes for name, changes in staged.items() if changes}}

    def _revert(self, arguments: Arguments) -> None:
        self._unlocked()
        self._cursor(arguments).revert(_text(arguments, "config"))

    def _commit(self, arguments: Arguments) -> None:
        self._unlocked()
        config = _text(arguments, "config")
        self._cursor(arguments).commit(config)
        self._store.reload([config])

    def _unlocked(self) -> None:
        if self._pending() is not None or self._device.faults.locked:
            raise Failed(Status.PERMISSION_DENIED)

    def _pending(self) -> Applied | None:
        if self._applied is not None and self._applied.epoch != self._device.epoch:
            self._applied = None
        return self._applied

    def _apply(self, arguments: Arguments) -> None:
        rollback = arguments.get("rollback") is True
        if (self._pending() is not None and rollback) or self._device.faults.locked:
            raise Failed(Status.PERMISSION_DENIED)
        session = _text(arguments, "ubus_rpc_session")
        if self._pending() is not None:
            return
        staged = {name: list(deltas) for name, deltas in self._store.staged.get(_place(arguments), {}).items()}
        if not staged:
            raise Failed(Status.NO_DATA)
        files = {name: self._store.files[FOLDER + name] for name in staged}
        for name in staged:
            self._cursor(arguments).commit(name)
        self._store.reload(staged)
        if rollback:
            seconds = arguments.get("timeout")
            timer = self._device.clock.after(seconds if isinstance(seconds, int) else _SECONDS, self._expired)
            self._applied = Applied(session, self._device.epoch, files, staged, timer)

    def _mine(self, arguments: Arguments) -> Applied:
        applied = self._pending()
        if applied is None:
            raise Failed(Status.NO_DATA)
        if applied.session != _text(arguments, "ubus_rpc_session"):
            raise Failed(Status.PERMISSION_DENIED)
        return applied

    def _confirm(self, arguments: Arguments) -> None:
        self._device.clock.cancel(self._mine(arguments).timer)
        self._applied = None

    def _rollback(self, arguments: Arguments) -> None:
        applied = self._mine(arguments)
        self._device.clock.cancel(applied.timer)
        self._expired()
        self._store.staged[_place(arguments)] = {name: list(deltas) for name, deltas in applied.staged.items()}

    def _expired(self) -> None:
        applied, self._applied = self._pending(), None
        if applied is not None:
            self._store.files.update({FOLDER + name: data for name, data in applied.files.items()})
            self._store.reload(applied.files)


def _translated(method: Method) -> Method:
    def call(arguments: Arguments) -> Mapping[str, Json] | None:
        try:
            return method(arguments)
        except UciError as error:
            raise Failed(Status.NOT_FOUND if error.code is Code.NOT_FOUND else Status.INVALID_ARGUMENT) from error

    return call


def _place(arguments: Arguments) -> str:
    sid = arguments.get("ubus_rpc_session")
    return f"/var/run/rpcd/uci-{sid}" if isinstance(sid, str) else SHARED


def _maybe(arguments: Arguments, name: str) -> str | None:
    value = arguments.get(name)
    return value if isinstance(value, str) else None


def _text(arguments: Arguments, name: str) -> str:
    value = _maybe(arguments, name)
    if value is None:
        raise Failed(Status.INVALID_ARGUMENT)
    return value


def _formatted(value: Json) -> str:
    """A value as text; what is neither text nor a number is nothing."""
    if isinstance(value, bool):
        return str(int(value))
    return str(value) if isinstance(value, int | str) else ""


def _matches(section: Section, arguments: Arguments) -> bool:
    wanted, type_ = arguments.get("match"), arguments.get("type")
    if isinstance(type_, str) and section.type != type_:
        return False
    pairs = wanted.items() if isinstance(wanted, Mapping) else ()
    return all(_formatted(value) in _words(section.options.get(name, ())) for name, value in pairs)


def _words(value: Value) -> tuple[str, ...]:
    return tuple(value.split()) if isinstance(value, str) else many(value)


def _addressed(package: Package, arguments: Arguments) -> list[Section]:
    name = _maybe(arguments, "section")
    if name is not None:
        section = package.section(name)
        return [] if section is None else [section]
    if not isinstance(arguments.get("type"), str) and not isinstance(arguments.get("match"), Mapping):
        raise Failed(Status.INVALID_ARGUMENT)
    return [one for one in package.sections if _matches(one, arguments)]


def _dumped(section: Section, number: int | None = None) -> dict[str, Json]:
    head: dict[str, Json] = {".anonymous": section.anonymous, ".type": section.type, ".name": section.name}
    return {**head, **({} if number is None else {".index": number}), **plain(section.options)}


def _change(delta: Delta) -> Json:
    value: list[Json] = [int(delta.value) if delta.command == "order" else delta.value] if delta.value else []
    return [delta.command, delta.section, *([delta.option] if delta.option else []), *value]
