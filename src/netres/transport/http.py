# ruff: noqa: A005 - imports are absolute here, so the standard library's http is not shadowed
"""A session with a REST interface: login, tokens, statuses, and when a request may be sent again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import httpx

from netres.driver import RestApi
from netres.errors import (
    AuthFailed,
    Busy,
    ConnectFailed,
    InvalidConfig,
    NotFound,
    Rejected,
    SessionExpired,
    TransportError,
    UsageError,
)
from netres.flow import Http, Operation, Reconnect, Reply
from netres.inventory.entry import Entry
from netres.transport import http_answers as answers
from netres.transport.deadline import Deadline
from netres.transport.http_client import HttpClient, NotAnswered, Request
from netres.transport.http_trust import trust
from netres.transport.masking import Masker
from netres.transport.retry import retried

_TRIES: Final = 3  # of a connection: whoever waits for it should learn soon that a port is closed
_SOONEST: Final = 0.1  # seconds; a server that says "again in 0 seconds" is not asked in a busy loop
_AGAIN: Final = frozenset({429, 503})  # they say that nothing was done (RFC 6585, RFC 9110)
_WRONG_LOGIN: Final = frozenset({400, 401, 403, 422})


class HttpTransport:
    """`netres.flow.Transport` for `Http` and `Reconnect` over HTTP(S).

    Each request stands for itself: after a lost connection, a timeout or an interrupt the next one goes over a new
    connection, with the same token.
    """

    def __init__(
        self,
        entry: Entry,
        api: RestApi,
        masks: Sequence[re.Pattern[str]] = (),
        over: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare a session; `open` makes one that is logged in."""
        self._entry = entry
        self._api = api
        scheme = entry.http.scheme
        host = f"[{entry.host}]" if ":" in entry.host else entry.host
        self._place = f"{host}:{entry.port or api.port[scheme]}"
        self._base = f"{scheme}://{self._place}"
        self._trusted = trust(entry.http)
        self._over = over
        self._masker = Masker(masks)
        self._client: HttpClient | None = None
        self._authorization = ""
        self._accepted = False  # whether the server has taken the credentials in this session
        self._returning = False  # whether the server may still be on its way up: the first to read waits for it
        self._closed = False

    @classmethod
    def open(
        cls,
        entry: Entry,
        api: RestApi,
        masks: Sequence[re.Pattern[str]] = (),
        over: httpx.BaseTransport | None = None,
    ) -> HttpTransport:
        """A session, logged in. With ``entry.http.token`` nothing is sent yet, else ``api.login`` asks for a token.

        Args:
            entry: ``host``, ``port``, ``http``, ``timeouts``, and what logs in.
            api: how the platform's interface talks.
            masks: group 1 of each is masked in errors.
            over: moves the requests, in the place of the network: a simulated server in this process.

        Raises:
            TransportError: ConnectFailed, Timeout, CertificateError, AuthFailed.
            DeviceError: the server refused the login for another reason than the credentials.
            InvalidConfig: a setting or a secret of the entry is missing or not usable; nothing was sent.
        """
        transport = cls(entry, api, masks, over)
        try:
            transport._log_in(_TRIES)
        except BaseException:
            transport.close()
            raise
        return transport

    def execute(self, operation: Operation) -> Reply:
        """Do one operation; its deadline is ``timeouts.command``, that of `Reconnect` ``timeouts.connect``.

        Raises:
            Rejected: the server refused it; NotFound where it has no such thing.
            Busy: it cannot do it now, or not before the deadline.
            AuthFailed: it does not take the credentials; SessionExpired where it did before.
            Timeout, TransportError: no answer, or not all of it; a request that writes may have been done.
            ConnectFailed, CertificateError: no connection; nothing was sent.
            UsageError: this transport has no such operation; or the request cannot be sent.
        """
        if self._closed:
            raise UsageError(f"{self._place}: {str(operation)!r} was sent after close()")
        if isinstance(operation, Reconnect):
            self._drop()
            self._returning = True
            self._log_in(None)
            return Reply()
        if not isinstance(operation, Http):
            raise UsageError(f"{self._place}: HTTP has no operation {str(operation)!r}; it has Http and Reconnect")
        client = self._usable()
        deadline = Deadline(self._entry.timeouts.command)
        reply = self._answer(client, operation, deadline, self._authorization)
        if reply.status == HTTPStatus.UNAUTHORIZED and self._entry.http.token is None:
            self._log_in_again(client, deadline)
            reply = self._answer(client, operation, deadline, self._authorization)
        good = self._judged(operation, reply)
        self._accepted = True
        return good

    def interrupt(self) -> None:
        """End a running operation from another thread."""
        if (client := self._client) is not None:
            client.abort()

    def close(self) -> None:
        """End the session; never raises."""
        self._closed = True
        self._drop()

    def _log_in(self, attempts: int | None) -> None:
        if (token := self._entry.http.token) is not None:
            if not self._take(token.resolve().reveal()):
                raise InvalidConfig(f"http.token {token} cannot be sent: it holds blanks or is not printable ASCII")
            return
        deadline = Deadline(self._entry.timeouts.connect)
        client = self._usable()
        # Not where it answers that it is busy: it has said when to come back, and that was too late.
        retried(lambda: self._ask_for_token(client, deadline), deadline, attempts, ConnectFailed, client.pause)

    def _log_in_again(self, client: HttpClient, deadline: Deadline) -> None:
        try:
            self._ask_for_token(client, deadline)
        except AuthFailed as error:
            if not self._accepted:
                raise
            raise SessionExpired(f"{self._place}: the session ended, and a new login failed: {error}") from error

    def _ask_for_token(self, client: HttpClient, deadline: Deadline) -> None:
        entry = self._entry
        if self._api.login is None:
            raise InvalidConfig(f"device {entry.name}: http.token is missing; {entry.platform} takes no other login")
        if entry.username is None or entry.password is None:
            missing = "username" if entry.username is None else "password"
            raise InvalidConfig(f"device {entry.name}: {missing} is missing; give username and password, or http.token")
        password = entry.password.resolve()
        self._masker.add(*answers.forms(password.reveal()))
        operation = self._api.login(entry.username, password)
        reply = self._answer(client, operation, deadline, "")
        refusal = self._api.refusal(reply) if reply.status // 100 == 2 else ""
        if reply.status in _WRONG_LOGIN or refusal:
            told = self._words(reply, refusal or self._api.words(reply))
            raise AuthFailed(f"{self._place}: the login of {entry.username} was refused: {told}")
        if not self._take(self._api.token(self._judged(operation, reply))):
            raise AuthFailed(f"{self._place}: the login of {entry.username} was answered without a usable token")

    def _take(self, token: str) -> bool:
        """Use a token from now on, if a header can hold it."""
        self._masker.add(*answers.forms(token))
        if not re.fullmatch(r"[!-~]+", token):
            return False
        self._authorization = self._api.authorization.format(token=token)
        return True

    def _answer(self, client: HttpClient, operation: Http, deadline: Deadline, authorization: str) -> Reply:
        """The answer, asked for again where the server says when; with whatever status it has then."""
        self._masker.add(*(form for secret in answers.secrets_in(operation.body) for form in answers.forms(secret)))
        answers.checked_path(operation.path)
        request = Request(operation.method, operation.target, answers.content(operation), authorization)
        while True:
            reply = self._sent(client, request, operation.writes, deadline)
            wait = answers.retry_after(reply) if reply.status in _AGAIN else None
            if wait is None or (wait := max(wait, _SOONEST)) >= deadline.remaining:
                return reply
            client.pause(wait)

    def _sent(self, client: HttpClient, request: Request, writes: bool, deadline: Deadline) -> Reply:
        """One exchange. What only reads is sent again where the connection failed before it was asked."""
        try:
            attempts = 1 if writes else None if self._returning else _TRIES
            answer = retried(lambda: client.send(request, deadline), deadline, attempts, ConnectFailed, client.pause)
        except NotAnswered as error:
            if writes:
                raise TransportError(str(error)) from error.__cause__
            answer = client.send(request, deadline)
        self._returning = False
        try:
            return answers.reply(answer.status, answer.headers, answer.raw)
        except TransportError as error:
            what = f"the answer to '{request.method} {request.target}' is not usable: {error}"
            raise TransportError(f"{self._place}: {what}") from error

    def _usable(self) -> HttpClient:
        """The client for one operation, whose `interrupt` ends it with all its retries."""
        if self._client is None or self._client.aborted.is_set():
            connect = self._entry.timeouts.connect
            self._client = HttpClient(self._base, self._trusted, connect, self._masker.mask, self._over)
        return self._client

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _judged(self, operation: Http, reply: Reply) -> Reply:
        """The answer, if it is good news."""
        what, status = str(operation), reply.status
        if status // 100 == 2:
            if refusal := self._api.refusal(reply):
                raise Rejected(what, self._words(reply, refusal))
            return reply
        if status // 100 == 3:
            where = self._words(reply, reply.headers.get("location", ""))
            raise Rejected(what, f"{where} (it leads elsewhere, which is not followed; check http.scheme and host)")
        told = self._words(reply, self._api.words(reply))
        match status:
            case HTTPStatus.UNAUTHORIZED:
                kind = SessionExpired if self._accepted else AuthFailed
                raise kind(f"{self._place}: the credentials are not taken: {told}")
            case HTTPStatus.NOT_FOUND:
                raise NotFound(what, told)
            case HTTPStatus.LOCKED | HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE:
                raise Busy(f"{self._place}: {what!r} cannot be done now: {told}", answers.retry_after(reply))
            case _:
                raise Rejected(what, told)

    def _words(self, reply: Reply, text: str) -> str:
        try:
            status = f"HTTP {reply.status} {HTTPStatus(reply.status).phrase}"
        except ValueError:
            status = f"HTTP {reply.status}"
        return answers.words(text, self._masker.mask, status)
