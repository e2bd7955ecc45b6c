"""Inventory entries as a user would write them down."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from netres.inventory.entry import Entry


def inventory_yaml(entries: Iterable[Entry]) -> str:
    """An inventory file with these devices; secrets are references, as everywhere."""
    devices = {entry.name: entry.settings() for entry in entries}
    return yaml.safe_dump({"devices": devices}, sort_keys=False)
