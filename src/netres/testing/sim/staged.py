"""An indented command line whose changes are pending until they are written, for all who configure the device."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from netres.testing.sim.indented import IndentedStore
from netres.testing.sim.modes import Dialect
from netres.testing.sim.tree import Node


class StagedStore(IndentedStore):
    """What runs, and what is pending: `commit` makes it run and survive a restart, which forgets what is pending."""

    def __init__(self, dialect: Dialect, factory: str, shown: Callable[[Node], str] | None = None) -> None:
        self.pending = Node()
        super().__init__(dialect, factory, shown)

    @property
    def differs(self) -> bool:
        """Whether something is pending."""
        return self.shown(self.pending) != self.shown(self.running)

    def commit(self) -> None:
        """Run what is pending, and save it."""
        self.running.replace(self.pending)
        self.save()

    def load(self, text: str) -> None:
        """Add to what is pending and what runs, and save it."""
        super().load(text)
        self.pending.replace(self.parsed(text, self.pending))

    def reboot(self) -> None:
        """Start from what is saved."""
        super().reboot()
        self.pending.replace(self.running)


def changes(before: Node, after: Node, no: str) -> Iterator[str]:
    """The lines that make one configuration the other; of a block, its line and what changes in it."""
    yield from (f"{no} {identity}" for identity in before.children if identity not in after.children)
    identities = {id(node): identity for identity, node in after.children.items()}
    for node in after.ordered():
        there = before.children.get(identities[id(node)])
        below = list(changes(there or Node(), node, no))
        if there is None or there.line != node.line or below:
            yield node.line
            yield from (f"    {line}" for line in below)
