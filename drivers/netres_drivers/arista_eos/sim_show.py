"""Arista EOS: what the command line of the simulated device shows, as text and as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from netres.testing.sim.device import Simulated
from netres.testing.sim.http import Json
from netres.testing.sim.indented import Call, command
from netres.testing.sim.sessions import ConfigSession, ConfigSessions, SessionCli, SessionStore
from netres.testing.sim.tree import Node
from netres.testing.sim.words import Wrong
from netres_drivers.arista_eos.sim_facts import Facts
from netres_drivers.arista_eos.sim_grammar import DIALECT
from netres_drivers.arista_eos.sim_ports import Ports
from netres_drivers.arista_eos.sim_sessions import sessions_json, sessions_text
from netres_drivers.arista_eos.sim_text import body, cmds, configured, header, whole

_SECRET: Final = re.compile(r"( (?:secret|password|key)(?: sha512| 5| 7)?) \S+")


class EosShows(SessionCli):
    """One login, as far as it shows things; the JSON of a method is made by the one with ``_json`` in its name."""

    types = DIALECT.types

    def __init__(self, device: Simulated, store: SessionStore, sessions: ConfigSessions, facts: Facts) -> None:
        super().__init__(device, store, sessions)
        self.facts = facts

    @property
    def host_name(self) -> str:
        """As it is configured."""
        return configured(self.store.running, "hostname", "localhost")

    def here(self) -> ConfigSession:
        """The session this login is in; raises `Wrong` where it is in none."""
        if self.session is None:
            raise Wrong("invalid", 0)
        return self.session

    def _config(self, name: str, tree: Node, *, faults: bool = True) -> str:
        text = self.shown(tree) if faults else self.store.shown(tree)
        return f"! Command: show {name}\n{text}"

    @command("show running-config [all] [sanitized]")
    def show_running(self, call: Call) -> str:
        """The running configuration."""
        running = self.store.running
        text = self._config(" ".join(call.words[1:]), running)
        if "all" in call.words:
            first = text.partition("\n")[0]
            text = self.device.faults.shown(f"{first}\n{header(running)}{body(running, every=True)}")
        return _SECRET.sub(r"\1 <removed>", text) if call.words[-1] == "sanitized" else text

    def show_running_json(self, call: Call) -> Mapping[str, Json]:
        """The same as JSON."""
        header = [line.removeprefix("! ") for line in self._config("running-config", Node()).splitlines()[:2]]
        tree = cmds(whole(self.store.running), self.device.faults.shown)
        return {"comments": [], "header": header, "cmds": tree}

    @command("show running-config interfaces <port>")
    def show_running_interface(self, call: Call) -> str:
        """One interface of it."""
        node = whole(self.store.running).children.get(f"interface {call.values[0]}")
        lines = [node.line, *node.lines(1, self.dialect.indent)] if node else []
        return self.device.faults.shown("".join(f"{line}\n" for line in lines))

    @command("show startup-config")
    def show_startup(self, call: Call) -> str:
        """The startup configuration."""
        return self._config("startup-config", self.store.saved)

    @command("show session-config")
    def show_session(self, call: Call) -> str:
        """The candidate of the session this login is in."""
        return self._config("session-config", self.here().candidate)

    @command("show session-config named <word>")
    def show_session_named(self, call: Call) -> str:
        """The candidate of another session."""
        return self._config(call.text.removeprefix("show "), self.sessions.get(call.values[0]).candidate)

    @command("show session-config diffs")
    def show_diffs(self, call: Call) -> str:
        """What the session this login is in would change."""
        return self._diffs(self.here())

    @command("show session-config named <word> diffs")
    def show_diffs_named(self, call: Call) -> str:
        """What another session would change."""
        return self._diffs(self.sessions.get(call.values[0]))

    def _diffs(self, session: ConfigSession) -> str:
        names = "system:/running-config", f"session:/{session.name}-session-config"
        return self.device.faults.shown(self.sessions.diffs(session, *names))

    @command("show configuration sessions [detail]", user=True)
    def show_sessions(self, call: Call) -> str:
        """The sessions and their state."""
        return sessions_text(self.sessions, self, self.device, detail=call.words[-1] == "detail")

    def show_sessions_json(self, call: Call) -> Mapping[str, Json]:
        """The same as JSON."""
        return sessions_json(self.sessions, self, self.device)

    @command("show version", user=True)
    def show_version(self, call: Call) -> str:
        """Model, serial number, software."""
        return self.facts.version_text()

    def show_version_json(self, call: Call) -> Mapping[str, Json]:
        """The same as JSON."""
        return self.facts.version()

    @command("show hostname", user=True)
    def show_hostname(self, call: Call) -> str:
        """Its name, and that with the domain."""
        told = self.show_hostname_json(call)
        return f"Hostname: {told['hostname']}\nFQDN:     {told['fqdn']}\n"

    def show_hostname_json(self, call: Call) -> Mapping[str, Json]:
        """The same as JSON."""
        domain = configured(self.store.running, "dns domain", "")
        return {"hostname": self.host_name, "fqdn": f"{self.host_name}.{domain}" if domain else self.host_name}

    @property
    def _ports(self) -> Ports:
        return Ports(self.store.running, self.facts)

    @command("show interfaces", user=True)
    def show_interfaces(self, call: Call) -> str:
        """Every interface."""
        return self._ports.interfaces_text()

    def show_interfaces_json(self, call: Call) -> Mapping[str, Json]:
        """The same as JSON."""
        return self._ports.interfaces()

    @command("show interfaces status", user=True)
    def show_status(self, call: Call) -> str:
        """The ports, a line each."""
        return self._ports.status_text()

    @command("show ip interface brief", user=True)
    def show_brief(self, call: Call) -> str:
        """The interfaces with an address."""
        return self._ports.brief_text()

    def show_brief_json(self, call: Call) -> Mapping[str, Json]:
        """The same as JSON."""
        return self._ports.brief()

    @command("show vlan", user=True)
    def show_vlan(self, call: Call) -> str:
        """The VLANs and who is in them."""
        return self._ports.vlan_text()

    def show_vlan_json(self, call: Call) -> Mapping[str, Json]:
        """The same as JSON."""
        return self._ports.vlan()
