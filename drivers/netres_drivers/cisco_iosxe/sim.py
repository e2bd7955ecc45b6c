"""A simulated Cisco ISR 4331 with IOS-XE 17.9: three routed ports, a switch module of four, flash and an archive."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Final

from netres.testing.sim import Simulated, Simulator
from netres.testing.sim.scp import Download, Upload
from netres.testing.sim.wire import Act, Conversation, End, Send
from netres_drivers.cisco_iosxe.sim_cli import RouterLine
from netres_drivers.cisco_iosxe.sim_files import read, write
from netres_drivers.cisco_iosxe.sim_session import Router

SECRETS: Final = (
    re.compile(r"\b(?:password|secret|key-string|pre-shared-key|ospf authentication-key)(?: [0-9])? (\S+)"),
    re.compile(r"\bkey(?: [0-9])? (?!chain |config-key |\d+$)(\S+)$", re.MULTILINE),
    re.compile(r"\bntp authentication-key \d+ \S+ (\S+)"),
    re.compile(r"\bmd5(?: [07])? (\S+)"),
    re.compile(r"\bsnmp-server community (\S+)"),
    re.compile(r"\bsnmp-server host \S+ (?:(?:version|vrf|informs|traps) ?(?:1|2c)? )*(\S+)"),
)


class _Command:
    """A command that is run without a command line: done as at one, and answered by its text."""

    def __init__(self, router: Router, command: str) -> None:
        self._router = router
        self._command = command

    def start(self) -> Iterable[Act]:
        """Do it."""
        device = self._router.device
        session = RouterLine(device, self._router)
        command = self._command
        done = device.operate("exec", command, lambda: session.line(command), lambda: session.refusal(command))
        yield Send(("\n" + (done.answer or "")).replace("\n", "\r\n").encode())
        yield End(0)

    def feed(self, data: bytes) -> Iterable[Act]:
        """It takes no input."""
        return ()

    def eof(self) -> Iterable[Act]:
        """It has ended by itself."""
        return ()

    def close(self) -> None:
        """Nothing is kept."""


def _program(router: Router, command: str) -> Conversation:
    if (found := re.match(r"scp\b.* -([tf]) ", command)) is None:
        return _Command(router, command)
    allowed = "ip scp server enable" in router.store.running.children
    refusal = "" if allowed else "Administratively disabled."
    if found[1] == "t" or refusal:
        return Upload(router.device, command, partial(write, router), refusal)
    return Download(router.device, command, partial(read, router))


def router(name: str) -> Simulated:
    """A new one of this host name."""
    made = Router(name)
    device = made.device
    device.secrets = SECRETS
    device.cli = lambda: RouterLine(device, made)
    device.program = lambda command: _program(made, command)
    return device


SIMULATOR: Final = Simulator("cisco_iosxe", "Cisco IOS-XE: ISR 4331", router)
