"""Where secrets stand in what devices show and are told: by the words before them, and by their own shape.

The words are those that many platforms share. A pattern that finds too much does no harm: what it finds is replaced by
the same word everywhere.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_WORDS: Final = (
    r"(?:pass(?:word|wd|phrase|code)s?|secrets?|(?:pre[-_]?)?shared?[-_]?(?:key|secret)|key-string|pre-share"
    r"|(?:auth|authentication|server|private|priv|controller|api|access|encryption|wpa)[-_]?key)"
)
_NAMED: Final = rf"(?:{_WORDS}|psk|token|(?:snmp|ro|rw|read|write)[-_ \w]{{0,10}}community|(?<!public)[-_.]key)"
_FORM: Final = (
    r"(?:(?:encrypted|hash(?:ed)?|clear(?:text)?|plain(?:text)?|ascii|hex|cipher|sha\d*|md5|hmac-\S+|cmac-\S+|scrypt"
    r"|type[ \t]+\S+|value|\d{1,2})[ \t]+)*"
)
"""How the secret after it is written."""
_VALUE: Final = (
    r"""(?:\\"([^"\n]+?)\\"|"((?:[^"\\\n]|\\.)+)"|'([^'\n]+)'|(?!["'\\{}\[\]])(\S+?)(?=[;,]*(?:\s|["'\]})]+\s|$)))"""
)
_NEXT: Final = r"(?:secret|password|privilege|role|timeout|retransmit|address|port|usertype|level)\b"
_TYPED: Final = rf"((?!\S*redacted-\d|\*{{3}})\S+(?: (?!{_NEXT})\S+)+)(?=[ \t]*$|[ \t]+{_NEXT})"
"""A secret after a digit that tells its form: it may hold blanks."""


def _after(context: str) -> re.Pattern[str]:
    return re.compile(context + _VALUE, re.IGNORECASE | re.MULTILINE)


_CONTEXTS: Final = (
    re.compile(rf"(?:password|secret|ascii|[ \t]key)[ \t]+\d[ \t]+{_TYPED}", re.IGNORECASE | re.MULTILINE),
    _after(rf"{_WORDS}[ \t]+{_FORM}"),
    _after(rf"{_NAMED}(?:\\?[\"'])?[ \t]*[:=]>?[ \t]*{_FORM}"),
    _after(r"\boption[ \t]+key[ \t]+"),
    _after(rf"\bset-key[ \t]+{_FORM}"),
    _after(rf"^[ \t]*key[ \t]+(?!chain\b|config-key|\d{{1,5}}[ \t]*$){_FORM}"),
    _after(rf"(?:radius|tacacs|isakmp|ldap)\S*[ \t][^\n]{{0,200}}?\bkey[ \t]+{_FORM}"),
    _after(r"snmp(?:-server|-agent)?[ \t]+community[ \t]+(?:(?:read|write|cipher|create|mode)[ \t]+)*"),
    _after(
        r"snmp-server[ \t]+host[ \t]+\S+[ \t]+(?:(?:traps?|informs?|vrf[ \t]+\S+|version[ \t]+(?:1|2c?))[ \t]+)*"
        r"(?!version\b|use-vrf\b|source-interface\b|filter-vrf\b|vrf\b|udp-port\b)"
    ),
    _after(r"^[ \t]*r[ow]community6?[ \t]+"),
    _after(r"^[ \t]*com2sec6?[ \t]+\S+[ \t]+\S+[ \t]+"),
    _after(r"snmp[ \t]*\{[^{}]{0,2000}?\bcommunity[ \t]+"),
    _after(r"\bauth[ \t]+(?:md5|sha\S*)[ \t]+(?:localized(?:key)?[ \t]+)?(?!priv\b)"),
    _after(r"\bpriv[ \t]+(?:3?des|aes)\S*[ \t]+(?:\d+[ \t]+)?(?:localized(?:key)?[ \t]+)?(?!access\b)"),
    _after(rf"message-digest-key[ \t]+\d+[ \t]+md5[ \t]+{_FORM}"),
    _after(r"authentication[ \t]+string[ \t]+"),
    _after(r"authorization(?:\\?[\"'])?[ \t]*[:=][ \t]*(?:\\?[\"'])?(?:bearer|basic|token|digest)[ \t]+"),
    _after(r"\bbearer[ \t]+(?=\S{16})"),
    re.compile(r"\bcookie[^\n]{0,4000}?[:;][ \t]*(?:\\?[\"'])?[\w.-]+=(?!redacted-|/)([^;\s\"'\\]+)", re.IGNORECASE),
    re.compile(r"://[^\s:/@\"']{1,64}:([^\s@/\"']+)@"),
    re.compile(rf"<(?:[\w-]+:)?[\w-]*{_WORDS}[\w-]*(?:\s[^<>]*)?>([^<>\n]+)</", re.IGNORECASE),
)
_SHAPES: Final = (
    re.compile(r"(\$(?:1|2[abxy]?|5|6|7|8|9|14|y|sha\d|apr1|pbkdf2[\w-]*|argon2\w*)\$[^\s\"'\\;,:<>]{6,})"),
    re.compile(r"\b(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-[\w-]+)[ \t]+(AAAA[\w+/=]+)"),
    re.compile(r"\b(eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?)"),
    re.compile(r"(?<![\w+/=-])([0-9a-fA-F]{32,})(?!\w)"),
)
_BLOB: Final = re.compile(r"(?<![\w+/=.-])([A-Za-z0-9+/_-]{40,}={0,2})(?!\w)")
_PEM: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----[ \t]*(?:\r?\n|\\n)([\s\S]+?)-----END \1-----")
_PEM_LINE: Final = re.compile(r"((?:(?!\\n)\S){4,})")
_HEX_BLOCK: Final = re.compile(r"^[ \t]+((?:[0-9A-F]{8} ){3,}[0-9A-F]{2,8})[ \t]*$", re.MULTILINE)

_REPLACED: Final = re.compile(
    r"[\\\"']*(?:(?:\$\w+\$)?redacted-\d+|0{12}[0-9a-f]*|\*{3,}|[0 ]+)(?:\\\w{1,5}|[\\\"',;)}\]>])*"
)
_WORDS_NOT_SECRET: Final = re.compile(
    r"null|none|true|false|yes|no|on|off|required|optional|disabled|enabled|enable|disable|is|was|are|be|and|or"
    r"|for|from|of|to|the|not|in|has|with|must|hash|encryption|encrypted|prompt|local|radius|tacacs|tacacs\+"
    r"|ldap|psk|sae|set-key|level|min|max|minimum|maximum|expires|never|policy|policies|authentication|removed"
    r"|ask|privilege|role|ssh-key|type|value|default|change|changed|recovery|aging|encoding|protected|data|generate|file|env|!|\]|\)|\}|\{|\[|=|-"
    r"|\*|:|;|\||ro|rw|auth|noauth|priv|v1|v2c|v3",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(r"(?:env|file|keyring):\S")


@dataclass(frozen=True)
class Find:
    """What looks like a secret in a text: where its value stands, and what it looks like."""

    start: int
    end: int
    looks_like: str


def finds(text: str) -> Iterator[Find]:
    """Everything that looks like a secret and is not what replaces one. They may overlap."""
    for pattern in _CONTEXTS:
        for match in pattern.finditer(text):
            if match.lastindex and not is_plain(match[match.lastindex]):
                yield Find(*match.span(match.lastindex), "a password, key or community by the words before it")
    for pattern in _SHAPES:
        for match in pattern.finditer(text):
            if not is_replaced(match[1]):
                yield Find(*match.span(1), "a hash, key or token by its shape")
    for match in _BLOB.finditer(text):
        if not is_replaced(match[1]) and _is_random(match[1]):
            yield Find(*match.span(1), "a key or token: long and random")
    yield from _blocks(text)


def _blocks(text: str) -> Iterator[Find]:
    """The lines of keys and certificates."""
    for block in _PEM.finditer(text):
        for line in _PEM_LINE.finditer(text, *block.span(2)):
            if not is_replaced(line[1]):
                yield Find(*line.span(1), f"a PEM block ({block[1].lower()})")
    for match in _HEX_BLOCK.finditer(text):
        if not is_replaced(match[1]):
            yield Find(*match.span(1), "a key or certificate in hex")


def is_replaced(value: str) -> bool:
    """Whether it is what `replacement` makes, or a mask."""
    return _REPLACED.fullmatch(value) is not None


def replacement(value: str, number: int) -> str:
    """What stands for a secret: of a hash the scheme stays, of a key in hex the length."""
    if re.fullmatch(r"[0-9A-F]+(?: [0-9A-F]+)+", value):
        return re.sub("[0-9A-F]", "0", value)
    if re.fullmatch(r"[0-9a-fA-F]{16,}", value):
        return f"{number:0{len(value)}x}"
    scheme = re.match(r"\$\w+\$", value)
    return f"{scheme[0] if scheme else ''}redacted-{number}"


def is_plain(value: str) -> bool:
    """Whether what stands where a secret would is none: a word of the language, a number, or what replaces one."""
    if value.isdigit() and len(value) <= 3:  # the number of a key, not the key
        return True
    return _WORDS_NOT_SECRET.fullmatch(value) is not None or is_replaced(value) or _REFERENCE.match(value) is not None


def _is_random(value: str) -> bool:
    classes = (any(map(str.islower, value)), any(map(str.isupper, value)), any(map(str.isdigit, value)))
    counts = Counter(value)
    entropy = -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())
    return all(classes) and entropy >= 4.6 and max(map(len, re.split("[-_]", value))) >= 24
