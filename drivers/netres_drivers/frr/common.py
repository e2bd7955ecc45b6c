"""What FRR's features share: its command line, and which characters a value may have there."""

from __future__ import annotations

import re
from typing import Final

from pydantic import BaseModel

from netres.driver import CliShell
from netres.errors import InvalidConfig, SecretError
from netres.flow import Cli
from netres.model import BgpRouter, Config, Item, Key, Secret
from netres.model.types import DEFAULT_VRF

SHOW: Final = "show running-config"
BEGIN: Final = (Cli(("configure terminal",)),)
COMMIT: Final = (Cli(("end",)),)

# vtysh 8.4 reads through readline, where "?" asks for help wherever it stands, and drops it. "|" before a blank starts
# a filter, on configuration lines too, and what follows is lost without a word. Neither can be quoted.
_UNSAFE: Final = re.compile(r"[?|]")
# Readline redraws lines that are as wide as the terminal (511 columns), and the echo is no longer the line. From 4095
# bytes on vtysh 8.4 cuts a line in two and takes the rest for a command.
_LONGEST: Final = 480
_PASSWORD: Final = 80
_IFNAME: Final = 15

SHELL: Final = CliShell(
    netmiko="cisco_ios",
    prompt=r"[\w.-]+(\([\w-]+\))?# ?",
    longest=_LONGEST,
    prepare=("terminal length 0",),
    accepts=re.compile(
        r"\A\s*(% OSPF: Reference bandwidth is changed\.\s+Please ensure .*"
        r"|Static Route to \S+ not installed currently because dependent config not fully available"
        r"|(Note: this version of vtysh never writes vtysh\.conf\s+)?Building Configuration\.\.\.\s+"
        r"Integrated configuration saved to \S+\s+\[OK\])?\s*\Z"
    ),
    refuses=re.compile(r"^% (Unknown|Ambiguous|Command incomplete)", re.MULTILINE),
    secrets=(
        re.compile(r"^\s*neighbor \S+ password (\S+)", re.MULTILINE),
        re.compile(r"^\s*(?:enable )?password (?:8 )?(\S+)", re.MULTILINE),
        re.compile(r"(?:authentication-key|message-digest-key \d+ md5) (\S+)"),
        re.compile(r"^\s*key-string (\S+)", re.MULTILINE),
        re.compile(r"^\s*(?:isis password|area-password|domain-password) (?:clear|md5) (\S+)", re.MULTILINE),
        re.compile(r"^\s*ip rip authentication string (\S+)", re.MULTILINE),
    ),
)

# Of native lines.
IMPLICIT: Final = re.compile(r"^(address-family|interface|vrf) ")
REFUSED: Final = (
    (_UNSAFE, "FRR cannot take this in text"),
    (re.compile(r"^(do|end|exit|quit|configure|write|copy|reload)\b"), "it is no configuration; leave it out"),
)
ONE_WAY: Final = ((re.compile(r"^agentx$"), "FRR cannot disable it once it is enabled"),)


def plain(key: Key, part: BaseModel, *fields: str) -> None:
    """Refuse text that vtysh would not take as text.

    Raises:
        InvalidConfig: naming the field and the character.
    """
    for name in fields:
        value = getattr(part, name)
        if isinstance(value, str) and (found := _UNSAFE.search(value)):
            raise InvalidConfig(f"{key} {name}: FRR cannot take {found[0]!r} in text; leave it out")


def short(key: Key, name: str) -> None:
    """Refuse a name of an interface that Linux would cut (IFNAMSIZ).

    Raises:
        InvalidConfig: naming it.
    """
    if len(name) > _IFNAME:
        raise InvalidConfig(f"{key}: FRR cuts the name of an interface to {_IFNAME} characters; use a shorter one")


def word(key: Key, name: str, secret: Secret | None) -> None:
    """Refuse a password that bgpd would not take whole: it is one word of at most 80 bytes.

    Raises:
        SecretError: naming the field, never the value.
    """
    if secret is None or not secret.known:
        return
    value = secret.reveal()
    if not value or " " in value or _UNSAFE.search(value) or len(value.encode()) > _PASSWORD:
        raise SecretError(
            f"{key} {name}: FRR takes one word of at most {_PASSWORD} bytes, without blanks, '?' and '|'; "
            f"choose another"
        )


def asn(item: Item, config: Config) -> dict[str, object]:
    """The AS number that stands in the header of an Item's BGP block."""
    router = config.find("bgp_router", str(getattr(item, "vrf", DEFAULT_VRF)))
    return {"asn": router.asn} if isinstance(router, BgpRouter) else {}
