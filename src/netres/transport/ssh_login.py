"""Proving who is who: the server by its host key, the user by keys, agent and password."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, cast

import paramiko
from paramiko.pkey import UnknownKeyType

from netres.transport.known_hosts import KnownHosts
from netres.transport.ssh_common import Credentials, key_unreadable, key_unusable, login_closed, login_failed
from netres.transport.ssh_config import Hop
from netres.transport.ssh_types import Agent, Connection, Key

_from_path = cast("Callable[[Path, bytes | None], Key]", paramiko.PKey.from_path)  # untyped, or typed wrongly


class HostKeyPolicy:
    """Asks the known_hosts files of a hop: a ``paramiko.MissingHostKeyPolicy``.

    paramiko knows no wildcards and no revoked keys; its own list is left empty, so that it asks this for every key.
    """

    def __init__(self, hop: Hop, policy: Literal["strict", "accept-new"]) -> None:
        self._hop = hop
        self._policy: Literal["strict", "accept-new"] = policy
        self.known = KnownHosts(hop.known_hosts)

    def missing_host_key(self, client: object, hostname: str, key: Key) -> None:
        """Accept the key, or raise what `KnownHosts.check` raises."""
        self.known.check(self._hop.host, self._hop.port, key.get_name(), key.asbytes(), self._policy)

    def preferred(self, offered: Sequence[str]) -> tuple[str, ...]:
        """The algorithms to negotiate: first those of known keys, else the server may show a key nobody knows."""
        return self.known.preferred(self._hop.host, self._hop.port, offered)


def load_key(path: Path, passphrase: str | None) -> Key:
    """A private key from its file.

    Raises:
        InvalidConfig: there is no such file, it holds no key of a known kind, or the passphrase is not the right one.
    """
    refused: Exception | None = None
    for password in (None, passphrase.encode()) if passphrase is not None else (None,):
        try:
            return _from_path(path, password)
        except OSError as error:
            raise key_unreadable(path, error) from error
        except (ValueError, TypeError, paramiko.SSHException, UnknownKeyType) as error:
            refused = error
    raise key_unusable(path, passphrase) from refused


class Login:
    """How one user logs in to one hop: keys, then the agent's keys, then the password. paramiko's ``auth_strategy``."""

    def __init__(self, hop: Hop, credentials: Credentials) -> None:
        self._hop = hop
        self._credentials = credentials
        self._keys = [load_key(path, credentials.passphrase) for path in hop.identities]

    def authenticate(self, transport: Connection) -> None:
        """Log in.

        Raises:
            AuthFailed: everything there is was refused.
            TransportError: the connection was closed during the first try. Some servers do that to a wrong password,
                so it is not retried.
        """
        tried: list[str] = []
        refused: Exception | None = None
        agent = cast("Agent", paramiko.Agent()) if self._credentials.agent else None
        try:
            for name, attempt in self._ways(transport, agent):
                tried.append(name)
                try:
                    if not attempt():
                        return
                except paramiko.SSHException as error:
                    if refused is None and not transport.is_active():
                        raise login_closed(self._hop, name) from error
                    refused = error
        finally:
            if agent is not None:
                agent.close()
        raise login_failed(self._hop, tried) from refused

    def _ways(self, transport: Connection, agent: Agent | None) -> Iterator[tuple[str, Callable[[], list[str]]]]:
        user = self._hop.username
        for key in self._keys:
            yield "key", partial(transport.auth_publickey, user, key)
        for key in agent.get_keys() if agent else ():
            yield "agent", partial(transport.auth_publickey, user, key)
        if (password := self._credentials.password) is not None:
            # Where the server offers only keyboard-interactive, paramiko answers its one question with the password.
            yield "password", partial(transport.auth_password, user, password)
