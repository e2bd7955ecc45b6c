"""How one platform's command line talks: data, for every transport that meets it."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class CliShell:
    """How one platform's command line talks."""

    netmiko: str
    """netmiko's ``device_type``."""
    prompt: str
    """Regular expression of the prompt, in every mode the driver uses: the last line of an answer, whole."""
    longest: int = 4000
    """Characters a line may have; a longer one is refused when planning."""
    prepare: tuple[str, ...] = ()
    """Commands sent once, after login."""
    accepts: re.Pattern[str] = re.compile(r"\A\s*\Z")
    """Matches what a writing line answers when the device took it; anything else is a refusal."""
    refuses: re.Pattern[str] = re.compile(r"(?!)")
    """Searched in the answer to a reading line: a match is a refusal."""
    secrets: tuple[re.Pattern[str], ...] = ()
    """Group 1 of each is masked in session logs and errors: secrets that the device shows by itself."""
    line_end: str = "\n"
    """What Return sends, where netmiko is not asked."""
    ahead: int = 1
    """Lines that may be sent before the first of them is answered. More than 1: the device keeps what is typed while
    it is busy, and echoes each line when it reads it."""
    pipelines: bool = False
    """Whether lines of a change are sent ahead too. Nothing may take effect before the commit, and a refused line must
    not change what those behind it do: each tells the whole path (``set a b c``), or leads back to where it was sent.
    Not where blocks are opened and left: behind a refused opening, ``exit`` leaves what is around it."""
    above: re.Pattern[str] = re.compile(r"(?!)")
    """Matches, at the end of an answer, what the device shows above its prompt: ``[edit]``."""
