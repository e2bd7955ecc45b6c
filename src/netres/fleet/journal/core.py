"""What the parts of an open journal share."""

from __future__ import annotations

from dataclasses import dataclass

from netres.fleet.journal.blobs import Vault
from netres.fleet.journal.database import Database
from netres.fleet.journal.holder import Holder
from netres.fleet.journal.writer import Writer


@dataclass(frozen=True)
class Core:
    """An open journal: its database, who writes to it, and what it keeps of configurations."""

    database: Database
    writer: Writer
    vault: Vault
    holder: Holder
    lease: float
    """Seconds that a lease holds unless it is renewed."""
