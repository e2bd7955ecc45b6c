"""The devices there are, and how each is reached."""

from netres.inventory.entry import Entry
from netres.inventory.inventory import Inventory

__all__ = ["Entry", "Inventory"]
