"""One device of an inventory: how it is reached, with whose credentials. Frozen; holds references, never secrets."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from netres.model.secret import Secret
from netres.model.types import Host, Name

if TYPE_CHECKING:
    from netres.async_device import AsyncDevice
    from netres.device import Device
    from netres.fleet.journal import Journal
    from netres.ledger import Ledger

Scalar: TypeAlias = str | int | float | bool
Seconds = Annotated[float, Field(gt=0, le=86400, strict=True)]
UserName = Annotated[str, StringConstraints(min_length=1, max_length=63, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.@\\$-]*$")]


def _usable(path: Path) -> Path:
    try:
        os.fsencode(path.expanduser())
    except (ValueError, RuntimeError) as error:
        raise ValueError(f"is no path: {error}") from error
    if "\0" in str(path):
        raise ValueError("is no path: it holds a NUL")
    return path


UserPath = Annotated[Path, AfterValidator(_usable)]


class Timeouts(BaseModel):
    """Deadlines in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    connect: Seconds = 15.0
    """From the first packet to the first prompt: name, TCP, key exchange, login, retries, all of it."""
    command: Seconds = 60.0
    """For one operation, from sending it to its last byte."""


class SshSettings(BaseModel):
    """How an SSH session is made. The words are OpenSSH's (ssh_config(5))."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host_key_policy: Literal["strict", "accept-new"] = "strict"
    """``strict`` knows the key or refuses; ``accept-new`` stores the key of a host seen for the first time."""
    known_hosts: UserPath | None = None
    """Default: the ``UserKnownHostsFile`` of ssh_config, else ``~/.ssh/known_hosts``."""
    config: UserPath | None = None
    """An ssh_config file. Default: ``~/.ssh/config`` where it exists."""
    identity: UserPath | None = None
    """A private key file."""
    passphrase: Secret | None = None
    agent: bool = True
    """Whether keys of a running ssh-agent are offered."""
    jump: str | None = None
    """``[user@]host[:port]`` of a jump host (ProxyJump)."""
    keepalive: Seconds = 30.0
    session_log: UserPath | None = None
    """A file that gets the whole dialogue, secrets masked."""


class HttpSettings(BaseModel):
    """How a REST interface is reached. Certificates are always checked."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    scheme: Literal["https", "http"] = "https"
    """``http`` sends credentials in the clear: for laboratories, and for what a tunnel protects."""
    ca: UserPath | None = None
    """A PEM file of certificates to trust besides the system's: a private authority's, or the device's own."""
    token: Secret | None = None
    """An API token, where one is given out; else user name and password of the device log in."""


class SnmpSettings(BaseModel):
    """How an SNMP agent is asked. With ``community`` version 2c, with ``auth_key`` version 3 (RFC 3414)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    community: Secret | None = None
    """Version 2c (RFC 1901)."""
    auth_protocol: Literal["sha", "sha224", "sha256", "sha384", "sha512", "md5"] = "sha256"
    auth_key: Secret | None = None
    """Version 3: the passphrase by which messages of ``username`` are authenticated; 8 characters at least."""
    priv_protocol: Literal["aes", "aes192", "aes256", "des"] = "aes"
    priv_key: Secret | None = None
    """Version 3: the passphrase by which they are encrypted (authPriv); without it they are not (authNoPriv)."""
    context: Annotated[str, StringConstraints(max_length=32)] = ""
    """Version 3: the context (RFC 3411)."""
    timeout: Seconds = 2.0
    """For one answer; ``timeouts.command`` is for a whole operation."""
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """How often an unanswered request is sent again."""


class Entry(BaseModel):
    """One device. ``tags`` and the entry's own attributes can be selected by."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Name
    platform: Name
    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Default: the ssh_config's, else that of the protocol."""
    username: UserName | None = None
    password: Secret | None = None
    groups: tuple[Name, ...] = ()
    tags: Mapping[str, str] = {}
    ssh: SshSettings = SshSettings()
    http: HttpSettings = HttpSettings()
    snmp: SnmpSettings = SnmpSettings()
    timeouts: Timeouts = Timeouts()
    options: Mapping[str, Scalar] = {}
    """What only this platform's driver or transport understands."""

    def settings(self) -> dict[str, object]:
        """What an inventory says of the device, under its name: no field that says nothing, secrets as references."""
        return self.model_dump(mode="json", exclude={"name"}, exclude_defaults=True)

    def connect(self, journal: Journal | None = None) -> Device:
        """Open a session; use the device as a context manager. What is done to it is written down in ``journal``.

        Raises:
            TransportError: distinct classes for a closed port, a silent host, a refused login, an unknown and a
                changed host key; none later than ``timeouts.connect``.
            UnknownDriver, SecretError, MissingDependency: nothing was sent.
        """
        return self.connect_with(_ledger(journal, self.name))

    def connect_with(self, ledger: Ledger | None) -> Device:
        """`connect`, where what is done to the device is written down in a ledger of the caller's."""
        from netres.device import Device
        from netres.registry import get
        from netres.transport import open_transport

        driver = get(self.platform)
        return Device(self.name, driver, open_transport(self, driver), self.options, ledger=ledger)

    @asynccontextmanager
    async def connect_async(self, journal: Journal | None = None) -> AsyncGenerator[AsyncDevice]:
        """`connect`, awaited: ``async with entry.connect_async() as resource``; the same errors."""
        async with self.connect_async_with(_ledger(journal, self.name)) as device:
            yield device

    @asynccontextmanager
    async def connect_async_with(self, ledger: Ledger | None) -> AsyncGenerator[AsyncDevice]:
        """`connect_async`, where what is done to the device is written down in a ledger of the caller's."""
        from netres.async_device import AsyncDevice
        from netres.observation import masked
        from netres.registry import get
        from netres.transport import open_async, open_transport
        from netres.transport.session import Session
        from netres.transport.session_async import AsyncSession
        from netres.transport.threads import ThreadedTransport

        driver = get(self.platform)

        def mask(text: str) -> str:
            return masked(driver, text)

        if (inner := await open_async(self, driver)) is not None:
            async with AsyncDevice(self.name, driver, AsyncSession(inner, ledger, mask), self.options) as device:
                yield device
            return

        def opened() -> Session:
            return Session(open_transport(self, driver), ledger, mask)

        transport = await ThreadedTransport.open(opened)
        async with AsyncDevice(self.name, driver, transport, self.options) as device:
            yield device


def _ledger(journal: Journal | None, name: str) -> Ledger | None:
    if journal is None:
        return None
    from netres.fleet.recorder import Recorder

    return Recorder(journal, name)
