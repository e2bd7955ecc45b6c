"""Ansible's groups and hosts, and which of several values of a variable holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from netres.errors import InvalidConfig


@dataclass
class Group:
    """A group, with what an inventory file says of it."""

    variables: dict[str, object] = field(default_factory=dict[str, object])
    children: list[str] = field(default_factory=list[str])


@dataclass
class Tree:
    """An inventory file."""

    groups: dict[str, Group] = field(default_factory=lambda: {"all": Group(), "ungrouped": Group()})
    hosts: dict[str, dict[str, object]] = field(default_factory=dict[str, dict[str, object]])
    memberships: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def group(self, name: str) -> Group:
        """The group of that name; made where there was none."""
        return self.groups.setdefault(name, Group())

    def child(self, parent: str, name: str) -> None:
        """Put a group into another."""
        self.group(name)
        self.group(parent).children.append(name)

    def host(self, name: str, group: str, variables: Mapping[str, object]) -> None:
        """Put a host into a group; what stands later wins."""
        self.group(group)
        self.hosts.setdefault(name, {}).update(variables)
        self.memberships.setdefault(name, []).append(group)

    def depths(self) -> dict[str, int]:
        """How deep below ``all`` each group lies, at most.

        Raises:
            InvalidConfig: a group is in itself.
        """
        depths = dict.fromkeys(self.groups, 1) | {"all": 0}
        for _ in range(len(self.groups) + 1):
            moved = False
            for name, group in self.groups.items():
                for child in group.children:
                    if depths[child] <= depths[name]:
                        depths[child], moved = depths[name] + 1, True
            if not moved:
                return depths
        raise InvalidConfig(f"a group of {', '.join(sorted(self.groups))} is in itself; remove one of its children")

    def parents(self) -> dict[str, list[str]]:
        """The groups that each group lies in."""
        found: dict[str, list[str]] = {name: [] for name in self.groups}
        for name, group in self.groups.items():
            for child in group.children:
                found[child].append(name)
        return found
