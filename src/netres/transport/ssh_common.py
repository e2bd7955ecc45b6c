"""What both SSH transports share: limits, credentials, and the words in which they tell what went wrong."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from netres.driver import CliShell
from netres.errors import AuthFailed, ConnectFailed, InvalidConfig, NetresError, Rejected, Timeout, TransportError
from netres.flow import Cli, Reply
from netres.inventory.entry import Entry
from netres.model.secret import Secret
from netres.transport.deadline import Deadline
from netres.transport.masking import Masker
from netres.transport.ssh_config import Hop

ANSWER_LIMIT: Final = 64 << 20
"""Bytes of the answer to a line."""
EXEC_LIMIT: Final = 16 << 20
"""Bytes of the answer of a program."""
QUIET: Final = 0.5
"""Seconds without a byte after a prompt: then a line without echo has been answered."""
_ABOVE: Final = 256  # characters that may stand above a prompt
TRIES: Final = 3
"""Of the first connection: whoever waits for it should learn soon that a port is closed."""


@dataclass(frozen=True, repr=False)
class Credentials:
    """What proves who we are; values of secrets, so it has no ``repr``."""

    password: str | None
    passphrase: str | None
    agent: bool

    @classmethod
    def of(cls, entry: Entry) -> Credentials:
        """What an entry names.

        Raises:
            InvalidConfig: a secret leads nowhere.
        """
        return cls(_value(entry.password), _value(entry.ssh.passphrase), entry.ssh.agent)

    @property
    def known(self) -> tuple[str, ...]:
        """The secrets among them."""
        return tuple(secret for secret in (self.password, self.passphrase) if secret)

    @property
    def of_jump_host(self) -> Credentials:
        """Without the password, which is the device's: another host must not get to see it."""
        return Credentials(None, self.passphrase, self.agent)


def _value(secret: Secret | None) -> str | None:
    return None if secret is None else secret.resolve().reveal()


def reply_to(operation: Cli, text: str, shell: CliShell, masker: Masker) -> Reply:
    """The reply to a line.

    Raises:
        Rejected: it was refused.
    """
    above = shell.above.search(text, max(len(text) - _ABOVE, 0))
    if above is not None and above.end() == len(text):
        text = text[: above.start()]
    taken = shell.accepts.fullmatch(text) if operation.writes else not shell.refuses.search(text)
    if not taken:
        raise Rejected(str(operation), words(text, masker))
    return Reply(text)


def words(answer: str, masker: Masker) -> str:
    """An answer in an error: one line, without secrets."""
    answer = answer.encode(errors="replace").decode()  # an error is shown, and stored: no stray bytes
    lines = (line.strip() for line in masker.mask(answer).splitlines())
    return " / ".join(line for line in lines if line)


def unreached(error: BaseException, place: str, deadline: Deadline, *, incompatible: bool) -> NetresError:
    """Why there is no session, from what a library raised."""
    if isinstance(error, TimeoutError) or deadline.expired:
        return Timeout(
            f"{place}: no session within {deadline.seconds:g} s; check that the device is up and no firewall drops "
            f"packets, or raise timeouts.connect"
        )
    if isinstance(error, socket.gaierror):
        return ConnectFailed(f"{place}: the name cannot be resolved ({error.strerror}); check host and DNS")
    if isinstance(error, ConnectionRefusedError):
        return ConnectFailed(f"{place}: the port is closed; check port, and that an SSH server runs there")
    if incompatible:
        return ConnectFailed(f"{place}: no algorithm in common: {error}; update the device's SSH server")
    if isinstance(error, OSError) and not isinstance(error, ConnectionResetError):  # whoever resets it was reached
        return ConnectFailed(f"{place}: {error.strerror or error}; check host, port and routes")
    return ConnectFailed(
        f"{place}: the SSH handshake failed ({str(error) or 'connection closed'}); check that an SSH server runs there"
    )


def jump_failed(hop: Hop, following: Hop, error: Exception) -> ConnectFailed:
    """A jump host does not lead on."""
    return ConnectFailed(
        f"jump host {hop.place} does not connect to {following.place}: {error}; check address and port there"
    )


def login_closed(hop: Hop, way: str) -> TransportError:
    """The connection ended during the first try to log in. Some servers do that to a wrong password."""
    return TransportError(
        f"{hop.username}@{hop.place}: the connection was closed during the login by {way}; "
        f"check username and secrets, and the link"
    )


def login_failed(hop: Hop, tried: list[str]) -> AuthFailed:
    """All there is to log in with was refused."""
    where = f"{hop.username}@{hop.place}"
    if not tried:
        return AuthFailed(f"{where}: nothing to log in with; set password or ssh.identity, or load a key in ssh-agent")
    return AuthFailed(f"{where}: login refused (tried: {', '.join(dict.fromkeys(tried))}); check username and secrets")


def key_unreadable(path: Path, error: OSError) -> InvalidConfig:
    """A private key's file."""
    return InvalidConfig(f"private key {path} cannot be read: {error.strerror}; check ssh.identity")


def key_unusable(path: Path, passphrase: str | None) -> InvalidConfig:
    """A private key whose file can be read."""
    remedy = "check ssh.passphrase" if passphrase is not None else "where it has a passphrase, set ssh.passphrase"
    return InvalidConfig(f"private key {path} cannot be used: {remedy}")


def unanswered(
    error: BaseException, place: str, what: str, deadline: Deadline, lost: type[TransportError]
) -> TransportError:
    """Why an exchange came to nothing; the session is given up."""
    if deadline.expired:
        return Timeout(f"{place}: no answer to {what!r} within {deadline.seconds:g} s; the session is given up")
    reason = str(error) or type(error).__name__
    return lost(f"{place}: the session was lost at {what!r}: {reason}")


def too_long(place: str, what: str, limit: int) -> TransportError:
    """An answer has no end that memory is kept for."""
    return TransportError(f"{place}: {what} is longer than {limit >> 20} MiB; session given up")
