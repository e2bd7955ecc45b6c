"""The programs of a device that is configured with UCI: ``uci`` itself, files, services."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Final

from netres.testing.sim.device import Simulated
from netres.testing.sim.shell import Finished, Program, ShellError, parsed
from netres.testing.sim.uci import Code, Package, UciError, listed, many, parse, quoted
from netres.testing.sim.uci_store import SHARED, Cursor, Delta, UciStore

_USAGE: Final = "Usage: uci [<options>] <command> [<arguments>]\n"
_PATH: Final = re.compile(
    r"(?P<package>[^.=]+)(?:\.(?P<section>[^.=]+)(?:\.(?P<option>[^.=]+))?)?(?:=(?P<value>.*))?", re.DOTALL
)


class _NotFoundFirst(UciError):
    """Something cannot even be looked up: the command line fails with 1, whatever the library says."""

    def __init__(self, error: UciError) -> None:
        super().__init__(error.code, str(error))


class Uci:
    """The program ``uci``. Statuses and words are those of libuci's own command line."""

    def __init__(self, device: Simulated, store: UciStore) -> None:
        self._device = device
        self._store = store
        self._cursor = Cursor(store, SHARED, device.faults.stored)
        self._ids = False

    def __call__(self, arguments: Sequence[str], fed: str) -> Finished:
        """Run it."""
        quiet, self._ids = False, False
        rest = list(arguments)
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            quiet = quiet or option == "-q"
            self._ids = self._ids or option == "-X"
            if option not in {"-q", "-X"}:
                return Finished(255, "", _USAGE)
        if not rest:
            return Finished(255, "", _USAGE)
        try:
            return Finished(0, self._done(rest[0], rest[1:], fed))
        except UciError as error:
            status = 1 if isinstance(error, _NotFoundFirst) else int(error.code)
            return Finished(status, "", "" if quiet else f"uci: {error}\n")

    def _done(self, command: str, arguments: Sequence[str], fed: str) -> str:
        if command in {"set", "add_list", "del_list", "delete", "rename", "reorder", "revert", "get"}:
            if len(arguments) != 1:
                raise UciError(Code.INVALID)
            return self._addressed(command, _path(arguments[0]))
        of_package = {"show": self._show, "export": self._export, "changes": self._changes, "commit": self._commit}
        match command, list(arguments):
            case _, [] | [_] if command in of_package:
                with _looking_up():
                    return of_package[command](arguments)
            case "add", [name, type_]:
                return self._cursor.add(name, type_) + "\n"
            case "import", [] | [_]:
                return self._import(arguments[0] if arguments else None, fed)
            case "batch", []:
                return "".join(self._batched(line) for line in fed.splitlines())
            case _:
                raise UciError(Code.INVALID)

    def _export(self, names: Sequence[str]) -> str:
        exported = [self._cursor.load(name).export() for name in names or self._store.packages]
        return self._device.faults.shown("\n".join(exported))

    def _changes(self, names: Sequence[str]) -> str:
        for name in names:
            self._cursor.load(name)
        staged = {name: self._cursor.changes(name) for name in names or self._store.packages}
        return "".join(_change(name, one) for name, deltas in staged.items() for one in deltas)

    def _batched(self, line: str) -> str:
        """A line of ``uci batch``, which goes on after a failure, and ends with status 0 whatever failed."""
        said = ""
        try:
            for step in parsed(line):
                said += self._done(step.words[0], step.words[1:], "")
        except ShellError:
            said += f"uci: {Code.INVALID.words}\n"
        except UciError as error:
            said += f"uci: {error}\n"
        return said

    def _commit(self, names: Sequence[str]) -> str:
        if self._device.faults.locked:
            raise UciError(Code.IO)
        for name in names or self._store.packages:
            self._cursor.commit(name)
        return ""

    def _import(self, name: str | None, fed: str) -> str:
        found = parse(self._device.faults.stored(fed), name)
        if self._device.faults.locked:
            raise UciError(Code.IO)
        for package in found.values():
            self._store.write(package)
        return ""

    def _addressed(self, command: str, path: Mapping[str, str]) -> str:
        name, section, option, value = (path[part] for part in ("package", "section", "option", "value"))
        cursor = self._cursor
        with _looking_up():
            package = cursor.load(name)
            if command == "get":
                return self._get(package, section, option)
        if not section and command != "revert":
            raise UciError(Code.INVALID)
        match command:
            case "revert":
                cursor.revert(name, section, option)
            case "delete":
                cursor.delete(name, section, option)
            case "set":
                cursor.set(name, section, option, value)
            case "rename":
                cursor.rename(name, section, option, value)
            case "reorder" if value.isdigit():
                cursor.reorder(name, section, int(value))
            case "add_list" | "del_list":
                cursor.change_list("list-add" if command == "add_list" else "list-del", name, (section, option), value)
            case _:
                raise UciError(Code.INVALID)
        return ""

    def _get(self, package: Package, section: str, option: str) -> str:
        there = package.section(section)
        if there is None or (option and option not in there.options):
            raise UciError(Code.NOT_FOUND)
        return self._device.faults.shown((" ".join(many(there.options[option])) if option else there.type) + "\n")

    def _show(self, arguments: Sequence[str]) -> str:
        if not arguments:
            return self._device.faults.shown(
                "".join(self._cursor.load(name).show(ids=self._ids) for name in self._store.packages)
            )
        path = _path(arguments[0])
        package = self._cursor.load(path["package"])
        there = package.section(path["section"]) if path["section"] else None
        if path["section"] and (there is None or (path["option"] and path["option"] not in there.options)):
            raise UciError(Code.NOT_FOUND)
        if there is not None and path["option"]:
            where = f"{package.name}.{there.name if self._ids else package.label(there)}.{path['option']}"
            return self._device.faults.shown(f"{where}={listed(there.options[path['option']])}\n")
        return self._device.faults.shown(package.show(there, ids=self._ids))


