"""Arista EOS: secrets as the simulated device stores them: hashed, or hidden."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

_HASHED: Final = re.compile(r"(username \S+ (?:.* )?secret|aaa root secret|enable \w+)(?: 0)? (?!sha512 |5 )(\S+)")
_HIDDEN: Final = re.compile(r"(neighbor \S+ password|radius-server host \S+ key)(?: 0)? (?!7 )(\S+)")


def stored(mode: str, line: str) -> str:
    """A line as it is stored: passwords in clear are hashed, keys that the device must know itself are hidden."""
    if match := _HASHED.fullmatch(line):
        return f"{match[1]} sha512 {hashed(match[2], match[1])}"
    if match := _HIDDEN.fullmatch(line):
        return f"{match[1]} 7 {hidden(match[2], match[1])}"
    return line


def hashed(secret: str, salt: str) -> str:
    """A hash in the form of sha512-crypt (``$6$salt$hash``), of one round: nobody logs in with it elsewhere."""
    salt = _letters(hashlib.sha256(salt.encode()).digest())[:16]
    return f"$6${salt}${_letters(hashlib.sha512(f'{salt}{secret}'.encode()).digest())[:86]}"


def hidden(secret: str, where: str) -> str:
    """What stands for a key in the form of EOS's type 7; it cannot be turned back."""
    return base64.b64encode(hashlib.sha256(f"{where}{secret}".encode()).digest()[:16]).decode()


def opens(secret: str, line: str) -> bool:
    """Whether a secret is the one whose hash ends a line."""
    *_, salt, digest = line.rsplit("$", 2)
    return _letters(hashlib.sha512(f"{salt}{secret}".encode()).digest())[:86] == digest


def _letters(data: bytes) -> str:
    return base64.b64encode(data, b"./").decode().rstrip("=")
