"""Credentials: which of them an inventory entry has, and the keys that are made of passphrases (RFC 3414, RFC 7860)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, cast

from pysnmp.entity import config
from pysnmp.proto.rfc1902 import OctetString

from netres.errors import InvalidConfig
from netres.inventory.entry import Entry
from netres.model.secret import Secret
from netres.transport.snmp_lcd import CONFIG, Keys, Principal
from netres.transport.snmp_types import Oid

_HASHES: Final[Mapping[str, Oid]] = {
    "md5": config.USM_AUTH_HMAC96_MD5,
    "sha": config.USM_AUTH_HMAC96_SHA,
    "sha224": config.USM_AUTH_HMAC128_SHA224,
    "sha256": config.USM_AUTH_HMAC192_SHA256,
    "sha384": config.USM_AUTH_HMAC256_SHA384,
    "sha512": config.USM_AUTH_HMAC384_SHA512,
}
# AES-192 and AES-256 are no standard: draft-blumenthal-aes-usm-04, as net-snmp has them. Where the hash is as long as
# the key (sha256 and longer) the other way to lengthen it, draft-reeder-snmpv3-usm-3desede, gives the same.
_CIPHERS: Final[Mapping[str, Oid]] = {
    "des": config.USM_PRIV_CBC56_DES,
    "aes": config.USM_PRIV_CFB128_AES,
    "aes192": config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "aes256": config.USM_PRIV_CFB256_AES_BLUMENTHAL,
}
_SHORTEST: Final = 8
"""Characters of a passphrase (RFC 3414 §11.2)."""


@dataclass(frozen=True)
class Login:
    """Credentials: a community, or a user with passphrases."""

    community: str | None = field(default=None, repr=False)
    user: str = ""
    context: str = ""
    auth_protocol: Oid = config.USM_AUTH_NONE
    auth: str = field(default="", repr=False)
    priv_protocol: Oid = config.USM_PRIV_NONE
    priv: str | None = field(default=None, repr=False)

    @property
    def principal(self) -> Principal:
        """Who the user is in a request."""
        level = 2 if self.priv is None else 3
        return Principal(processing=3, security=3, name=self.user, level=level, context=self.context)

    def masters(self) -> tuple[bytes, bytes | None]:
        """The hashes of both passphrases (RFC 3414 §A.2), from which an agent's keys are made."""
        auth = _octets(_hashed(self.auth_protocol, self.auth))
        return auth, None if self.priv is None else _octets(_hashed(self.auth_protocol, self.priv))

    def keys(self, engine: bytes) -> Keys:
        """The user's keys for one agent."""
        authority = OctetString(engine)
        auth = _hashed(self.auth_protocol, self.auth)
        auth_key = _octets(CONFIG.AUTH_SERVICES[self.auth_protocol].localize_key(auth, authority))
        priv_key = None
        if self.priv is not None:
            cipher = CONFIG.PRIV_SERVICES[self.priv_protocol]
            priv = _hashed(self.auth_protocol, self.priv)
            priv_key = _octets(cipher.localize_key(self.auth_protocol, priv, authority))
        return Keys(engine, self.user, self.auth_protocol, auth_key, self.priv_protocol, priv_key)


@lru_cache(maxsize=256)
def _hashed(protocol: Oid, passphrase: str) -> object:
    """The hash of a megabyte of passphrase (RFC 3414 §A.2): some milliseconds, and often the same for many devices."""
    return CONFIG.AUTH_SERVICES[protocol].hash_passphrase(OctetString(passphrase.encode()))


def _octets(value: object) -> bytes:
    return bytes(cast("bytes", value))


def login(entry: Entry) -> Login:
    """The credentials of an entry.

    Raises:
        InvalidConfig: none, too many, or not usable; SecretError: a reference leads nowhere.
    """
    settings = entry.snmp
    if (settings.community is None) == (settings.auth_key is None):
        found = "both" if settings.community else "neither"
        raise InvalidConfig(
            f"{entry.name}: snmp has {found} of community and auth_key; "
            f"give community (version 2c), or auth_key and username (version 3)"
        )
    if settings.community is not None:
        if settings.priv_key is not None:
            raise InvalidConfig(f"{entry.name}: snmp.priv_key goes with auth_key (version 3), not with community")
        return Login(community=settings.community.resolve().reveal())
    if not entry.username or len(entry.username) > 32:
        raise InvalidConfig(f"{entry.name}: snmp.auth_key needs a username of 1 to 32 characters (RFC 3414)")
    return Login(
        user=entry.username,
        context=settings.context,
        auth_protocol=_HASHES[settings.auth_protocol],
        auth=_passphrase(entry, "auth_key", settings.auth_key),
        priv_protocol=_CIPHERS[settings.priv_protocol] if settings.priv_key else config.USM_PRIV_NONE,
        priv=_passphrase(entry, "priv_key", settings.priv_key) if settings.priv_key else None,
    )


def _passphrase(entry: Entry, name: str, secret: Secret | None) -> str:
    value = secret.resolve().reveal() if secret else ""
    if len(value) < _SHORTEST:
        raise InvalidConfig(f"{entry.name}: snmp.{name} must have {_SHORTEST} characters at least (RFC 3414 §11.2)")
    return value
