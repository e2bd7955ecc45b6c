"""A simulated ArubaOS 8 mobility controller: its command line over SSH.

The recorded session of oxidized (Aruba 7210, 8.10) gives the greeting prompt ``(host) [mynode] #``, ``show version``,
``show inventory`` and the form of ``show running-config``; oxidized's list of prompts gives the mark ``^`` of what is
pending; scrapli's definition the texts of refusals. Transcripts that operators published give the prompts of
configuration and the question of ``reload``. What ``write memory`` says, and the form of ``show configuration
pending``, are unproven on a device. The mark ``*`` of a crash is not simulated, nor are other nodes than ``mynode``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from netres.testing.sim import Simulated, Simulator
from netres.testing.sim.indented import Call, IndentedCli, command
from netres.testing.sim.staged import StagedStore, changes
from netres.testing.sim.tree import Node
from netres_drivers.aruba_aos8.sim_dialect import DIALECT, TYPES, factory, quoted

_VERSION: Final = """

Aruba Operating System Software.
ArubaOS (MODEL: Aruba7210), Version 8.10.0.7 LSR
Website: http://www.arubanetworks.com
(c) Copyright 2023 Hewlett Packard Enterprise Development LP.
Compiled on 2023-06-06 at 18:06:54 UTC (build 87023) by jenkins

ROM: System Bootstrap, Version CPBoot 1.2.9.0 (build 59986)
Built: 2017-06-07 03:35:36
Built by: p4build@re_client_59986


Switch uptime is {days} days {hours} hours {minutes} minutes {seconds} seconds
Reboot Cause: User reboot.
Supervisor Card
Processor (XLP416 Rev B2 (Secure Boot) , 800 MHz) with 7382M bytes of memory.
32K bytes of non-volatile configuration memory.
7744M bytes of Supervisor Card system flash.
"""
_INVENTORY: Final = "\nSupervisor Card slot      \t: 0\nSystem Serial#            \t: {serial} (Date:03/31/18)\n"
_SECRET: Final = re.compile(r'(?m)^( *(?:wpa-passphrase|key) ")(.*)(" *)$')


def _shown(tree: Node) -> str:
    """As ``show running-config`` has it: nothing indented, a blank at each end, ``!`` after a block."""

    def lines() -> Iterator[str]:
        for node in tree.ordered():
            yield node.line + " "
            yield from (f"{line} " for line in node.lines(indent=""))
            if DIALECT.grammars["configure"][0].match(node.line).meaning.opens:
                yield "!"

    return "".join(f"{line}\n" for line in lines())


class Controller(IndentedCli):
    """One login."""

    types = TYPES
    store: StagedStore

    def __init__(self, device: Simulated, store: StagedStore, started: float) -> None:
        super().__init__(device, store)
        self._started = started
        self._encrypted = True

    @property
    def host_name(self) -> str:
        """As it is configured, without quotation marks."""
        return super().host_name.strip('"')

    @property
    def prompt(self) -> str:
        """``(host) ^[mynode] (config) #``: where the login is, and whether something is pending."""
        mark = "^" if self.store.differs else ""
        place = ""
        if self.editor is not None:
            above = self.editor.above
            name = above[-1][above[-1].index('"') :] if above and '"' in above[-1] else ""
            place = f"({self.editor.mode.prompt.format(name=name)}) "
        return f"({self.host_name}) {mark}[mynode] {place}#"

    def configure(self, line: str) -> str:
        """Do a line of configuration; ``show`` and ``write`` are known there too."""
        if re.match(r"\s*(?:show|write)\s", line):
            return self.execute(line)
        typed = line.strip()
        return super().configure("no " + quoted(typed[3:].strip()) if typed.startswith("no ") else line)

    @command("configure terminal")
    def configure_terminal(self, call: Call) -> str:
        """Change what is pending."""
        return self.edits(self.store.pending)

    @command("no paging")
    def no_paging(self, call: Call) -> str:
        """Show everything at once."""
        self.page = 0
        return ""

    @command("paging")
    def paging(self, call: Call) -> str:
        """Stop at the end of each page."""
        self.page = 24
        return ""

    @command("encrypt disable")
    def encrypt_disable(self, call: Call) -> str:
        """Show secrets."""
        self._encrypted = False
        return ""

    @command("encrypt enable")
    def encrypt_enable(self, call: Call) -> str:
        """Show asterisks instead of secrets."""
        self._encrypted = True
        return ""

    def _masked(self, text: str) -> str:
        text = self.device.faults.shown(text)
        return _SECRET.sub(r"\g<1>********\3", text) if self._encrypted else text

    @command("show running-config")
    def show_running(self, call: Call) -> str:
        """What runs."""
        body = self._masked(self.store.native())
        return f"Building Configuration...\n \nversion 8.10\n{body}\n\nend\n"

    @command("show configuration pending")
    def show_pending(self, call: Call) -> str:
        """What ``write memory`` would change."""
        return self._masked("".join(f"{line}\n" for line in changes(self.store.running, self.store.pending, "no")))

    @command("show version")
    def show_version(self, call: Call) -> str:
        """Release and time since the start."""
        up = int(self.device.clock.now - self._started)
        hours, minutes = up // 3600, up // 60
        return _VERSION.format(days=up // 86400, hours=hours % 24, minutes=minutes % 60, seconds=up % 60)

    @command("show inventory")
    def show_inventory(self, call: Call) -> str:
        """The serial number."""
        return _INVENTORY.format(serial=f"CV{int.from_bytes(self.device.name.encode()) % 10_000_000:07d}")

    @command("write memory")
    def write_memory(self, call: Call) -> str:
        """Run what is pending, and save it."""
        if self.device.faults.locked:
            return self.dialect.locked
        self.store.commit()
        return "\nSaving Configuration...\n\nConfiguration Saved.\n"

    @command("reload")
    def reload(self, call: Call) -> str:
        """Start anew."""

        def sure(answer: str) -> str:
            if answer.strip() != "y":
                return ""
            self.ended = True
            self.device.reboot()
            return "\nSystem will now restart!\n"

        return self.ask("Do you really want to restart the system(y/n): ", sure)


def make(name: str) -> Simulated:
    """A controller as it came from the factory, with this host name."""
    store = StagedStore(DIALECT, factory(name), _shown)
    secrets = (re.compile(r"\b(?:wpa-passphrase|key) \"?([^\"\n]+)"), re.compile(r"\bauthentication (\S+)"))
    device = Simulated(name, "aruba_aos8", store, secrets=secrets)
    started = [device.clock.now]
    store.forgets.append(lambda: started.__setitem__(0, device.clock.now))
    device.cli = lambda: Controller(device, store, started[0])
    return device


SIMULATOR = Simulator("aruba_aos8", "ArubaOS 8 mobility controller", make)
