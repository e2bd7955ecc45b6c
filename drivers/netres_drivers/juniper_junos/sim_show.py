"""What a simulated Junos router shows of its state, in the formats of the recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from netres.testing.sim.candidate import Candidates
from netres.testing.sim.editing import Editor, Mode
from netres.testing.sim.settree import Node

MODEL: Final = "srx300"
PORTS: Final = ("ge-0/0/0", "ge-0/0/1", "ge-0/0/2", "ge-0/0/3", "lo0")
"""What the device has, configured or not."""
_DATE: Final = "%Y-%m-%d %H:%M:%S UTC"


def version(store: Candidates) -> str:
    """``show version`` (recorded on an SRX300)."""
    release = store.running.value("version")
    name = store.running.value("system", "host-name")
    head = f"Hostname: {name}\n" if name else ""
    return f"{head}Model: {MODEL}\nJunos: {release}\nJUNOS Software Release [{release}]\n"


def minutes(store: Candidates) -> int:
    """Until a commit that is not confirmed is taken back."""
    return max(1, round(store.clock.remaining(store.pending.timer) / 60)) if store.pending else 0


def commits(store: Candidates) -> str:
    """``show system commit``."""
    lines: list[str] = []
    for number, one in enumerate(store.history):
        confirmed = f" commit confirmed, rollback in {minutes(store)}mins" if store.pending and not number else ""
        lines.append(f"{number:<3} {one.at:{_DATE}} by {one.user} via {one.via}{confirmed}")
        if one.comment:
            lines.append(f"    {one.comment}")
    return "".join(f"{line}\n" for line in lines)


def uptime(store: Candidates) -> str:
    """``show system uptime``, as far as there is something to tell."""
    latest = store.history[0]
    return (
        f"Current time: {store.now():{_DATE}}\nTime Source:  LOCAL CLOCK \n"
        f"Last configured: {latest.at:{_DATE}} by {latest.user}\n"
    )


def editors(those: Sequence[Editor | None], store: Candidates) -> str:
    """Who edits: one login each."""
    return "".join(_editor(one, store) for one in those)


def _editor(editor: Editor | None, store: Candidates) -> str:
    if editor is None:  # nobody that this device simulates: a fault
        return f"  root terminal d0 (pid 3999) on since {store.now():{_DATE}}\n      exclusive [edit]\n"
    exclusive = "exclusive " if editor is store.holder else "private " if editor.mode is Mode.PRIVATE else ""
    terminal = f"terminal p{editor.number - 4001}" if editor.via == "cli" else "terminal "
    return (
        f"  {editor.user} {terminal} (pid {editor.number}) on since {editor.since:{_DATE}}\n      {exclusive}[edit]\n"
    )


def interfaces_terse(config: Node) -> str:
    """``show interfaces terse``: every port is plugged in."""
    lines = [f"{'Interface':<24}Admin Link Proto    Local                 Remote"]
    there = config.at("interfaces")
    configured = {node.words[0]: node for node in there.sorted()} if there else {}
    for port in dict.fromkeys((*PORTS, *configured)):
        node = configured.get(port)
        up = node is None or not (node.inactive or node.value("disable"))
        lines.append(_line(port, up))
        for unit in node.sorted() if node else ():
            if unit.words[0] == "unit":
                lines.extend(_unit(f"{port}.{unit.words[1]}", unit, up))
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _unit(name: str, unit: Node, port_up: bool) -> Iterator[str]:
    line = _line(name, port_up and not unit.value("disable"))
    family = unit.inside("family")
    for protocol in family.sorted() if family else ():
        proto = {"ethernet-switching": "eth-switch"}.get(protocol.words[0], protocol.words[0])
        addresses = [child.words[1] for child in protocol.sorted() if child.words[0] == "address"]
        yield f"{line:<35}{proto:<9}{addresses[0] if addresses else ''}"
        yield from (f"{'':<44}{address}" for address in addresses[1:])
        line = ""
    if line:
        yield line


def _line(name: str, up: bool) -> str:
    state = "up" if up else "down"
    return f"{name:<24}{state:<6}{state}"
