"""A real OpenSSH server in a `Host`, and the Unix user that logs in there."""

from __future__ import annotations

import fcntl
import pwd
import secrets
import shutil
import socket
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

from netres.errors import UsageError
from netres.inventory.entry import Entry, Scalar, SshSettings, Timeouts
from netres.model.secret import Secret
from netres.testing import netns
from netres.testing.netns import Host, command, wait_until

_USERS: Final = Path("/var/lib/netres-lab")
_TOOLS: Final = ("sshd", "ssh-keygen", "useradd", "usermod", "chpasswd")
_CONFIG: Final = """\
Port {port}
ListenAddress {address}
HostKey {directory}/host_key
AuthorizedKeysFile {directory}/authorized_keys
PidFile none
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
StrictModes no
AllowUsers {user}
PrintMotd no
PrintLastLog no
UseDNS no
MaxStartups 1000
MaxSessions 1000
"""


def available() -> str | None:
    """Why no OpenSSH server can run in a host here, in one line; ``None`` where one can."""
    if reason := netns.available():
        return reason
    if missing := [tool for tool in _TOOLS if shutil.which(tool) is None]:
        return f"not installed: {', '.join(missing)}; install the packages openssh-server and passwd"
    return None


def account(name: str, groups: Sequence[str] = ()) -> str:
    """The password of a Unix user of this machine that is made for laboratories, once, and stays.

    The password is random; only root can read where it is kept. ``groups`` are added to those the user has.

    Raises:
        UsageError: a user of that name exists that was not made here; or a group does not exist.
    """
    _USERS.mkdir(mode=0o755, parents=True, exist_ok=True)
    store = _USERS / f"{name}.password"
    with _lock(_USERS / "lock"):
        if not store.is_file():
            if _exists(name):
                raise UsageError(f"user {name!r} of this machine was not made by a laboratory; choose another name")
            store.touch(mode=0o600)
            store.write_text(secrets.token_urlsafe(18))
        password = store.read_text()
        if not _exists(name):
            # A home that the user cannot write to: no history file that would keep what was typed.
            home = ("--no-create-home", "--home-dir", str(_USERS), "--shell", "/bin/sh")
            command("useradd", "--system", "--comment", "netres laboratory", *home, name)
        command("usermod", "--append", "--groups", ",".join(groups), name)
        # The password is long and random: a cheap hash is enough, and logins are fast.
        command("chpasswd", "--crypt-method", "SHA256", "--sha-rounds", "1000", input=f"{name}:{password}")
    return password


class Sshd:
    """An OpenSSH server in a host, and the `account` that logs in there. It ends with the host."""

    def __init__(
        self, host: Host, user: str, force_command: str = "", port: int = 22, groups: Sequence[str] = ()
    ) -> None:
        """Make a host key and start the server; it answers when this returns.

        Args:
            host: where it runs; it listens on the management address.
            user: the one user that may log in.
            force_command: what every session runs instead of what it asks for; empty: what it asks for.
            port: TCP.
            groups: that the user has.

        Raises:
            UsageError: the server ended at once; the message holds its log.
            TimeoutError: it does not answer.
        """
        self.host = host
        self.user = user
        self.port = port
        self.log = host.directory / "sshd.log"
        self.authorized_keys = host.directory / "authorized_keys"
        self._config = host.directory / "sshd_config"
        text = _CONFIG.format(port=port, address=host.address, directory=host.directory, user=user)
        self._config.write_text(text + (f"ForceCommand {force_command}\n" if force_command else ""))
        self._password = host.directory / "password"
        self._password.touch(mode=0o600)
        self._password.write_text(account(user, groups))
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # privilege separation
        self._start()
        self.write_known_hosts()

    def _start(self) -> None:
        key = self.host.directory / "host_key"
        key.unlink(missing_ok=True)
        command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key))
        self.host_key = key.with_suffix(".pub").read_text().strip()
        program = shutil.which("sshd") or "sshd"  # it re-executes itself, so all its paths must be absolute
        self._process = self.host.start(program, "-D", "-f", str(self._config), "-E", str(self.log))
        wait_until(self._answers, f"an answer of sshd at {self.host.address} port {self.port}")

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise UsageError(f"sshd in {self.host.namespace} ended: {self.log.read_text().strip()}")
        try:
            with socket.create_connection((self.host.address, self.port), timeout=1) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def entry(
        self, name: str, platform: str, *, command: float = 10, options: Mapping[str, Scalar] = MappingProxyType({})
    ) -> Entry:
        """How a device in this host is reached; password and known_hosts are files of the host."""
        return Entry(
            name=name,
            platform=platform,
            host=self.host.address,
            port=self.port,
            username=self.user,
            password=Secret(f"file:{self._password}"),
            ssh=SshSettings(known_hosts=self._known_hosts, config=Path("/dev/null"), agent=False),
            timeouts=Timeouts(connect=10, command=command),
            options=options,
        )

    def write_known_hosts(self) -> None:
        """Store the server's present host key where `entry` says; after `rekey` the file still has the old one."""
        self._known_hosts.write_text(self.known_hosts_line)

    @property
    def _known_hosts(self) -> Path:
        return self.host.directory / "known_hosts"

    @property
    def known_hosts_line(self) -> str:
        """The line for a known_hosts file, with its line break."""
        place = self.host.address if self.port == 22 else f"[{self.host.address}]:{self.port}"
        return f"{place} {self.host_key}\n"

    def rekey(self) -> None:
        """Start again with another host key; sessions that are open stay."""
        self.host.stop(self._process)
        self._start()


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


@contextmanager
def _lock(path: Path) -> Generator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
