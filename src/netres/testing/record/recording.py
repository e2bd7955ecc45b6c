"""A dialogue with a device, written into a file that people review and tests replay."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from netres.driver import Driver
from netres.errors import Busy, NetresError, Rejected
from netres.flow import Json, Operation, Reply, Snmp, Transport
from netres.testing.record import snmp
from netres.testing.record.dialogue import Step, secrets, told, untold, untold_body
from netres.testing.record.redact import Redactor
from netres.testing.record.render import dump, is_json
from netres.testing.record.shape import VERSION

if TYPE_CHECKING:
    from netres.inventory.entry import Entry

_HEADERS: Final = ("content-type", "etag", "last-modified", "link", "location", "retry-after")
"""What drivers may look at; the rest tells of the server."""


class Recording:
    """A `netres.flow.Transport` that passes on to another, and writes the dialogue when its block ends.

        with Recording.of(entry, "r1.yaml") as recording:
            Device(entry.name, recording.driver, recording, entry.options).observe()

    Nothing is written before the end: a value is replaced everywhere, also where it was shown before it was known to
    be secret. A block that ends with an error writes nothing. For an awaited session, open it below
    `netres.transport.threads.ThreadedTransport`.

    Args:
        inner: the session.
        driver: whose; what it knows of the platform's secrets is redacted.
        path: the file, replaced where it exists.
        redactor: what else is known to be redacted.
    """

    def __init__(
        self, inner: Transport, driver: Driver, path: str | os.PathLike[str], redactor: Redactor | None = None
    ) -> None:
        self.driver = driver
        self.redactor = redactor or Redactor()
        self.redactor.patterns(driver.secrets)
        self._inner = inner
        self._path = Path(path)
        self._steps: list[tuple[Operation, Reply | NetresError]] = []

    @classmethod
    def of(cls, entry: Entry, path: str | os.PathLike[str], redactor: Redactor | None = None) -> Recording:
        """Connect to a device of an inventory; its name, host, user and secrets are redacted.

        Raises:
            TransportError, UnknownDriver, SecretError, MissingDependency: as `Entry.connect`.
        """
        from netres.registry import get
        from netres.transport import open_transport

        driver = get(entry.platform)
        redactor = redactor or Redactor()
        redactor.entry(entry)
        return cls(open_transport(entry, driver), driver, path, redactor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if error is None:
            self.save()

    @property
    def count(self) -> int:
        """How many operations there were so far."""
        return len(self._steps)

    def execute(self, operation: Operation) -> Reply:
        """Pass on, and keep what came of it."""
        try:
            reply = self._inner.execute(operation)
        except NetresError as error:
            self._steps.append((operation, error))
            raise
        self._steps.append((operation, reply))
        return reply

    def close(self) -> None:
        """End the session; what was said is kept."""
        self._inner.close()

    def save(self) -> None:
        """Write the file.

        Raises:
            OSError: it cannot be written.
        """
        import netres

        for operation, came in self._steps:
            self._learn(operation, came)
        header: dict[str, Json] = {
            "recording": VERSION,
            "platform": self.driver.platform,
            "netres": netres.__version__,
            "date": date.today().isoformat(),  # noqa: DTZ011 - the day where it was recorded
        }
        self._path.write_text(dump(header, list(self._redacted())), encoding="utf-8")

    def _learn(self, operation: Operation, came: Reply | NetresError) -> None:
        redactor = self.redactor
        for value in secrets(operation):
            redactor.secret(value)
        redactor.learn(told(operation).text)
        if isinstance(came, Reply):
            redactor.learn(came.text)
            if isinstance(operation, Snmp):
                snmp.learn(redactor, came.body)
            else:
                redactor.body(came.body, text=redactor.learn)
        else:
            redactor.learn(str(came))

    def _redacted(self) -> Iterator[Step]:
        for operation, came in self._steps:
            sent = told(operation, self.redactor)
            if isinstance(came, Reply):
                yield Step(sent, reply=self._reply(operation, came))
            else:
                yield Step(sent, error=self._error(came))

    def _reply(self, operation: Operation, reply: Reply) -> Reply:
        redactor = self.redactor
        kept: Mapping[str, str] = {name: reply.headers[name] for name in _HEADERS if name in reply.headers}
        headers = {name: redactor.text(value) for name, value in kept.items()}
        if isinstance(operation, Snmp):
            return Reply(redactor.text(reply.text), reply.status, snmp.redacted(redactor, reply.body), headers)
        body = untold_body(redactor.body(reply.body))
        text = json.dumps(body) if is_json(reply) else untold(redactor.text(reply.text))
        return Reply(text, reply.status, body, headers)

    def _error(self, error: NetresError) -> NetresError:
        text = self.redactor.text
        if isinstance(error, Rejected):
            return type(error)(text(error.operation), text(error.answer))
        if isinstance(error, Busy):
            return type(error)(text(str(error)), error.retry_after)
        return type(error)(text(str(error)))
