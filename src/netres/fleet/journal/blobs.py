"""What is large: compressed, kept once however often it occurs, and sealed where it holds secrets."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from netres.errors import InvalidConfig, JournalFailed
from netres.fleet.journal.schema import BLOB, META
from netres.model.config import Config
from netres.model.secret import MASK, REFERENCE, Secret, paired
from netres.plan import ApplyResult

Policy: TypeAlias = Literal["masked", "sealed", "none"]
_NONCE: Final = 12
_SALT: Final = "salt"


@dataclass(frozen=True)
class Blob:
    """A text as it is stored."""

    digest: str
    data: bytes = field(repr=False)
    sealed: bool = False

    @classmethod
    def of(cls, text: str) -> Blob:
        """Of a text without secrets."""
        plain = _bytes(text)
        return cls(hashlib.sha256(plain).hexdigest(), zlib.compress(plain))

    def text(self) -> str:
        """What was stored, where it is not sealed."""
        return zlib.decompress(self.data).decode(errors="surrogateescape")

    def put(self, connection: Connection) -> None:
        """Store it, unless it is there."""
        insert_new(connection, BLOB, digest=self.digest, sealed=self.sealed, data=self.data)


@dataclass(frozen=True)
class Vault:
    """What becomes of native configurations, and the key of those that are sealed (AES-GCM, 256 bits)."""

    policy: Policy
    key: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(cls, policy: Policy, key: Secret | None, connection: Connection) -> Vault:
        """A journal's.

        Raises:
            InvalidConfig: it is to be sealed, and there is no key.
            SecretError: the key's reference leads nowhere.
        """
        if key is None:
            if policy == "sealed":
                raise InvalidConfig(
                    "journal: backups 'sealed' need a key; give key=Secret('env:NAME'), or keep 'masked'"
                )
            return cls(policy)
        password = key.resolve().reveal().encode()
        insert_new(connection, META, name=_SALT, value=secrets.token_hex(16))
        salt = str(connection.scalar(select(META.c.value).where(META.c.name == _SALT)))
        # RFC 7914; 16 MiB and some 50 ms: a guess at a weak key costs that, too.
        return cls(policy, hashlib.scrypt(password, salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32))

    def native(self, result: ApplyResult) -> Blob | None:
        """The native configuration before, as policy has it."""
        if self.policy == "none":
            return None
        return self._seal(result.native.text) if self.policy == "sealed" else Blob.of(result.native_before)

    def secrets(self, config: Config) -> Blob | None:
        """The secrets that a configuration holds, in the order in which they occur; only where they are sealed."""
        if self.policy != "sealed":
            return None
        found: list[str | None] = []

        def look(mine: Secret, same: Secret) -> Secret:
            found.append(mine.reveal() if mine.known else None)
            return mine

        paired(config.items, config.items, look)
        return self._seal(json.dumps(found)) if any(found) else None

    def with_secrets(self, config: Config, blob: Blob) -> Config:
        """A configuration with the secrets that were stored of it; as it is, where there is no key.

        Raises:
            JournalFailed: they were sealed with another key.
        """
        text = self.opened(blob)
        if text is None:
            return config
        values: Iterator[str | None] = iter(json.loads(text))

        def put(mine: Secret, same: Secret) -> Secret:
            value = next(values)
            if value is None:
                return mine
            return Secret(mine.ref, value) if re.match(REFERENCE, mine.ref or "") else Secret.observed(value)

        return Config.of(paired(config.items, config.items, put))

    def exact(self, result: ApplyResult) -> bool:
        """Whether what is stored is to the letter what the device showed."""
        stored = result.native.text if self.policy == "sealed" else result.native_before
        return self.policy != "none" and stored == result.native.text and MASK not in stored

    def opened(self, blob: Blob) -> str | None:
        """The text of a blob; ``None``: it is sealed, and there is no key here.

        Raises:
            JournalFailed: it was sealed with another key.
        """
        if not blob.sealed:
            return blob.text()
        if self.key is None:
            return None
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            plain = AESGCM(self.key).decrypt(blob.data[:_NONCE], blob.data[_NONCE:], blob.digest.encode())
        except InvalidTag:
            raise JournalFailed("a backup in the journal was sealed with another key; give the key of then") from None
        return zlib.decompress(plain).decode(errors="surrogateescape")

    def _seal(self, text: str) -> Blob:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = self.key or b""
        plain = _bytes(text)
        # A plain digest would tell whether a guess at the configuration, secrets and all, is right.
        digest = hmac.new(key, plain, hashlib.sha256).hexdigest()
        nonce = secrets.token_bytes(_NONCE)
        return Blob(digest, nonce + AESGCM(key).encrypt(nonce, zlib.compress(plain), digest.encode()), sealed=True)


def insert_new(connection: Connection, table: Table, **values: object) -> None:
    """Insert a row, unless there is one with its key."""
    connection.execute(_insert_new(connection.dialect.name, table), values)


@lru_cache
def _insert_new(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


def storable(text: str, most: int | None = None) -> str:
    """Text in characters that every database takes, cut to ``most``."""
    return text[:most].encode(errors="replace").decode().replace("\0", "\N{SYMBOL FOR NULL}")


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
