"""Who may ask: pysnmp's local configuration datastore (RFC 3411 §3.4.2), shared by all sessions of the engine.

pysnmp keeps one set of keys for each user of an agent, and wants each community once. Sessions come and go; this sees
to it that none takes the credentials of another. Used in the engine's thread alone.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, cast

from pysnmp.entity import config
from pysnmp.proto.rfc1902 import OctetString

from netres.transport.snmp_types import Config, Oid, PySnmpEngine

CONFIG: Final = cast("Config", config)
_LOCALIZED: Final = config.USM_KEY_TYPE_LOCALIZED


@dataclass(frozen=True)
class Keys:
    """A user of one agent, with keys localized for it (RFC 3414 §2.6): no passphrase gets into the engine."""

    engine: bytes
    user: str
    auth_protocol: Oid
    auth_key: bytes = field(repr=False)
    priv_protocol: Oid
    priv_key: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Principal:
    """On whose behalf a request is made: message processing model, security model, name and level (RFC 3411)."""

    processing: int
    security: int
    name: str
    level: int
    context: str = ""


NOBODY: Final = Principal(processing=3, security=3, name="", level=1)
"""Who discovers an engine: nobody (RFC 3414 §4)."""


class _Seat:
    """The place of one user of one agent: those with the same keys sit there together, others wait until it is free."""

    def __init__(self) -> None:
        self.keys: Keys | None = None
        self.busy = 0
        self.sessions = 0
        self.free = asyncio.Event()


class Users:
    """The users of version 3."""

    def __init__(self, engine: PySnmpEngine) -> None:
        self._engine = engine
        self._seats: dict[tuple[bytes, str], _Seat] = {}

    def join(self, keys: Keys) -> None:
        """Announce a session of a user; `leave` ends it."""
        self._seats.setdefault((keys.engine, keys.user), _Seat()).sessions += 1

    def leave(self, keys: Keys) -> None:
        """End a session of a user: with the last one the engine forgets the keys."""
        seat = self._seats[keys.engine, keys.user]
        seat.sessions -= 1
        if not seat.sessions:
            del self._seats[keys.engine, keys.user]
            if seat.keys is not None:
                CONFIG.delete_v3_user(self._engine, keys.user, OctetString(keys.engine))

    @asynccontextmanager
    async def seated(self, keys: Keys) -> AsyncGenerator[None]:
        """With ``keys`` as those of their user: whoever has others for the same user of the same agent waits."""
        seat = self._seats[keys.engine, keys.user]
        while seat.busy and seat.keys != keys:
            await seat.free.wait()
        if seat.keys != keys:
            self._register(keys)
            seat.keys = keys
        seat.busy += 1
        seat.free.clear()
        try:
            yield
        finally:
            seat.busy -= 1
            if not seat.busy:
                seat.free.set()

    def _register(self, keys: Keys) -> None:
        CONFIG.add_v3_user(
            self._engine,
            keys.user,
            keys.auth_protocol,
            OctetString(keys.auth_key),
            keys.priv_protocol,
            None if keys.priv_key is None else OctetString(keys.priv_key),
            securityEngineId=OctetString(keys.engine),
            authKeyType=_LOCALIZED,
            privKeyType=_LOCALIZED,
        )


class Communities:
    """The communities of version 2c, each under a name of its own."""

    def __init__(self, engine: PySnmpEngine) -> None:
        self._engine = engine
        self._known: dict[str, tuple[str, int]] = {}
        self._names = itertools.count(1)

    def join(self, community: str) -> Principal:
        """Announce a session with a community; `leave` ends it."""
        name, sessions = self._known.get(community) or (f"c{next(self._names)}", 0)
        if not sessions:
            CONFIG.add_v1_system(self._engine, name, OctetString(community.encode()), securityName=name)
            CONFIG.add_target_parameters(self._engine, name, name, "noAuthNoPriv", 1)
        self._known[community] = (name, sessions + 1)
        return Principal(processing=1, security=2, name=name, level=1)

    def leave(self, community: str) -> None:
        """End a session with a community: with the last one the engine forgets it."""
        name, sessions = self._known.pop(community)
        if sessions > 1:
            self._known[community] = (name, sessions - 1)
        else:
            CONFIG.delete_target_parameters(self._engine, name)
            CONFIG.delete_v1_system(self._engine, name)
