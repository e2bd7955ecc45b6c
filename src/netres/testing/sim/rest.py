"""What REST interfaces share: routes, refusals in the platform's own words, and checks before anything is done.

A platform composes them: ``answering(checked(Router(routes), check, …), words)`` is a `Simulated.http`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final, TypeAlias

from netres.testing.sim.device import Simulated
from netres.testing.sim.http import Json, Request, Response

Handler: TypeAlias = Callable[[Request], Response]
Check: TypeAlias = Callable[[Request], None]
"""Raises `Refusal` where a request is not to be done."""
Object: TypeAlias = dict[str, Json]


class Reason(StrEnum):
    """Why a request is refused."""

    MALFORMED = "malformed"
    WRONG_LOGIN = "wrong-login"
    UNAUTHENTICATED = "unauthenticated"
    """No session, or one that is over."""
    FORGED = "forged"
    """The header that a browser's page of somebody else cannot send is missing, or wrong."""
    FORBIDDEN = "forbidden"
    NO_SUCH = "no-such"
    NO_METHOD = "no-method"
    LOCKED = "locked"
    NOT_LOCKED = "not-locked"
    """Only who holds the lock may do this."""
    TOO_MANY = "too-many"
    REJECTED = "rejected"
    """A fault says so."""
    # What is wrong with a field:
    REQUIRED = "required"
    TYPE = "type"
    PATTERN = "pattern"
    ENUM = "enum"
    RANGE = "range"
    REFERENCE = "reference"
    DUPLICATE = "duplicate"
    IN_USE = "in-use"
    UNKNOWN = "unknown"
    READ_ONLY = "read-only"
    STALE = "stale"


STATUS: Final[Mapping[Reason, int]] = {
    Reason.WRONG_LOGIN: 401,
    Reason.UNAUTHENTICATED: 401,
    Reason.FORGED: 403,
    Reason.FORBIDDEN: 403,
    Reason.NO_SUCH: 404,
    Reason.NO_METHOD: 405,
    Reason.DUPLICATE: 409,
    Reason.IN_USE: 409,
    Reason.STALE: 412,
    Reason.LOCKED: 423,
    Reason.NOT_LOCKED: 423,
    Reason.TOO_MANY: 429,
}
"""The usual status (RFC 9110, RFC 4918, RFC 6585); of every other reason it is 400."""


