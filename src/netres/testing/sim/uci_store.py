"""The UCI files of a device, what is staged over them, and what runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from netres.testing.sim.uci import NAME, TYPE, Code, Package, Section, UciError, many, merged, parse

FOLDER: Final = "/etc/config/"
SHARED: Final = "/tmp/.uci"  # noqa: S108 - a simulated device's; nothing is written there
"""Where programs stage; whoever logs in over ubus has a place of his own."""
_LOST: Final = "/tmp/"  # noqa: S108 - see above

Command: TypeAlias = Literal["set", "add", "remove", "rename", "order", "list-add", "list-del"]


@dataclass(frozen=True)
class Delta:
    """One staged change."""

    command: Command
    section: str
    option: str = ""
    value: str = ""

    def apply(self, package: Package) -> None:
        """Have a package have it; where its section is gone, nothing happens."""
        section = package.section(self.section)
        if section is None:
            if not self.option and self.command in {"set", "add"}:
                package.add(self.value, self.section, anonymous=self.command == "add")
            return
        if self.option:
            self._change(section)
        elif self.command == "remove":
            package.sections.remove(section)
        elif self.command == "order":
            package.sections.remove(section)
            package.sections.insert(int(self.value), section)
        elif self.command == "rename":
            section.name, section.anonymous = self.value, False
        else:
            section.type = self.value

    def _change(self, section: Section) -> None:
        options, before = section.options, section.options.get(self.option, ())
        match self.command:
            case "set":
                options[self.option] = self.value
            case "list-add":
                options[self.option] = (*many(before), self.value)
            case "list-del" if rest := tuple(one for one in many(before) if one != self.value):
                options[self.option] = rest
            case "remove" | "list-del":
                options.pop(self.option, None)
            case _:
                section.options = {self.value if name == self.option else name: one for name, one in options.items()}


@dataclass
class UciStore:
    """Files that survive a restart, staged changes that do not; implements `netres.testing.sim.device.Store`.

    What runs is what the files said when their services were last told to read them.
    """

    factory: Mapping[str, str]
    """The text of each file that it comes with."""
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """By path; shared with the device."""
    staged: dict[str, dict[str, list[Delta]]] = field(default_factory=dict[str, dict[str, list[Delta]]])
    """By the place where they are staged, and by package."""
    running: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """By package, the file that its service has read."""

    def __post_init__(self) -> None:
        self.reset()

    @property
    def packages(self) -> list[str]:
        """The names of the files."""
        return sorted(path.removeprefix(FOLDER) for path in self.files if path.startswith(FOLDER))

    def committed(self, name: str) -> Package:
        """A file.

        Raises:
            UciError: there is none, or it cannot be read.
        """
        if (data := self.files.get(FOLDER + name)) is None:
            raise UciError(Code.NOT_FOUND)
        return parse(data.decode(errors="replace"), name)[name]

    def write(self, package: Package) -> None:
        """Have a package in its file."""
        self.files[FOLDER + package.name] = package.text().encode()

    def reload(self, packages: Iterable[str] | None = None) -> None:
        """Have services read their files; one that cannot be read changes nothing."""
        for name in self.packages if packages is None else packages:
            try:
                self.committed(name)
            except UciError:
                continue
            self.running[name] = self.files[FOLDER + name]
        if packages is None:
            self.running = {name: data for name, data in self.running.items() if FOLDER + name in self.files}

    def ran(self, name: str) -> Package:
        """The package that runs."""
        return parse(self.running.get(name, b"").decode(errors="replace"), name)[name]

    def native(self) -> str:
        """What runs, as ``uci export`` would show it."""
        return "\n".join(self.ran(name).export() for name in sorted(self.running))

    def load(self, text: str) -> None:
        """Merge what ``uci export`` shows into the files, and have the services read them."""
        try:
            for name, package in parse(text).items():
                there = self.committed(name) if FOLDER + name in self.files else Package(name)
                self.write(merged(there, package))
        except UciError as error:
            raise ValueError(str(error)) from error
        self.reload()

    def reset(self) -> None:
        """Have it as it came from the factory."""
        self.files.clear()
        self.running.clear()
        self.files.update({FOLDER + name: text.encode() for name, text in self.factory.items()})
        self.reboot()

    def reboot(self) -> None:
        """Start anew."""
        for path in [path for path in self.files if path.startswith(_LOST)]:
            del self.files[path]
        self.staged.clear()
        self.reload()


class Cursor:
    """Reads and stages changes in one place. Every method raises `UciError` for what libuci refuses."""

    def __init__(self, store: UciStore, place: str, stored: Callable[[str], str]) -> None:
        """``stored``: what the device makes of ``package.section.option=value``."""
        self._store = store
        self._place = place
        self._stored = stored

    def load(self, name: str) -> Package:
        """A file with what is staged over it."""
        package = self._store.committed(name)
        for delta in self.changes(name):
            delta.apply(package)
        return package

    def changes(self, name: str) -> list[Delta]:
        """What is staged over a file."""
        return self._store.staged.get(self._place, {}).get(name, [])

    def set(self, name: str, section: str, option: str, value: str) -> None:
        """Set an option, or without one make a section of the type ``value``; an empty value deletes."""
        package = self.load(name)
        there = package.section(section)
        told = f"{name}.{section}.{option}=" if option else f"{name}.{section}="
        stored = self._stored(told + value)
        value = stored.removeprefix(told) if stored.startswith(told) else stored.partition("=")[2]
        if not value:
            if there is not None and (not option or option in there.options):
                self.delete(name, section, option)
            return
        if (there is None and (option or not NAME.fullmatch(section))) or not _named(option, value):
            raise UciError(Code.INVALID)
        held = None if there is None else there.options.get(option) if option else there.type
        if value != held:
            self._stage(name, Delta("set", there.name if there else section, option, value))

    def add(self, name: str, type_: str) -> str:
        """A new anonymous section; its made-up name."""
        package = self.load(name)
        if not TYPE.fullmatch(type_):
            raise UciError(Code.INVALID)
        made = package.add(type_).name
        self._stage(name, Delta("add", made, "", type_))
        return made

    def change_list(
        self, command: Literal["list-add", "list-del"], name: str, where: tuple[str, str], value: str
    ) -> None:
        """Add a value to a list, or take it out of it; ``where``: section and option."""
        section, option = where
        there = self.load(name).section(section)
        if there is None or not option or not _named(option, value):
            raise UciError(Code.INVALID)
        told = f"{name}.{section}.{option}="
        self._stage(name, Delta(command, there.name, option, self._stored(told + value).removeprefix(told)))

    def delete(self, name: str, section: str, option: str = "") -> None:
        """Delete an option or a section."""
        self._stage(name, Delta("remove", self._there(name, section, option).name, option))

    def rename(self, name: str, section: str, option: str, value: str) -> None:
        """Rename an option or a section."""
        there = self._there(name, section, option)
        if not NAME.fullmatch(value):
            raise UciError(Code.INVALID)
        self._stage(name, Delta("rename", there.name, option, value))

    def reorder(self, name: str, section: str, position: int) -> None:
        """Put a section at a position."""
        self._stage(name, Delta("order", self._there(name, section).name, "", str(position)))

    def revert(self, name: str, section: str = "", option: str = "") -> None:
        """Forget what is staged over a file, a section or an option."""
        package = self.load(name)
        there = package.section(section)
        names = {section, there.name if there else section}
        kept = [
            one
            for one in self.changes(name)
            if section and (one.section not in names or (option and one.option != option))
        ]
        self._keep(name, kept)

    def commit(self, name: str) -> None:
        """Write what is staged into the file; where nothing is, the file stays as it is."""
        if self.changes(name):
            self._store.write(self.load(name))
            self._keep(name, [])
        elif FOLDER + name not in self._store.files:
            raise UciError(Code.NOT_FOUND)

    def _there(self, name: str, section: str, option: str = "") -> Section:
        there = self.load(name).section(section)
        if there is None or (option and option not in there.options):
            raise UciError(Code.NOT_FOUND)
        return there

    def _stage(self, name: str, delta: Delta) -> None:
        self._store.staged.setdefault(self._place, {}).setdefault(name, []).append(delta)

    def _keep(self, name: str, deltas: list[Delta]) -> None:
        place = self._store.staged.get(self._place, {})
        if deltas:
            place[name] = deltas
        else:
            place.pop(name, None)


def _named(option: str, value: str) -> bool:
    """Whether an option may be called so; without one, whether a section may be of the type ``value``."""
    return NAME.fullmatch(option) is not None if option else TYPE.fullmatch(value) is not None
