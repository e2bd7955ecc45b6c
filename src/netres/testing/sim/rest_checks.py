"""Who may ask, and how often: sessions and how they are shown, rate limits, the lock of the configuration."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Protocol

from netres.testing.sim.device import Simulated
from netres.testing.sim.http import Request
from netres.testing.sim.rest import Check, Reason, Refusal


@dataclass(eq=False)
class Session:
    """One login."""

    token: str
    username: str
    csrf: str
    epoch: int
    ends: float
    """On the device's clock."""


@dataclass
class Sessions:
    """All logins of a device. None outlives a restart."""

    device: Simulated
    seconds: float = 600.0
    """How long one lasts."""
    renewed_by_use: bool = False
    """Whether it is counted from the last request."""
    make: Callable[[], str] = secrets.token_urlsafe
    """Makes a token."""
    _open: dict[str, Session] = field(default_factory=dict[str, Session])

    def log_in(self, username: str, password: str) -> Session:
        """A new session.

        Raises:
            Refusal: the credentials are wrong, or a fault refuses the login.
        """
        logged_in(self.device, username, password)
        return self.open(username)

    def open(self, username: str) -> Session:
        """A new session, of somebody who showed already who it is."""
        device = self.device
        made = Session(self.make(), username, secrets.token_urlsafe(16), device.epoch, device.clock.now + self.seconds)
        self._open[made.token] = made
        return made

    def find(self, token: str) -> Session:
        """The session of a token.

        Raises:
            Refusal: there is none, or it is over.
        """
        found = self._open.get(token)
        if found is None or not self.lasts(found):
            raise Refusal(Reason.UNAUTHENTICATED)
        if self.renewed_by_use:
            found.ends = self.device.clock.now + self.seconds
        return found

    def lasts(self, session: Session) -> bool:
        """Whether a session is not over; one that is, is forgotten."""
        lasts = session.epoch == self.device.epoch and session.ends > self.device.clock.now
        if not lasts:
            self._open.pop(session.token, None)
        return lasts and self._open.get(session.token) is session

    def renew(self, token: str) -> Session:
        """Another session in the place of one that is not over."""
        old = self.find(token)
        self.end(token)
        return self.open(old.username)

    def end(self, token: str) -> None:
        """Log out; without such a session nothing happens."""
        self._open.pop(token, None)


def logged_in(device: Simulated, username: str, password: str) -> None:
    """Look at credentials.

    Raises:
        Refusal: they are wrong, or a fault refuses them.
    """
    if device.faults.at_login() or (username, password) != (device.username, device.password):
        raise Refusal(Reason.WRONG_LOGIN, username)


def basic(request: Request) -> tuple[str, str]:
    """User name and password of a request (RFC 7617).

    Raises:
        Refusal: it has none.
    """
    kind, _, told = request.headers.get("authorization", "").partition(" ")
    try:
        name, colon, password = base64.b64decode(told, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal(Reason.UNAUTHENTICATED) from None
    if kind.lower() != "basic" or not colon:
        raise Refusal(Reason.UNAUTHENTICATED)
    return name, password


def by_password(device: Simulated) -> Check:
    """User name and password in every request (RFC 7617)."""
    return lambda request: logged_in(device, *basic(request))


def bearer(request: Request) -> str:
    """The token of a request (RFC 6750); empty where there is none."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def by_token(sessions: Sessions) -> Check:
    """A session's token as the bearer of every request."""
    return lambda request: _discard(sessions.find(bearer(request)))


def by_cookie(sessions: Sessions, name: str, csrf: str = "") -> Check:
    """A session's token as a cookie; ``csrf``: the header in which what is no reading must show the session's own."""

    def check(request: Request) -> None:
        session = sessions.find(request.cookies.get(name, ""))
        if csrf and request.method not in {"GET", "HEAD"} and request.headers.get(csrf.lower()) != session.csrf:
            raise Refusal(Reason.FORGED, csrf)

    return check


def by_query(sessions: Sessions, name: str, cookie: str) -> Check:
    """A session's token in the query of every request, and the same as a cookie."""

    def check(request: Request) -> None:
        session = sessions.find(request.query.get(name, ""))
        if request.cookies.get(cookie) != session.token:
            raise Refusal(Reason.UNAUTHENTICATED, cookie)

    return check


def by_key(device: Simulated, header: str) -> Check:
    """The device's API token in a header."""

    def check(request: Request) -> None:
        if request.headers.get(header.lower()) != device.token or device.faults.at_login():
            raise Refusal(Reason.UNAUTHENTICATED, header)

    return check


def _discard(session: Session) -> None:
    """A check answers nothing."""


@dataclass
class RateLimit:
    """So many requests in so many seconds of the device's clock; a `Check`."""

    device: Simulated
    requests: int
    seconds: float
    _seen: list[float] = field(default_factory=list[float])

    def __call__(self, request: Request) -> None:
        """Count a request.

        Raises:
            Refusal: there were too many; says when to ask again.
        """
        now = self.device.clock.now
        self._seen = [one for one in self._seen if one > now - self.seconds]
        if len(self._seen) >= self.requests:
            wait = ceil(self._seen[0] + self.seconds - now)
            raise Refusal(Reason.TOO_MANY, headers={"Retry-After": str(max(1, wait))})
        self._seen.append(now)


class Holdable(Protocol):
    """What can be locked: a store that its command line locks too, or a `Slot`."""

    holder: object
    """Who has locked it; ``None``: nobody."""


@dataclass
class Slot:
    """A lock that only the REST interface knows."""

    holder: object = None


@dataclass
class ConfigLock:
    """The lock of a device's configuration, held by a session until it is given back, or the session is over."""

    sessions: Sessions
    what: Holdable

    @property
    def holder(self) -> object:
        """Who holds it. That somebody else does may be a fault."""
        self._open_if_over()
        return "somebody else" if self.sessions.device.faults.locked else self.what.holder

    def take(self, session: Session) -> None:
        """Hold it.

        Raises:
            Refusal: somebody else does.
        """
        if self.holder is not None and self.holder is not session:
            raise Refusal(Reason.LOCKED)
        self.what.holder = session
        # Whoever asks for it in another way, at the command line, finds it open when the session is over.
        clock = self.sessions.device.clock
        clock.after(max(0.0, session.ends - clock.now), self._open_if_over)

    def _open_if_over(self) -> None:
        held = self.what.holder
        if isinstance(held, Session) and not self.sessions.lasts(held):
            self.what.holder = None

    def give(self, session: Session) -> None:
        """Hold it no more.

        Raises:
            Refusal: it is not held by this one.
        """
        self.held_by(session)
        self.what.holder = None

    def held_by(self, session: Session) -> None:
        """Look whether this one holds it.

        Raises:
            Refusal: no.
        """
        if self.holder is not session:
            raise Refusal(Reason.NOT_LOCKED if self.holder is None else Reason.LOCKED)
