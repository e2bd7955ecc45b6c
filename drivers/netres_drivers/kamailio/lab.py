"""A real Kamailio with rtpengine on this machine, in a network namespace behind an OpenSSH server; SIPp calls it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from netres.errors import MissingDependency, UsageError
from netres.inventory.entry import Entry
from netres.testing import sipp, sshd
from netres.testing.entries import inventory_yaml
from netres.testing.netns import Host, wait_until
from netres.testing.sipp import Sipp
from netres.testing.sshd import Sshd, account
from netres_drivers.kamailio import route, rows
from netres_drivers.kamailio.script import ADDRESS, DISPATCHER, ROUTE, TRUNK

USER: Final = "netres"
FULL: Final = ("NETRES_ROUTES", "NETRES_MEDIA")
"""What the script defines before it includes netres.cfg."""
HERE: Final = Path(__file__).parent
_MODULES: Final = Path("/usr/lib/x86_64-linux-gnu/kamailio/modules")
_NEEDED: Final = ("db_text", "dialplan", "dispatcher", "htable", "permissions", "rtpengine", "tls")
_TOOLS: Final = ("kamailio", "kamcmd", "rtpengine", "openssl", "pgrep")
_MEDIA: Final = 2223
VERSIONS: Final = f"table_name(string) table_version(int)\n{ROUTE}:2\n{TRUNK}:2\n"
LISTS: Final[Mapping[str, str]] = {
    DISPATCHER: "# peers of trunks\n",
    ADDRESS: "# who may call\n1 127.0.0.1 32 0 lab\n",
    TRUNK: rows.HEADER,
    ROUTE: route.HEADER,
}
"""The lists of a Kamailio to which netres did nothing yet."""
_RELOADS: Final = ("dispatcher.reload", "permissions.addressReload")
_TABLES: Final = ("htable.reload netres", "dialplan.reload")
# What a laboratory wants beside the script that users see: quick timers, reloads at any time, every kind of listener.
_QUICK: Final = """\
listen=udp:[::1]:5060
listen=tls:127.0.0.1:5061
enable_tls=yes
use_dns_cache={dns_cache}
loadmodule "tls.so"
modparam("tls", "certificate", "{directory}/certificate.pem")
modparam("tls", "private_key", "{directory}/key.pem")
modparam("tm", "fr_timer", 800)
{include}
modparam("ctl", "binrpc", "unix:{directory}/ctl")
modparam("ctl", "mode", 0660)
modparam("dispatcher", "ds_ping_interval", 1)
"""
_UNGUARDED: Final = 'modparam("dispatcher", "reload_delta", 0)\nmodparam("permissions", "reload_delta", 0)\n'
_UNGUARDED_ROUTES: Final = 'modparam("dialplan", "reload_delta", 0)\n'
_QUICK_MEDIA: Final = f'modparam("rtpengine", "rtpengine_sock", "udp:127.0.0.1:{_MEDIA}")\n'
_OWN_CALL: Final = """\
        if (ds_select_dst("1000", "8")) {
            record_route();
            t_relay();
            exit;
        }
