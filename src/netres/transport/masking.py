"""What keeps secrets out of everything that is shown: errors and session logs."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from netres.errors import InvalidConfig
from netres.model.secret import MASK
from netres.transport.screen import plain, squeezed

_LINE = 1 << 20  # characters; a longer line without end is not logged


class Masker:
    """Replaces secrets in text: those it was told, and what ``patterns`` find (group 1 of each)."""

    def __init__(self, patterns: Sequence[re.Pattern[str]] = ()) -> None:
        self._patterns = tuple(patterns)
        self._secrets: tuple[str, ...] = ()

    def add(self, *secrets: str) -> None:
        """Mask these from now on."""
        known = {*self._secrets, *secrets} - {""}
        self._secrets = tuple(sorted(known, key=len, reverse=True))  # a secret may contain another one

    def mask(self, text: str) -> str:
        """``text`` as a terminal shows it, without secrets, line by line."""
        return "\n".join(map(self._masked, text.split("\n")))

    def _masked(self, line: str) -> str:
        shown, bare = plain(line), squeezed(line)
        # A terminal may have wrapped or redrawn the line in the middle of a secret: then none of it is shown.
        if any(bare.count(squeezed(secret)) > shown.count(secret) for secret in self._secrets):
            return MASK
        for secret in self._secrets:
            shown = shown.replace(secret, MASK)
        for pattern in self._patterns:
            shown = pattern.sub(_hide_group, shown)
        return shown


def _hide_group(match: re.Match[str]) -> str:
    start, end = match.span(1)
    if start < 0:  # an optional group that is not there
        return match[0]
    offset = match.start()
    return match[0][: start - offset] + MASK + match[0][end - offset :]


class SessionLog:
    """A file that gets a dialogue as the device showed it, secrets masked, line by line; only its owner can read it.

    Raises:
        InvalidConfig: the file cannot be written.
    """

    def __init__(self, path: Path, masker: Masker) -> None:
        self._path = path
        self._masker = masker
        self._pending = ""
        self._ended = False
        try:
            descriptor = os.open(path.expanduser(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._file = os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace")
            os.fchmod(descriptor, 0o600)
        except OSError as error:
            raise InvalidConfig(
                f"ssh.session_log {str(path)!r} cannot be written: {error.strerror}; check the path"
            ) from error

    def feed(self, text: str) -> None:
        """Take what the device sent. A line is written when it is whole: a secret may come in pieces."""
        whole, line_break, self._pending = (self._pending + text).rpartition("\n")
        self._write(whole + line_break)
        if len(self._pending) > _LINE:
            self._pending = ""
            self._write("(a line without end is left out)\n")

    def close(self) -> None:
        """Write the last line and close the file."""
        self._write(self._pending + "\n" if self._pending else "")
        self._pending = ""
        self._ended = True
        with suppress(OSError):  # it was told when it was written
            self._file.close()

    def _write(self, text: str) -> None:
        if self._ended:
            return
        try:
            self._file.write(self._masker.mask(text))
            self._file.flush()
        except OSError as error:  # a full disk must not end a change halfway
            self._ended = True
            logger = logging.getLogger("netres.transport")
            logger.warning("the session log %s ends here: %s", self._path, error.strerror)