class Refusal(Exception):
    """A request is not done.

    Args:
        reason: why.
        subject: the field, collection or path that it is about.
        value: what was given.
        headers: what is told beside the body, such as ``Retry-After``.
    """

    def __init__(
        self, reason: Reason, subject: str = "", value: Json = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{reason}: {subject}" if subject else str(reason))
        self.reason = reason
        self.subject = subject
        self.value = value
        self.headers: Mapping[str, str] = headers or {}

    @property
    def status(self) -> int:
        """The usual status."""
        return STATUS.get(self.reason, 400)


@dataclass(frozen=True)
class Route:
    """What answers one method at one path. ``{name}`` in the path takes any one part."""

    method: str
    path: str
    answer: Callable[..., Response]
    """Given the request, and what each ``{name}`` took."""

    @cached_property
    def parts(self) -> Sequence[str]:
        """The parts of the path."""
        return [part for part in self.path.split("/") if part]

    def match(self, path: Sequence[str]) -> Mapping[str, str] | None:
        """What each ``{name}`` takes of a path; ``None``: it is another path."""
        if len(path) != len(self.parts):
            return None
        taken: dict[str, str] = {}
        for mine, part in zip(self.parts, path, strict=True):
            if mine.startswith("{"):
                taken[mine.strip("{}")] = part
            elif mine != part:
                return None
        return taken


@dataclass(frozen=True)
class Router:
    """Finds what answers a request; of two routes that match, the first."""

    routes: Sequence[Route]

    def __call__(self, request: Request) -> Response:
        """Answer.

        Raises:
            Refusal: there is no such path, or it has no such method, or whatever answers refuses.
        """
        found = [(route, taken) for route in self.routes if (taken := route.match(request.path)) is not None]
        for route, taken in found:
            if route.method == request.method:
                return route.answer(request, **taken)
        path = "/" + "/".join(request.path)
        raise Refusal(Reason.NO_METHOD if found else Reason.NO_SUCH, path, request.method)


def checked(handler: Handler, *checks: Check) -> Handler:
    """Have every request pass the checks first, in this order."""

    def answer(request: Request) -> Response:
        for check in checks:
            check(request)
        return handler(request)

    return answer


def only(when: Callable[[Request], bool], check: Check) -> Check:
    """A check of some requests."""

    def checks(request: Request) -> None:
        if when(request):
            check(request)

    return checks


def any_of(*checks: Check) -> Check:
    """Passed where one of several is; else the first one's refusal."""

    def checks_all(request: Request) -> None:
        refusals: list[Refusal] = []
        for check in checks:
            try:
                return check(request)
            except Refusal as refusal:
                refusals.append(refusal)
        raise refusals[0]

    return checks_all


def answering(handler: Handler, words: Callable[[Request, Refusal], Response]) -> Handler:
    """Have refusals told in the platform's words."""

    def answer(request: Request) -> Response:
        try:
            return handler(request)
        except Refusal as refusal:
            told = words(request, refusal)
            return Response(told.status, told.body, {**told.headers, **refusal.headers}, told.empty)

    return answer


def rejected(words: Callable[[Request, Refusal], Response]) -> Handler:
    """`Simulated.http_refusal`, in the platform's words."""
    return lambda request: words(request, Refusal(Reason.REJECTED, "/" + "/".join(request.path)))


def shown(device: Simulated, response: Response) -> Response:
    """An answer as the device shows it, secrets salted where a fault says so."""
    told = response.content.decode("utf-8", "surrogateescape")
    salted = device.faults.shown(told)
    if salted == told:
        return response
    headers = {"Content-Type": response.fields["Content-Type"], **response.headers}
    return Response(response.status, salted.encode("utf-8", "surrogateescape"), headers)


def body_of(request: Request) -> Object:
    """The JSON object that came.

    Raises:
        Refusal: it is none.
    """
    try:
        made = request.json()
    except (ValueError, RecursionError):
        raise Refusal(Reason.MALFORMED) from None
    if not isinstance(made, Mapping):
        raise Refusal(Reason.MALFORMED)
    return dict(made)


@dataclass(frozen=True)
class Paging:
    """How a long list is told in parts: the names of the query's fields, and how many at most."""

    offset: str = "offset"
    limit: str = "limit"
    usual: int = 100
    most: int = 1000

    def slice(self, request: Request) -> slice:
        """Which part is asked for.

        Raises:
            Refusal: the query is no number, or out of bounds.
        """
        first = self._number(request, self.offset, 0)
        count = self._number(request, self.limit, self.usual)
        if not 0 < count <= self.most:
            raise Refusal(Reason.RANGE, self.limit, count)
        return slice(first, first + count)

    def _number(self, request: Request, name: str, default: int) -> int:
        told = request.query.get(name, str(default))
        if not told.isdecimal():
            raise Refusal(Reason.TYPE, name, told)
        return int(told)


@dataclass(frozen=True)
class Page:
    """A part of a list."""

    objects: Sequence[Mapping[str, Json]]
    offset: int = 0
    total: int = 0


@dataclass(frozen=True)
class Styles:
    """How a platform's answers look."""

    one: Callable[[Mapping[str, Json]], Json] = lambda made: made
    many: Callable[[Page], Json] = lambda page: list(page.objects)
    created: int = 201
    modified: int = 200
    deleted: int = 204
    gone: Json = None
    """The body of an answer to a deletion."""
    paging: Paging | None = None
    whole: bool = True
    """Whether PUT replaces an object whole; else it changes the fields that are told, like PATCH."""
    tags: bool = False
    """Whether an object is told with an entity tag, and ``If-Match`` is honoured."""
    methods: frozenset[str] = field(default_factory=lambda: frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"}))


def allowed(routes: Iterable[Route], methods: frozenset[str]) -> list[Route]:
    """Those routes whose method a platform has."""
    return [route for route in routes if route.method in methods]
