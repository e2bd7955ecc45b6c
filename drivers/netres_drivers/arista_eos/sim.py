"""A simulated Arista EOS switch: configuration sessions over SSH, and the command API over HTTP and HTTPS."""

from __future__ import annotations

import re
from typing import Final

from netres.testing.sim.device import Simulated, Simulator
from netres.testing.sim.indented import USER
from netres.testing.sim.sessions import ConfigSessions, SessionStore
from netres_drivers.arista_eos.sim_cli import EosCli
from netres_drivers.arista_eos.sim_eapi import CommandApi
from netres_drivers.arista_eos.sim_facts import Facts
from netres_drivers.arista_eos.sim_grammar import CLEAN, DIALECT
from netres_drivers.arista_eos.sim_sessions import RULES
from netres_drivers.arista_eos.sim_text import body, header

_FACTORY: Final = CLEAN + "hostname {name}\nmanagement api http-commands\nprotocol http\nno shutdown\n"
_SECRETS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bsecret (?:0 |5 |sha512 )?([^\s\"\\]+)",
        r"\bpassword (?:0 |7 |sha512 )?([^\s\"\\]+)",
        r"\bkey (?:0 |7 )?([^\s\"\\]+)",
        r"\bsnmp-server community ([^\s\"\\]+)",
        r'"enable", "input": "([^"]+)"',
    )
)


def make(name: str) -> Simulated:
    """A switch as it came from the factory, with a host name and its command API open."""
    store = SessionStore(DIALECT, _FACTORY.format(name=name))

    store.shown = lambda tree: header(store.running) + body(tree)
    device = Simulated(name, "arista_eos", store, secrets=_SECRETS)
    facts = Facts(name, device.clock, device.clock.now)
    sessions = ConfigSessions(device, store, RULES)

    def booted() -> None:
        facts.booted = device.clock.now

    store.forgets.append(booted)

    def login(level: int | None = None) -> EosCli:
        made = EosCli(device, store, sessions, facts)
        made.level = made.level if level is None else level
        return made

    device.cli = login
    api = CommandApi(device, lambda: login(USER))
    device.http, device.http_refusal = api, api.refuse
    return device


SIMULATOR = Simulator("arista_eos", "Arista EOS", make)
