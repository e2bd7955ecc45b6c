"""What a simulated VyOS router shows of its state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from netres.testing.sim.candidate import Candidates
from netres.testing.sim.schema import Kind
from netres.testing.sim.settext import Style, quoted, shown
from netres.testing.sim.settree import Node

VERSION: Final = """\
Version:          VyOS 1.4.0
Release train:    sagitta

Architecture:     x86_64
Boot via:         installed image
System type:      bare metal

Copyright:        VyOS maintainers and contributors
"""


def interfaces(config: Node) -> str:
    """``show interfaces``: every port is plugged in."""
    rows: list[Sequence[str]] = [("Interface", "IP Address", "S/L", "Description")]
    rows.append(tuple("-" * len(title) for title in rows[0]))
    there = config.at("interfaces")
    for node in there.sorted() if there else ():
        rows.extend(_interface(node.words[1], node, up=True))
    head = "Codes: S - State, L - Link, u - Up, D - Down, A - Admin Down\n"
    return head + "".join(f"{a:<17}{b:<34}{c:<5}{d}".rstrip() + "\n" for a, b, c, d in rows)


def _interface(name: str, node: Node, *, up: bool) -> Iterator[Sequence[str]]:
    up = up and not node.value("disable")
    addresses = [child.words[1] for child in node.sorted() if child.words[0] == "address"]
    local = ["127.0.0.1/8", "::1/128"] if name == "lo" else []
    first, *rest = [*local, *addresses] or ["-"]
    yield name, first, "u/u" if up else "A/D", node.value("description") or ""
    yield from (("", address, "", "") for address in rest)
    for vif in (child for child in node.sorted() if child.words[0] == "vif"):
        yield from _interface(f"{name}.{vif.words[1]}", vif, up=up)


def commits(store: Candidates) -> str:
    """``show system commit``."""
    lines = [
        f"{number:<4}{one.at:%Y-%m-%d %H:%M:%S} by {one.user} via {one.via}\n"
        + (f"    {one.comment}\n" * bool(one.comment))
        for number, one in enumerate(store.history)
    ]
    return "".join(lines)


def marked(old: Node | None, new: Node | None, style: Style) -> Iterator[str]:
    """A node's content with what differs: ``+`` before what is new, ``-`` what is gone, ``>`` a leaf's new value."""
    olds, news = (old.children if old else {}), (new.children if new else {})
    there = new or old
    either = Node(there.statement, children={**olds, **news}).sorted() if there else []
    values = {one.statement for one in either if one.words in olds} & {one.statement for one in news.values()}
    for child in either:
        was, now = olds.get(child.words), news.get(child.words)
        other = child.statement.kind is Kind.LEAF and child.statement in values
        if other and now is None:
            continue  # it has another value now
        mark = ">" if other and was is None else "+" if was is None else "-" if now is None else " "
        if mark != " " or not child.statement.inner:
            yield from (f"{mark}{line}" for line in shown(child, style))
        else:
            yield f" {' '.join(quoted(word, style, style.quote) for word in child.words)} {{"
            yield from (f"{line[0]}    {line[1:]}" for line in marked(was, now, style))
            yield " }"