@contextmanager
def _looking_up() -> Generator[None, None, None]:
    try:
        yield
    except UciError as error:
        raise _NotFoundFirst(error) from error


def _path(text: str) -> Mapping[str, str]:
    match = _PATH.fullmatch(text)
    # neither a line end nor another control character is text to libuci
    if match is None or re.search(r"[\x00-\x08\x0a-\x1f]", text):
        raise _NotFoundFirst(UciError(Code.INVALID))
    return match.groupdict(default="")


def _change(name: str, delta: Delta) -> str:
    where = ".".join(part for part in (name, delta.section, delta.option) if part)
    if delta.command == "remove":
        return f"-{where}\n"
    sign = {"list-add": "+=", "list-del": "-="}.get(delta.command, "=")
    return f"{where}{sign}{quoted(delta.value)}\n"


class Files:
    """The programs ``cat``, ``mv``, ``rm``. What they say is busybox's."""

    def __init__(
        self, files: MutableMapping[str, bytes], shown: Callable[[str], str], stored: Callable[[str], str]
    ) -> None:
        self._files = files
        self._shown = shown
        self._stored = stored

    def cat(self, arguments: Sequence[str], fed: str) -> Finished:
        """Show files, or what it is fed."""
        if not arguments:
            return Finished(0, self._stored(fed))
        said, errors = "", ""
        for path in arguments:
            if path in self._files:
                said += self._files[path].decode(errors="surrogateescape")
            else:
                errors += f"cat: can't open '{path}': No such file or directory\n"
        return Finished(1 if errors else 0, self._shown(said), errors)

    def mv(self, arguments: Sequence[str], fed: str) -> Finished:
        """Rename a file."""
        paths = [one for one in arguments if one != "-f"]
        if len(paths) != 2:
            return Finished(1, "", "mv: unrecognized usage\n")
        if paths[0] not in self._files:
            return Finished(1, "", f"mv: can't rename '{paths[0]}': No such file or directory\n")
        self._files[paths[1]] = self._files.pop(paths[0])
        return Finished()

    def rm(self, arguments: Sequence[str], fed: str) -> Finished:
        """Remove files."""
        force, paths = "-f" in arguments, [one for one in arguments if one != "-f"]
        missing = [path for path in paths if self._files.pop(path, None) is None]
        errors = "" if force else "".join(f"rm: can't remove '{path}': No such file or directory\n" for path in missing)
        return Finished(1 if errors else 0, "", errors)


def programs(device: Simulated, store: UciStore, services: Mapping[str, Sequence[str]]) -> dict[str, Program]:
    """The programs of a device.

    Args:
        device: the device.
        store: its configuration.
        services: from the name of a service to the packages that it reads.
    """
    files = Files(store.files, device.faults.shown, device.faults.stored)
    made: dict[str, Program] = {
        "uci": Uci(device, store),
        "cat": files.cat,
        "mv": files.mv,
        "rm": files.rm,
        "echo": lambda arguments, fed: Finished(0, " ".join(arguments) + "\n"),
        "true": lambda arguments, fed: Finished(),
        "false": lambda arguments, fed: Finished(1),
        "reload_config": lambda arguments, fed: _reloaded(store, None),
        "reboot": lambda arguments, fed: _restarted(device),
    }
    for name, packages in services.items():
        made[f"/etc/init.d/{name}"] = _service(store, packages)
    return made


def reads(words: Sequence[str]) -> bool:
    """Whether a program reads what it is fed."""
    match words:
        case ["cat"]:
            return True
        case ["uci", *rest]:
            return not {"import", "batch"}.isdisjoint(rest[:2])
        case _:
            return False


def _reloaded(store: UciStore, packages: Sequence[str] | None) -> Finished:
    store.reload(packages)
    return Finished()


def _restarted(device: Simulated) -> Finished:
    device.reboot()
    return Finished()


def _service(store: UciStore, packages: Sequence[str]) -> Program:
    def run(arguments: Sequence[str], fed: str) -> Finished:
        if list(arguments) in (["reload"], ["restart"], ["start"]):
            return _reloaded(store, packages)
        return Finished(1, "", "Syntax: service <command>\n")

    return run