"""
"""What an administrator may write who lets netres keep the lists, and routes calls himself."""
_NAMES: Final[Mapping[str, str]] = {
    "hosts": "127.0.0.1 localhost\n192.0.2.22 sip.example.net\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files\n",
    "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
}


def available() -> str | None:
    """Why no Kamailio can run here, in one line; ``None`` where one can."""
    if reason := sshd.available() or sipp.available():
        return reason
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    missing += [f"{name}.so" for name in _NEEDED if not (_MODULES / f"{name}.so").is_file()]
    if missing:
        packages = "kamailio, kamailio-tls-modules, rtpengine-daemon, openssl and procps"
        return f"not installed: {', '.join(missing)}; install the packages {packages}"
    return None


class KamailioLab:
    """One Kamailio, rtpengine beside it where the script asks for it. A context manager; leaving it removes all."""

    host: Host
    sshd: Sshd
    sipp: Sipp
    """What calls it at 127.0.0.1, and is called by it."""

    def __init__(self, defines: Sequence[str] = FULL, name: str = "sbc", *, as_installed: bool = False) -> None:
        """A Kamailio that starts when its context is entered.

        Args:
            defines: what its script defines before it includes netres.cfg.
            name: of its host.
            as_installed: whether it asks name servers alone, and refuses reloads for a second after each, as with the
                script that users see; if not, it knows ``sip.example.net`` from a file, and reloads at any time.
        """
        self.name = name
        self._as_installed = as_installed
        self._defines = tuple(defines)
        self._daemons: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        if reason := available():
            raise MissingDependency(reason)
        with ExitStack() as stack:
            self.host = stack.enter_context(Host(self.name))
            names = Path("/etc/netns") / self.host.namespace  # `ip netns exec` puts these over those in /etc
            stack.callback(shutil.rmtree, names, ignore_errors=True)
            names.mkdir(parents=True)
            for file, text in _NAMES.items():
                (names / file).write_text(text)
            self._prepare()
            self._start()
            self.sshd = Sshd(self.host, USER)
            self.sipp = Sipp(self.host, "127.0.0.1:5060")
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def directory(self) -> Path:
        """Of netres's lists."""
        return self.host.directory / "netres"

    @property
    def lists(self) -> tuple[str, ...]:
        """The names of the lists that the script reads."""
        return (DISPATCHER, ADDRESS, TRUNK, ROUTE) if "NETRES_ROUTES" in self._defines else (DISPATCHER, ADDRESS)

    @property
    def _media(self) -> bool:
        return set(FULL) <= set(self._defines)

    def _prepare(self) -> None:
        account(USER)
        self.directory.mkdir()
        shutil.chown(self.directory, USER, USER)
        for name, text in {**LISTS, "version": VERSIONS}.items():
            if name in self.lists or (name == "version" and ROUTE in self.lists):
                (self.directory / name).write_text(text)
                shutil.chown(self.directory / name, USER, USER)
        shutil.copy(HERE / "netres.cfg", self.host.directory)
        (self.host.directory / "kamailio.cfg").write_text(self._script())
        out = ("-keyout", str(self.host.directory / "key.pem"), "-out", str(self.host.directory / "certificate.pem"))
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        self.host.run("openssl", "req", "-x509", *curve, "-days", "2", "-subj", "/CN=sbc", *out)
        shutil.chown(self.host.directory / "key.pem", USER)

    def _script(self) -> str:
        """The script that users see, with what a laboratory wants."""
        text = (HERE / "kamailio.cfg").read_text().replace("/etc/kamailio/netres", str(self.directory))
        for define in FULL:
            if define not in self._defines:
                text = text.replace(f"#!define {define}\n", "")
        if "NETRES_ROUTES" not in self._defines:
            text = text.replace("        route(NETRES_CALL);\n", _OWN_CALL)
        include = next(line for line in text.splitlines() if line.startswith("include_file"))
        quick = _QUICK.format(
            directory=self.host.directory, include=include, dns_cache="on" if self._as_installed else "off"
        )
        if not self._as_installed:
            quick += _UNGUARDED + (_UNGUARDED_ROUTES if "NETRES_ROUTES" in self._defines else "")
        return text.replace(include, quick + (_QUICK_MEDIA if self._media else ""))

    def _start(self) -> None:
        if self._media and not self._daemons:
            ports = ("--port-min=30000", "--port-max=30999")
            listen = ("--interface=127.0.0.1", f"--listen-ng=127.0.0.1:{_MEDIA}", *ports)
            options = ("--config-file=none", "--table=-1", "--foreground", "--log-stderr", "--log-level=4")
            self.host.start("rtpengine", *options, "--num-threads=1", *listen)
        config = str(self.host.directory / "kamailio.cfg")
        kamailio = self.host.start("kamailio", "-f", config, "-DD", "-E", "-m", "64", "-M", "8", "-u", USER, "-g", USER)
        self._daemons = [kamailio]

        def answers() -> bool:
            if kamailio.poll() is not None:
                log = (self.host.directory / "kamailio.out").read_text(errors="replace")
                words = [line for line in log.splitlines() if "ERROR" in line or "CRITICAL" in line]
                raise UsageError(f"kamailio ended: {'; '.join(words[-3:])}")
            return "kamailio" in self.rpc("core.version")

        wait_until(answers, f"an answer of kamailio in {self.host.namespace}")

    def restart(self) -> None:
        """Kill Kamailio, as a crash would, and start it again; what it remembers then is what stands in its files."""
        for pid in self.host.run(
            "pgrep", "-x", "kamailio", "--ns", str(self._daemons[0].pid), "--nslist", "net"
        ).split():
            os.kill(int(pid), 9)
        self.host.stop(*self._daemons)
        (self.host.directory / "ctl").unlink(missing_ok=True)
        self._start()

    def rpc(self, *words: str) -> str:
        """What kamcmd prints, as root, not over SSH."""
        return self.host.run("kamcmd", "-s", f"unix:{self.host.directory}/ctl", *words, check=False)

    def native(self) -> str:
        """The lists, read as files."""
        texts = ((name, self.read(name)) for name in self.lists)
        return "".join(f"==> {name} <==\n{text}\n" for name, text in texts)

    def read(self, name: str) -> str:
        """A list, as a file; bytes that are no text as surrogates."""
        return (self.directory / name).read_bytes().decode(errors="surrogateescape")

    def write(self, name: str, text: str) -> None:
        """Write a list by hand; its time is later than before, so that Kamailio notices."""
        path = self.directory / name
        then = path.stat().st_mtime
        path.write_bytes(text.encode(errors="surrogateescape"))
        later = max(time.time(), int(then) + 1)
        os.utime(path, (later, later))

    def append(self, name: str, line: str) -> None:
        """Add a line by hand."""
        self.write(name, f"{self.read(name)}{line}\n")

    def reset(self) -> None:
        """Give Kamailio its first lists again."""
        for path in self.directory.glob("*.netres-*"):
            path.unlink()
        for name in self.lists:
            self.write(name, LISTS[name])
        self.host.mend()
        self.reload()

    def reload(self) -> None:
        """Have Kamailio read its lists."""
        for request in (*_RELOADS, *(_TABLES if ROUTE in self.lists else ())):
            answer = self.rpc(*request.split())
            if "error" in answer.lower():
                raise UsageError(f"kamcmd {request}: {answer.strip()}")

    def entry(self) -> Entry:
        """How this Kamailio is reached."""
        return self.sshd.entry(self.name, "kamailio", command=20, options={"socket": f"unix:{self.host.directory}/ctl"})

    def inventory_yaml(self) -> str:
        """An inventory file of this Kamailio."""
        return inventory_yaml([self.entry()])
