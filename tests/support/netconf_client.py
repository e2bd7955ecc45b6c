"""ncclient as the tests use it, with types: it has none of its own."""

from __future__ import annotations

from collections.abc import Callable, Container, Generator
from contextlib import contextmanager, suppress
from typing import Final, Protocol, TypeAlias, cast

import pytest
from ncclient import manager
from ncclient.operations.rpc import RPCError
from ncclient.transport import session
from ncclient.transport.errors import SessionCloseError, TransportError

from netres.testing.sim import Simulated

LOST: Final = cast("tuple[type[Exception], ...]", (SessionCloseError, TransportError))
"""What ncclient raises where the connection ends."""
REFUSED: Final = cast("type[Exception]", RPCError)
"""What it raises for an ``<rpc-error>``; see `Refusal`."""


class Refusal(Protocol):
    """An ``<rpc-error>``."""

    tag: str
    message: str
    info: str


class Data(Protocol):
    """The reply to a request for data."""

    data_xml: str


class Client(Protocol):
    """A session."""

    session_id: str
    server_capabilities: Container[str]

    def get(self) -> Data: ...

    def get_config(self, source: str, filter: tuple[str, str] | None = None) -> Data: ...  # noqa: A002 - its name

    def edit_config(
        self,
        config: str,
        *,
        target: str = "candidate",
        default_operation: str | None = None,
        test_option: str | None = None,
        error_option: str | None = None,
    ) -> object: ...

    def copy_config(self, source: str, target: str) -> object: ...

    def delete_config(self, target: str) -> object: ...

    def validate(self, source: str) -> object: ...

    def lock(self, target: str) -> object: ...

    def unlock(self, target: str) -> object: ...

    def discard_changes(self) -> object: ...

    def commit(
        self,
        confirmed: bool = False,
        timeout: str | None = None,
        persist: str | None = None,
        persist_id: str | None = None,
    ) -> object: ...

    def cancel_commit(self, persist_id: str | None = None) -> object: ...

    def kill_session(self, session_id: str) -> object: ...

    def close_session(self) -> object: ...


_CONNECT: Final[Callable[..., Client]] = vars(manager)["connect"]


def connect(port: int, username: str, password: str) -> Client:
    """A session with a server of loopback."""
    session.TICK = 0.005  # by default it sends what it has to say ten times a second
    return _CONNECT(
        host="127.0.0.1",
        port=port,
        username=username,
        password=password,
        hostkey_verify=False,
        allow_agent=False,
        look_for_keys=False,
        timeout=10,
    )


Opens: TypeAlias = Callable[[], Client]


@contextmanager
def sessions(device: Simulated, port: int) -> Generator[Opens]:
    """Opens sessions with a device, and ends them all."""
    opened: list[Client] = []

    def one() -> Client:
        opened.append(connect(port, device.username, device.password))
        return opened[-1]

    yield one
    for client in opened:
        with suppress(Exception):  # some are dead by intent
            client.close_session()


SPACE: Final = "http://xml.juniper.net/xnm/1.1/xnm"
NC: Final = 'xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0"'


def config(inside: str) -> str:
    return f'<config><configuration xmlns="{SPACE}" {NC}>{inside}</configuration></config>'


def named(name: str) -> str:
    return config(f"<system><host-name>{name}</host-name></system>")


@contextmanager
def refused(tag: str) -> Generator[list[Refusal]]:
    found: list[Refusal] = []
    with pytest.raises(REFUSED) as caught:
        yield found
    found.append(cast("Refusal", caught.value))
    assert found[0].tag == tag
