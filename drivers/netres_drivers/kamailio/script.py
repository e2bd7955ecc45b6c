"""What the script that runs offers to netres, and where its lists are. Probed once per session."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from netres.errors import InvalidConfig, Rejected
from netres.flow import Exec, Flow, Reply
from netres.inventory.entry import Scalar
from netres.model import SipInterface

DIRECTORY: Final = "/etc/kamailio/netres"
SOCKET: Final = "unix:/run/kamailio/kamailio_ctl"
"""Where Kamailio's module ctl listens unless the script says otherwise."""
DISPATCHER: Final = "dispatcher.list"
ADDRESS: Final = "address.list"
TRUNK: Final = "netres_trunk"
ROUTE: Final = "netres_route"
_OPTIONS: Final = {
    "directory": (re.compile(r"/[\w.+@/-]+"), "the absolute path of the folder with dispatcher.list and address.list"),
    "socket": (re.compile(r"unix[sd]?:/[\w.+@/-]+"), f"the socket of the module ctl, such as {SOCKET}"),
}
_KNOWN: Final = frozenset({"udp", "tcp", "tls"})


@dataclass(frozen=True)
class Script:
    """What one Kamailio's script offers."""

    directory: str = DIRECTORY
    socket: str = SOCKET
    dispatcher: bool = True
    permissions: bool = True
    routes: bool = True
    """Whether netres.cfg is included with NETRES_ROUTES."""
    media: bool = True
    """Whether netres.cfg is included with NETRES_MEDIA."""
    interfaces: tuple[SipInterface, ...] | None = None
    """Where Kamailio listens; ``None``: nobody asked."""

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the lists, in the order in which they are read and written."""
        names = ((DISPATCHER, self.dispatcher), (ADDRESS, self.permissions), (TRUNK, self.routes), (ROUTE, self.routes))
        return tuple(name for name, there in names if there)

    @property
    def cd(self) -> str:
        """The command after which the lists are named without their folder."""
        return f"cd {shlex.quote(self.directory)}"

    def ask(self, *requests: str) -> str:
        """A command that prints the answers of Kamailio's RPC, each after a line with its request."""
        lines = (f"printf '>>> %s <<<\\n' {shlex.quote(request)}; {self.rpc(request)}" for request in requests)
        return "; ".join(lines)

    def rpc(self, request: str) -> str:
        """A command that prints the answer to one request of Kamailio's RPC. kamcmd's exit status tells nothing."""
        return f"PATH=$PATH:/usr/sbin:/usr/local/sbin kamcmd -s {shlex.quote(self.socket)} {request} 2>&1"


def answers(text: str) -> Mapping[str, str]:
    """What `Script.ask` printed, by request."""
    parts = re.split(r"^>>> (.*) <<<\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def records(text: str, last: str) -> Iterator[dict[str, str]]:
    """From the answer to a request: the values seen so far, each time one of the name ``last`` comes by."""
    seen: dict[str, str] = {}
    for line in text.splitlines():
        name, found, value = line.strip().partition(": ")
        if found:
            seen[name] = value
        if found and name == last:
            yield dict(seen)


def require(request: str, text: str) -> str:
    """The answer to a request, unless it is a refusal.

    Raises:
        Rejected: Kamailio refused it, or does not run.
    """
    words = text.strip()
    if re.match(r"(?i)error:", words) or "command not found" in words or "kamcmd: not found" in words:
        raise Rejected(f"kamcmd {request}", words.partition("\n")[0])
    return text


def asked(script: Script, *requests: str) -> Flow[Mapping[str, str]]:
    """The answers of Kamailio's RPC, by request."""
    reply: Reply = yield Exec(script.ask(*requests))
    return answers(reply.text)


def located(options: Mapping[str, Scalar]) -> Script:
    """What an inventory entry's options say.

    Raises:
        InvalidConfig: an option that does not exist, or a value that is none for it.
    """
    for name, value in options.items():
        if name not in _OPTIONS:
            raise InvalidConfig(f"options: kamailio knows no {name!r}; it knows {', '.join(_OPTIONS)}")
        pattern, what = _OPTIONS[name]
        if not isinstance(value, str) or not pattern.fullmatch(value) or "/../" in f"{value}/":
            raise InvalidConfig(f"options: {name} {value!r} is not {what}")
    return Script(
        directory=str(options.get("directory", "")).rstrip("/"),
        socket=str(options.get("socket", SOCKET)),
    )


def probed(options: Mapping[str, Scalar]) -> Flow[Script]:
    """What the running script offers. Sends only reads.

    Raises:
        InvalidConfig: an option is not usable; nothing was sent.
        Rejected: Kamailio does not answer.
    """
    place = located(options)
    marks = tuple(f"cfg.get netres {name}" for name in ("routes", "media"))
    told = yield from asked(place, "core.version", "core.modules", "core.ppdefines_full", "core.sockets_list", *marks)
    require("core.version", told.get("core.version", "error: no answer"))
    modules = frozenset(told["core.modules"].split())
    routes, media = (told[mark].strip() == "1" for mark in marks)
    return Script(
        directory=place.directory or _directory(told["core.ppdefines_full"]),
        socket=place.socket,
        dispatcher="dispatcher" in modules,
        permissions="permissions" in modules,
        routes=routes,
        media=routes and media,
        interfaces=tuple(_interfaces(told["core.sockets_list"])),
    )


def _directory(defines: str) -> str:
    """What the script says of NETRES_DIR."""
    for define in records(defines, "value"):
        if define.get("name") == "NETRES_DIR" and _OPTIONS["directory"][0].fullmatch(define["value"]):
            return define["value"].rstrip("/")
    return DIRECTORY


def _interfaces(sockets: str) -> Iterator[SipInterface]:
    for socket in records(sockets, "port"):
        if socket["proto"] in _KNOWN:
            address = socket["ipaddress"].strip("[]")
            yield SipInterface.model_validate(
                {"address": address, "port": int(socket["port"]), "transport": socket["proto"]}
            )
