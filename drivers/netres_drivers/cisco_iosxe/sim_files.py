"""IOS-XE's flash: ``dir``, ``copy``, ``delete``, ``more``, ``verify``, and uploads by SCP."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Final

from netres.testing.sim.cli import Refused
from netres.testing.sim.indented import Call, command
from netres.testing.sim.modes import Editor
from netres.testing.sim.tree import Node
from netres.testing.sim.words import Wrong
from netres_drivers.cisco_iosxe.sim_session import Router, RouterCli, confirmed

FLASH: Final = "bootflash:"
_FLASH: Final = re.compile(r"(?:boot)?flash:/*")
_TOTAL: Final = 3249049600
RUNNING: Final = {"running-config", "system:running-config", "system:/running-config"}
STARTUP: Final = {"startup-config", "nvram:startup-config", "nvram:/startup-config"}
_SIZE: Final = 1024 * 1024


def write(router: Router, path: str, content: bytes) -> None:
    """Keep a file; its path may name the file system."""
    name = _FLASH.sub("", path)
    router.device.files[name] = content
    router.written[name] = router.device.clock.now


def read(router: Router, path: str) -> bytes:
    """A file; its path may name the file system.

    Raises:
        KeyError: there is none.
    """
    return router.device.files[_FLASH.sub("", path)]


class Files(RouterCli):
    """Commands over files."""

    @property
    def quiet(self) -> bool:
        """Whether no question is asked: ``file prompt quiet``."""
        return self.router.value("file prompt") == "quiet"

    def file(self, url: str) -> bytes:
        """What is behind a URL.

        Raises:
            Refused: nothing is.
        """
        if url in RUNNING:
            return self.shown(self.store.running).encode()
        if url in STARTUP:
            return self.shown(self.store.saved).encode() if self.store.saved.children else b""
        if re.fullmatch(r"null:/*", url):
            return b""
        name = _FLASH.sub("", url)
        if name not in self.device.files:
            raise Refused(f"%Error opening {url} (No such file or directory)\n")
        return self.device.files[name]

    def _listed(self, number: int, name: str) -> str:
        time = self.router.time(self.router.written.get(name, self.router.booted))
        size = len(self.device.files[name])
        return f"{number}  -rw-{size:>17}  {time:%b} {time.day:>2} {time:%Y %H:%M:%S} +00:00  {name}\n"

    @command("dir [<word>]")
    def dir(self, call: Call) -> str:
        """What is in flash."""
        url = call.values[0] if call.values else FLASH + "/"
        if not (found := _FLASH.match(url)):
            raise Refused(f"%Error opening {url} (Invalid argument)\n")
        name = url[found.end() :]
        listed = [one for one in self.device.files if one == name or one.startswith(name and name.rstrip("/") + "/")]
        if name and not listed:
            return f"%Error opening {url} (No such file or directory)\n"
        lines = "".join(self._listed(number, one) for number, one in enumerate(sorted(listed), 11))
        used = sum(len(content) for content in self.device.files.values())
        end = f"\n{_TOTAL} bytes total ({_TOTAL - used} bytes free)\n"
        head = f"Directory of {url if name or url.endswith('/') else url + '/'}\n\n"
        return head + (lines or "No files in directory\n") + end

    @command("more <word>")
    def more_file(self, call: Call) -> str:
        """A file."""
        return self.file(call.values[0]).decode(errors="replace")

    @command("verify /md5 <word>")
    def verify(self, call: Call) -> str:
        """Its MD5 sum."""
        content = self.file(call.values[0])
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return f"{'.' * (len(content) // _SIZE + 1)}Done!\nverify /md5 ({call.values[0]}) = {digest}\n\n"

    @command("delete [/force] <word>")
    def delete(self, call: Call) -> str:
        """Take a file away."""
        url = call.values[0]
        if "/force" in call.words or self.quiet:
            return self._delete(url)
        name = _FLASH.sub("", url)
        return self.ask(
            f"Delete filename [{name}]? ",
            lambda given: self.ask(
                f"Delete {FLASH}/{given.strip() or name}? [confirm]",
                lambda sure: self._delete(FLASH + (given.strip() or name)) if confirmed(sure) else "",
            ),
        )

    def _delete(self, url: str) -> str:
        name = _FLASH.sub("", url)
        if self.device.files.pop(name, None) is None:
            raise Refused(f"%Error deleting {url} (No such file or directory)\n")
        return ""

    @command("copy (running-config|startup-config|<word>) (running-config|startup-config|<word>)")
    def copy(self, call: Call) -> str:
        """From one URL to another; with questions, unless they are switched off."""
        source, target = call.words[1:]
        if source in RUNNING and target in STARTUP:
            return self._saved("") if self.quiet else self.ask("Destination filename [startup-config]? ", self._saved)
        self.file(source)
        if self.quiet:
            return self._copy(source, target)
        name = re.sub(r"^[\w-]+:/*", "", target) or re.sub(r"^[\w-]+:/*", "", source)
        return self.ask(f"Destination filename [{name}]? ", lambda given: self._named(source, target, given.strip()))

    def _saved(self, given: str) -> str:
        self.save()
        return "Building configuration...\n[OK]\n"

    def _named(self, source: str, target: str, given: str) -> str:
        if given and target not in RUNNING | STARTUP:
            target = FLASH + given
        if _FLASH.match(target) and _FLASH.sub("", target) in self.device.files:
            return self.ask(
                "%Warning:There is a file already existing with this name \nDo you want to over write? [confirm]",
                lambda sure: self._copy(source, target) if confirmed(sure) else "",
            )
        return self._copy(source, target)

    def _copy(self, source: str, target: str) -> str:
        content = self.file(source)
        said = ""
        if target in RUNNING:
            said = self.merged(content.decode(errors="replace"))
        elif target in STARTUP:
            try:
                self.store.saved = self.router.whole(content.decode(errors="replace"))
            except ValueError as refused:
                raise Refused(f"%Error: {refused}\n") from None
        elif _FLASH.match(target):
            write(self.router, target, content)
        else:
            raise Refused(f"%Error opening {target} (Invalid argument)\n")
        return f"{said}{len(content)} bytes copied in 0.100 secs ({len(content) * 10} bytes/sec)\n\n"

    def merged(self, text: str) -> str:
        """Take the lines of a file as if they were typed; what is said to them."""
        if self.device.faults.locked:
            raise Refused(self.dialect.locked)
        answers: list[str] = []
        for line, said in self.editing(self.store.running, text):
            if isinstance(said, Wrong):
                answers.append(f"{line}\n{self.dialect.words_of(said, line.strip(), 0)}")
            else:
                answers.append(str(said))
        self.router.changed = self.device.clock.now, self.device.username
        return "".join(answers)

    def editing(self, tree: Node, text: str) -> Iterator[tuple[str, str | Wrong | Refused]]:
        """Take the lines of a file into a configuration; each with what is said to it."""
        return Editor(self.dialect, tree, self.device.faults.stored).run(text)

    def tree(self, url: str) -> Node:
        """The whole configuration behind a URL.

        Raises:
            ValueError: a line of it is refused.
            Refused: there is no such file.
        """
        return self.store.running if url in RUNNING else self.router.whole(self.file(url).decode(errors="replace"))
