"""One agent, as somebody with credentials may see it: what is asked of it, and what its refusals mean."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import Final

from netres.errors import AuthFailed, ConnectFailed, ParseError, Rejected
from netres.inventory.entry import SnmpSettings
from netres.transport import snmp_message
from netres.transport.snmp_engine import Engine, Patience, Silence
from netres.transport.snmp_lcd import Keys, Principal
from netres.transport.snmp_link import Link
from netres.transport.snmp_message import TOO_BIG, Answer
from netres.transport.snmp_types import Oid, Pdu, Value
from netres.transport.snmp_usm import Login

TOGETHER: Final = 24
"""Objects asked for in one GetRequest."""
REPETITIONS: Final = 40
"""Objects a GetBulkRequest asks for, of all roots together; an agent answers with as many as fit."""
ROWS: Final = 500_000
"""Objects a walk may find."""
UP: Final = (1, 3, 6, 1, 2, 1, 1, 3, 0)
"""sysUpTime: every agent has it (RFC 3418)."""
_AUTHORIZATION_ERROR: Final = 16
_CREDENTIALS: Final = {
    "WrongDigest": "the agent does not accept auth_key or auth_protocol (usmStatsWrongDigests)",
    "UnknownUserName": "the agent does not know the user (usmStatsUnknownUserNames)",
    "UnknownSecurityName": "the agent does not know the user (usmStatsUnknownUserNames)",
    "UnsupportedSecurityLevel": (
        "the agent does not take this user at this security level (usmStatsUnsupportedSecLevels): "
        "see whether it wants a priv_key, or has none"
    ),
    "DecryptionError": "the agent cannot decrypt with priv_key and priv_protocol (usmStatsDecryptionErrors)",
    "AuthenticationFailure": "the answer is not authenticated with auth_key",
}
"""Reports of RFC 3414 §3.2 that mean that the credentials are wrong."""


class Session:
    """A link with an agent, and who asks there."""

    def __init__(self, engine: Engine, link: Link, login: Login, settings: SnmpSettings) -> None:
        """Prepare a session; `open` makes one with which the agent agrees."""
        self.engine = engine
        self._link = link
        self._login = login
        self._patience = Patience(settings.timeout, settings.retries)
        self._who: Principal | None = None
        self._keys: Keys | None = None

    @classmethod
    async def open(cls, engine: Engine, login: Login, settings: SnmpSettings, link: Link) -> Session:
        """A session over a link, which goes with it.

        Raises:
            AuthFailed: the agent answers, but not to these credentials.
            Silence: nobody answers.
            ConnectFailed: the port is closed.
        """
        session = cls(engine, link, login, settings)
        engine.attach(link)
        try:
            await session._introduce()
            await session._greet()
        except BaseException:
            session.close()
            raise
        return session

    async def _introduce(self) -> None:
        if self._login.community is not None:
            self._who = self.engine.communities.join(self._login.community)
            return
        found = await self.engine.discover(self._link, self._patience)
        self._keys = self._login.keys(found)
        self.engine.users.join(self._keys)
        self._who = self._login.principal

    def end(self) -> None:
        """`close`, from another thread; never raises. In a child process there is nothing to end: its parent does."""
        if self.engine.alive:
            with suppress(Exception):
                self.engine.submit(self.closing()).result(timeout=1)

    async def closing(self) -> None:
        """`close`, for `Engine.submit`."""
        self.close()

    def close(self) -> None:
        """End the session; in the engine's thread."""
        if self._who is not None:
            if self._login.community is not None:
                self.engine.communities.leave(self._login.community)
            if self._keys is not None:
                self.engine.users.leave(self._keys)
            self._who = None
        self.engine.detach(self._link)

    async def _ask(self, make: Callable[[], Pdu], shown: str, patience: Patience | None = None) -> Answer:
        async with nullcontext() if self._keys is None else self.engine.users.seated(self._keys):
            answer = await self.engine.request(self._link, self._principal, make, patience or self._patience)
        if answer.report:
            raise self._reported(answer.report, shown)
        return answer

    @property
    def place(self) -> str:
        """Whom it is with."""
        return self._link.place

    @property
    def agent(self) -> bytes:
        """The agent's engine ID (RFC 3411 §3.1.1); empty in version 2c."""
        return self._keys.engine if self._keys else b""

    @property
    def _principal(self) -> Principal:
        if self._who is None:
            raise ConnectFailed(f"{self._link.place}: the session is over; reconnect")
        return self._who

    def _reported(self, report: str, shown: str) -> Exception:
        place = self._link.place
        if report in _CREDENTIALS:
            return AuthFailed(f"{place}: {_CREDENTIALS[report]}")
        if report in {"UnknownEngineID", "NotInTimeWindow"}:
            return ConnectFailed(f"{place}: the agent is no longer the one it was ({report}); reconnect")
        return Rejected(shown, f"{place} reports {report}")

    async def _greet(self) -> None:
        """Ask for what every agent has, to see whether the credentials are taken.

        An agent is silent to a wrong community, to what it cannot decrypt, and to an unknown context. So while the
        question is asked again, another goes along that needs no credentials: engine discovery. If that is answered
        and the question is not, the agent is there, and the credentials are wrong.
        """
        once = replace(self._patience, retries=0)
        again = replace(self._patience, retries=max(0, self._patience.retries - 1))
        try:
            answer = await self._ask(snmp_message.get([UP]), "get sysUpTime", once)
        except Silence:
            asked, alive = await asyncio.gather(
                self._ask(snmp_message.get([UP]), "get sysUpTime", again), self._alive(again), return_exceptions=True
            )
            if isinstance(asked, Silence) and alive is True:
                raise AuthFailed(f"{self._link.place}: {_REFUSED[self._keys is None]}") from None
            if isinstance(asked, BaseException):
                raise asked from None
            answer = asked
        if answer.status == _AUTHORIZATION_ERROR:
            raise AuthFailed(f"{self._link.place}: the agent lets this user do nothing at this security level")

    async def _alive(self, patience: Patience) -> bool:
        """Whether an agent answers who has no credentials. A link of its own: this one may know the agent already."""
        link = await self._link.again()
        self.engine.attach(link)
        try:
            return bool(await self.engine.discover(link, patience))
        finally:
            self.engine.detach(link)

    async def get(self, oids: Sequence[Oid], shown: str) -> dict[str, Value]:
        """The values of objects; what the agent does not have is left out."""
        found: dict[str, Value] = {}
        waiting = [tuple(oids[place : place + TOGETHER]) for place in range(0, len(oids), TOGETHER)]
        while waiting:
            part = waiting.pop(0)
            answer = await self._ask(snmp_message.get(part), shown)
            if answer.status == TOO_BIG and len(part) > 1:
                half = len(part) // 2
                waiting[:0] = [part[:half], part[half:]]
                continue
            self._check(answer, part, shown)
            if [oid for oid, _ in answer.pairs] != list(part):
                raise ParseError(f"{self._link.place}: the agent answered {shown!r} with other objects")
            found |= {dotted(oid): value for oid, value in answer.pairs if value is not None}
        return found

    async def walk(self, roots: Sequence[Oid], shown: str) -> dict[str, Value]:
        """Everything under some OIDs, in order of the OIDs and below; they are walked side by side."""
        found: dict[Oid, dict[str, Value]] = {root: {} for root in roots}
        for place in range(0, len(roots), TOGETHER):
            await self._walk({root: root for root in roots[place : place + TOGETHER]}, found, shown)
        return {oid: value for root in roots for oid, value in found[root].items()}

    async def _walk(self, last: dict[Oid, Oid], found: dict[Oid, dict[str, Value]], shown: str) -> None:
        """Walk on, under each root from where it was left, until there is nothing more."""
        repetitions = REPETITIONS
        while last:
            asked = tuple(last.values())
            answer = await self._ask(snmp_message.bulk(asked, max(1, repetitions // len(asked))), shown)
            if answer.status == TOO_BIG and repetitions > 1:
                repetitions //= 2
                continue
            if answer.status == TOO_BIG and len(last) > 1:
                for root, left in last.items():
                    await self._walk({root: left}, found, shown)
                return
            self._check(answer, asked, shown)
            self._take(answer, last, found)
            if sum(map(len, found.values())) > ROWS:
                raise ParseError(f"{self._link.place}: more than {ROWS} objects to {shown!r}; given up")

    def _take(self, answer: Answer, last: dict[Oid, Oid], found: dict[Oid, dict[str, Value]]) -> None:
        """What an answer to a GetBulkRequest says: its objects go round the roots in turn (RFC 3416 §4.2.3)."""
        place, roots = self._link.place, tuple(last)
        if not answer.pairs:
            raise ParseError(f"{place}: the agent says nothing of what comes after {dotted(last[roots[0]])}")
        for number, (oid, value) in enumerate(answer.pairs):
            root = roots[number % len(roots)]
            if root not in last:
                continue
            if value is None or oid[: len(root)] != root:
                del last[root]
            elif oid <= last[root]:
                raise ParseError(f"{place}: the agent goes from {dotted(last[root])} back to {dotted(oid)}")
            else:
                found[root][dotted(oid)] = value
                last[root] = oid

    async def set(self, pairs: Sequence[tuple[Oid, str | int]], shown: str) -> None:
        """Set objects, all or none (RFC 3416 §4.2.5)."""
        answer = await self._ask(snmp_message.set_(pairs), shown)
        self._check(answer, tuple(oid for oid, _ in pairs), shown)

    def _check(self, answer: Answer, oids: Sequence[Oid], shown: str) -> None:
        if answer.status:
            named = f" ({dotted(oids[answer.index - 1])})" if 0 < answer.index <= len(oids) else ""
            raise Rejected(shown, f"{answer.error}{named}")


_REFUSED: Final = {
    True: "an SNMP agent answers there, but not to this community; check it, and whom the agent lets use it",
    False: "the agent knows user and auth_key, but does not answer: check priv_key, priv_protocol and context",
}
"""By whether it was asked with a community."""


def dotted(oid: Oid) -> str:
    """An OID as text."""
    return ".".join(map(str, oid))
