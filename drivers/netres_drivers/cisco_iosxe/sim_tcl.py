"""IOS-XE's Tcl shell, as far as files are written through it: ``puts [open "flash:NAME" w+] {``, text, ``}``.

As netmiko's inline transfer uses it: a carriage return inside the braces is a line end of the file, which ends by one
more, and is written when the shell is left.
"""

from __future__ import annotations

import re
from typing import Final

from netres.testing.sim.device import Simulated
from netres.testing.sim.indented import Call, command
from netres_drivers.cisco_iosxe.sim_archive import Archive
from netres_drivers.cisco_iosxe.sim_files import write
from netres_drivers.cisco_iosxe.sim_session import Router

_PUTS: Final = re.compile(r'puts \[open "([^"]+)" w\+?\] \{(.*)')


class Tcl(Archive):
    """A command line with a Tcl shell."""

    def __init__(self, device: Simulated, router: Router) -> None:
        super().__init__(device, router)
        self._tcl = False
        self._open: tuple[str, list[str]] | None = None
        self._written: dict[str, str] = {}

    @property
    def prompt(self) -> str:
        """``r1(tcl)#``, and ``+>`` inside of braces."""
        if self._open is not None:
            return "+>"
        return f"{self.host_name}(tcl)#" if self._tcl else super().prompt

    @command("tclsh")
    def tclsh(self, call: Call) -> str:
        """Enter the shell."""
        self._tcl = True
        return ""

    def enter(self, line: str) -> str:
        """Do a line; in the shell: of it, or else a command."""
        if self._open is not None:
            self._put(line)
        elif self._tcl and line.strip() in {"tclquit", "exit"}:
            self._tcl = False
            for path, text in self._written.items():
                write(self.router, path, text.encode())
            self._written = {}
        elif self._tcl and (found := _PUTS.match(line)):
            self._open = found[1], []
            self._put(found[2])
        else:
            return super().enter(line)
        return ""

    def _put(self, line: str) -> None:
        assert self._open is not None
        path, lines = self._open
        text, brace, _ = line.partition("}")
        lines.append(text)
        if brace:
            self._written[path] = "\n".join(lines) + "\n"
            self._open = None
