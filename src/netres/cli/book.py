"""The journal of a command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netres.errors import UsageError
from netres.model import Secret
from netres.model.secret import REFERENCE

if TYPE_CHECKING:
    from netres.fleet.journal import Journal


def opened(where: str | None, key: str | None = None) -> Journal:
    """A journal, for as long as a command runs; with a key its backups are sealed.

    Raises:
        UsageError: the key is no reference.
        JournalFailed: it cannot be opened.
    """
    from netres.fleet.journal import Journal  # sqlalchemy is loaded when a command needs it

    if key is None:
        return Journal.open(where)
    if not re.fullmatch(REFERENCE, key):
        raise UsageError("--key is no reference to a secret; give env:NAME, file:PATH or keyring:SERVICE/USER")
    return Journal.open(where, backups="sealed", key=Secret(key))
