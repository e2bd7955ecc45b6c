"""Proving who is who, for asyncssh: the server by its host key, the user by keys, agent and password."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Literal

import asyncssh
from asyncssh.public_key import get_default_public_key_algs

from netres.errors import NetresError
from netres.transport.known_hosts import KnownHosts
from netres.transport.ssh_common import Credentials, key_unreadable, key_unusable, login_closed, login_failed
from netres.transport.ssh_config import Hop


def load_key(path: Path, passphrase: str | None) -> asyncssh.SSHKey:
    """A private key from its file.

    Raises:
        InvalidConfig: there is no such file, it holds no key of a known kind, or the passphrase is not the right one.
    """
    refused: Exception | None = None
    for password in (None, passphrase) if passphrase is not None else (None,):
        try:
            return asyncssh.read_private_key(path, password)
        except OSError as error:
            raise key_unreadable(path, error) from error
        except (ValueError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            refused = error
    raise key_unusable(path, passphrase) from refused


class Login(asyncssh.SSHClient):
    """How one user logs in to one hop: keys, then the agent's keys, then the password; each is offered once."""

    failure: NetresError | None
    """Why the server is not the right one, or cannot be asked."""

    def __init__(self, hop: Hop, policy: Literal["strict", "accept-new"], credentials: Credentials) -> None:
        self._hop = hop
        self._policy: Literal["strict", "accept-new"] = policy
        self._known = KnownHosts(hop.known_hosts)
        self._password = credentials.password
        self._keys = self._offers([load_key(path, credentials.passphrase) for path in hop.identities], credentials)
        self.tried: list[str] = []
        self.failure = None
        self._agent: asyncssh.SSHAgentClient | None = None

    @property
    def algorithms(self) -> Sequence[str]:
        """Of host keys, in the order in which they are wanted."""
        offered = [name.decode() for name in get_default_public_key_algs()]
        return self._known.preferred(self._hop.host, self._hop.port, offered)

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Whether it is the server's; `failure` tells why not."""
        try:
            algorithm = key.get_algorithm()
            self._known.check(self._hop.host, self._hop.port, algorithm, key.public_data, self._policy)
        except NetresError as error:
            self.failure = error
        return self.failure is None

    async def public_key_auth_requested(self) -> asyncssh.SSHKey | asyncssh.SSHKeyPair | None:
        """The next key to offer."""
        async for name, key in self._keys:
            self.tried.append(name)
            return key
        return None

    def password_auth_requested(self) -> str | None:
        """The password, once."""
        password, self._password = self._password, None
        if password is not None:
            self.tried.append("password")
        return password

    def kbdint_auth_requested(self) -> str | None:
        """Where the server offers only questions, the first one is answered with the password."""
        return "" if self._password is not None else None

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> Sequence[str] | None:
        """The password to one question; no answer to none."""
        if not prompts:
            return []
        password = self.password_auth_requested() if len(prompts) == 1 else None
        return None if password is None else [password]

    async def _offers(
        self, keys: Sequence[asyncssh.SSHKey], credentials: Credentials
    ) -> AsyncIterator[tuple[str, asyncssh.SSHKey | asyncssh.SSHKeyPair]]:
        for key in keys:
            yield "key", key
        socket = os.environ.get("SSH_AUTH_SOCK")
        if not credentials.agent or not socket:
            return
        try:
            self._agent = await asyncssh.connect_agent(socket)
            for pair in await self._agent.get_keys():
                yield "agent", pair
        except (OSError, ValueError, asyncssh.Error):
            return  # an agent that is none has no keys

    def refused(self, error: asyncssh.Error) -> NetresError | None:
        """Why the login came to nothing; ``None``: that is not what went wrong."""
        if self.failure is not None:
            return self.failure
        if isinstance(error, asyncssh.PermissionDenied):
            return login_failed(self._hop, self.tried)
        return login_closed(self._hop, self.tried[0]) if len(self.tried) == 1 else None

    def close(self) -> None:
        """Leave the agent."""
        if self._agent is not None:
            self._agent.close()
