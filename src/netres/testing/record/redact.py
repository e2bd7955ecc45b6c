"""What is replaced before a dialogue is written: addresses, names, serial numbers and secrets, consistently.

By itself it finds IP addresses and MAC addresses; secrets by the words before them and by their shape (`finds`); names
of hosts, users and domains and serial numbers where they are given (`names`). Whatever else tells whose network it is
(a customer's name in a description, AS numbers, host names of peers) the caller names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from netres.flow import Json
from netres.testing.record.addresses import Addresses
from netres.testing.record.finds import Find, finds, is_plain, is_replaced, replacement
from netres.testing.record.macs import Macs
from netres.testing.record.names import Names
from netres.testing.record.swap import spliced, swap

if TYPE_CHECKING:
    from netres.inventory.entry import Entry

_ROUNDS: Final = 100
"""A secret may be found only when the one before it is gone."""
_PHONE: Final = re.compile(r"(?<![\w+])\+(\d{6,15})(?!\d)")
SECRET_KEY: Final = re.compile(
    r"(pass(word|wd|phrase|code)|secret|psk|token|((^|snmp_|ro_|rw_)community)|(?<!public)[-_]key|(auth|priv|api)key|^key)$",
    re.IGNORECASE,
)
_SORTED_KEY: Final = (
    (re.compile(r"serial(_?(num|no|number))?$", re.IGNORECASE), "serial"),
    (re.compile(r"(host_?name|sys_?name)$", re.IGNORECASE), "host"),
    (re.compile(r"user_?name$", re.IGNORECASE), "user"),
    (re.compile(r"domain_?name$", re.IGNORECASE), "domain"),
)
_ASNS: Final = (*range(64496, 64512), *range(65536, 65552), *range(4200000000, 4200001000))
"""Of documentation (RFC 5398), then of private use (RFC 6996)."""


class Redactor:
    """Replaces what must not be written. The same value becomes the same everywhere; what replaces it is left alone.

    Args:
        secrets: values that are secret, wherever they stand.
        names: names of people, sites and customers; replaced inside of words too, whatever their case.
        serials: serial numbers and other numbers of a device.
        asns: AS numbers, replaced by those of documentation (RFC 5398) wherever they stand as a number.
        phones: whether numbers such as +49301234567 are replaced.
        keep: names and addresses that stay (``8.10.0.7`` as a version).
        patterns: group 1 of each is a secret, as `netres.Driver.secrets` has them.
    """

    def __init__(
        self,
        *,
        secrets: Iterable[str] = (),
        names: Iterable[str] = (),
        serials: Iterable[str] = (),
        asns: Iterable[int] = (),
        phones: bool = False,
        keep: Iterable[str] = (),
        patterns: Sequence[re.Pattern[str]] = (),
    ) -> None:
        kept = frozenset(keep)
        self._patterns = tuple(patterns)
        self._secrets: dict[str, str] = {}
        self._sure: dict[str, str] = {}
        """Secrets of which it is known that they are, in every spelling."""
        self._literal: re.Pattern[str] | None = None
        self._names = Names(kept)
        self._macs = Macs()
        self._addresses = Addresses(self._macs.octets, kept)
        self._asns = dict(zip(map(str, dict.fromkeys(asns)), map(str, _ASNS), strict=False))
        self._asn = re.compile(rf"(?<![\w.])({'|'.join(self._asns) or '(?!)'})(?![\w.]*\w)")
        self._phones: dict[str, str] | None = {} if phones else None
        for secret in secrets:
            self.secret(secret)
        self._names.name("name", *names)
        self._names.name("serial", *serials)

    def secret(self, value: str) -> None:
        """Know that a value is secret."""
        if value and value not in self._sure and not is_replaced(value):
            self._literal = None
            new = self._secret(value)
            for spelling in (
                value,
                json.dumps(value)[1:-1],
                json.dumps(value, ensure_ascii=False)[1:-1],
                quote(value, ""),
            ):
                self._sure[spelling] = new

    def patterns(self, patterns: Sequence[re.Pattern[str]]) -> None:
        """Know of more patterns whose group 1 is a secret."""
        self._patterns += tuple(patterns)

    def entry(self, entry: Entry) -> None:
        """Know of what an inventory says of a device: its name, host, user and secrets.

        Raises:
            SecretError: a secret's reference leads nowhere.
        """
        self._names.name("host", entry.name, *([] if _is_address(entry.host) else [entry.host]))
        self._names.name("user", *([entry.username] if entry.username else []))
        secrets = (entry.password, entry.http.token, entry.snmp.community, entry.snmp.auth_key, entry.snmp.priv_key)
        for secret in (*secrets, entry.ssh.passphrase):
            if secret is not None:
                self.secret(secret.resolve().reveal())

    @property
    def counts(self) -> Mapping[str, int]:
        """How many different values were replaced, by what they are."""
        given = self._names.given
        return {
            "addresses": self._addresses.count,
            "MAC addresses": len(self._macs.given),
            "secrets": len(self._secrets),
            "host names": len(given["host"]),
            "domain names": len(given["domain"]),
            "user names": len(given["user"]),
            "serial numbers": len(given["serial"]),
            "other names": len(given["name"]),
        }

    def learn(self, text: str) -> str:
        """Know of what stands in a text, before any is replaced: do so with the whole dialogue. Returns it."""
        self._addresses.learn(text)
        self._macs.learn(text)
        self._words(text)
        return text

    def text(self, text: str) -> str:
        """``text`` as it may be written."""
        text = self._addresses.text(self._macs.text(self._words(text)))
        if self._phones is not None:
            text = swap(text, _PHONE, self._phone)
        return self._found(swap(text, self._asn, lambda match: self._asns[match[1]]))

    def path(self, path: str) -> str:
        """The quoted path of a request as it may be written."""
        return "/".join(self._step(step) for step in path.split("/"))

    def body(self, body: Json, key: str = "", text: Callable[[str], str] | None = None) -> Json:
        """A parsed body as it may be written; ``text`` does it with a value, `learn` too."""
        make = text or self.text
        if isinstance(body, Mapping):
            return {make(name): self.body(value, name, text) for name, value in body.items()}
        if isinstance(body, str):
            return self._valued(key, body, make)
        if isinstance(body, Sequence):
            return [self.body(value, key, text) for value in body]
        return body

    def mac(self, octets: bytes) -> bytes:
        """What stands for the octets of a MAC address."""
        return self._macs.octets(octets)

    def address(self, octets: bytes) -> bytes:
        """What stands for the octets of an IP address."""
        return self._addresses.address(ip_address(octets)).packed

    def name(self, label: str, value: str) -> str:
        """What stands for a ``host``, ``user``, ``domain`` or ``serial``."""
        return self._names.value(label, value)

    def _valued(self, key: str, value: str, make: Callable[[str], str]) -> str:
        if SECRET_KEY.search(key) and value and not is_plain(value):
            return self._secret(value)
        label = next((label for pattern, label in _SORTED_KEY if pattern.search(key)), "")
        return make(self.name(label, value) if label and value else value)

    def _words(self, text: str) -> str:
        text = self._literals(text)
        for pattern in self._patterns:
            text = swap(text, pattern, lambda match: None if match[1] is None else self._secret(match[1]))
        return self._names.text(self._literals(self._found(text)))

    def _found(self, text: str) -> str:
        """``text`` without what looks like a secret."""
        for _ in range(_ROUNDS):
            if not (found := _apart(finds(text))):
                break
            text = spliced(text, [(find.start, find.end, self._secret(text[find.start : find.end])) for find in found])
        return text

    def _literals(self, text: str) -> str:
        """``text`` without the secrets that are known already."""
        if self._literal is None:
            inside = [one for one in self._sure if _is_distinct(one)]
            words = [one for one in self._sure if not _is_distinct(one)] + [*filter(_is_distinct, self._secrets)]
            spelled = [
                *map(re.escape, _longest(inside)),
                *(rf"(?<!\w){re.escape(one)}(?!\w)" for one in _longest(words)),
            ]
            self._literal = re.compile(f"({'|'.join(spelled) or '(?!)'})")
        return swap(text, self._literal, lambda match: self._sure.get(match[1]) or self._secrets[match[1]])

    def _secret(self, value: str) -> str:
        if is_replaced(value):
            return value
        if value not in self._secrets:
            self._literal = None
            self._secrets[value] = replacement(value, len(self._secrets) + 1)
        return self._secrets[value]

    def _step(self, step: str) -> str:
        plain = unquote(step)
        made = self.text(plain)
        return step if made == plain else quote(made, safe="")

    def _phone(self, match: re.Match[str]) -> str | None:
        assert self._phones is not None
        if match[1].startswith("999"):  # no country has it
            return None
        return self._phones.setdefault(match[1], f"999{len(self._phones) + 1:0{len(match[1]) - 3}}")


def _longest(words: Iterable[str]) -> list[str]:
    """The longest first: a secret may hold another one."""
    return sorted(words, key=len, reverse=True)


def _apart(found: Iterable[Find]) -> list[Find]:
    """The finds that do not overlap, in order; of those that do the first and longest."""
    kept: list[Find] = []
    for find in sorted(found, key=lambda find: (find.start, -find.end)):
        if not kept or find.start >= kept[-1].end:
            kept.append(find)
    return kept


def _is_distinct(secret: str) -> bool:
    """Whether no other word is likely to be spelled like it: then it is replaced inside of words too."""
    return len(secret) >= 6 and not re.fullmatch(r"[A-Za-z]?[a-z_-]+|[A-Z_-]+", secret)


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()
