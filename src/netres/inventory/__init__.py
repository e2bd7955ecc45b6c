"""The devices there are, and how each is reached."""

from netres.inventory.entry import Entry, HttpSettings, SnmpSettings, SshSettings, Timeouts
from netres.inventory.inventory import Inventory

__all__ = ["Entry", "HttpSettings", "Inventory", "SnmpSettings", "SshSettings", "Timeouts"]
