"""A small driver of OpenWrt for tests of its simulator: the host name, time servers and VLANs, by ``uci``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, cast

from netres.change import Change
from netres.driver import Driver, Facts, Feature, Scope, together
from netres.errors import InvalidConfig
from netres.flow import Exec, Flow, Operation, Reply, ask
from netres.model import Item, NtpServer, System, Vlan
from netres.plan import Guarantee

_PACKAGES: Final = ("network", "system")
_SECTION: Final = re.compile(r"(?m)^config (\S+)(?: '(.*)')?\n((?:\t.*\n)*)")
_OPTION: Final = re.compile(r"(?m)^\t(?:option|list) (\S+) '(.*)'$")


def _sections(text: str) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    for type_, name, body in _SECTION.findall(text):
        yield type_, name, [(option, value.replace("'\\''", "'")) for option, value in _OPTION.findall(body)]


def _items(text: str) -> Iterator[Item]:
    for type_, name, options in _sections(text):
        held = dict(options)
        match type_, name:
            case "system", _:
                yield System(hostname=held.get("hostname"))
            case "timeserver", "ntp":
                yield from (NtpServer(address=value) for option, value in options if option == "server")
            case "bridge-vlan", _ if name == f"vlan{held.get('vlan')}":
                yield Vlan(id=int(held["vlan"]))
            case _:
                pass


def _reader(kind: type[Item]) -> Callable[[], Flow[Iterable[Item]]]:
    def read() -> Flow[Iterable[Item]]:
        reply = yield from _native()
        return [item for item in _items(reply.text) if isinstance(item, kind)]

    return read


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "'\\''") + "'"


def _lines(change: Change) -> Iterator[str]:
    match change.before, change.after:
        case _, System(hostname=hostname):
            yield f"set system.@system[0].hostname={_quoted(hostname or '')}"
        case NtpServer(address=address), None:
            yield f"del_list system.ntp.server={_quoted(address)}"
        case None, NtpServer(address=address):
            yield f"add_list system.ntp.server={_quoted(address)}"
        case Vlan(id=number), None:
            yield f"delete network.vlan{number}"
        case None, Vlan(id=number):
            yield f"set network.vlan{number}=bridge-vlan"
            yield f"set network.vlan{number}.device='br-lan'"
            yield f"set network.vlan{number}.vlan='{number}'"
        case _:
            pass


_RELOAD: Final = "/etc/init.d/network reload && /etc/init.d/system reload"


def _compose(changes: Sequence[Change], scope: Scope) -> Iterator[Operation]:
    if scope.restore is not None:
        yield Exec(f"uci import && {_RELOAD}", (scope.restore.text,), writes=True)  # it commits: as below
        return
    yield Exec("uci batch", ("".join(f"{line}\n" for change in changes for line in _lines(change)),), writes=True)


def _check(item: Item) -> None:
    if getattr(item, "vrf", "default") != "default":
        raise InvalidConfig(f"{item.key}: there are no VRFs in this driver")


def _native() -> Flow[Reply]:
    """What is committed, as ``uci import`` takes it: ``uci export`` would show what is staged, too."""
    text = ""
    for package in _PACKAGES:
        reply = yield from ask(Exec(f"cat /etc/config/{package}"))
        text += f"package {package}\n{reply.text}"
    return Reply(text)


def _facts() -> Flow[Facts]:
    reply = yield from ask(Exec("ubus call system board"))
    board = cast("dict[str, object]", json.loads(reply.text))
    release = cast("dict[str, str]", board["release"])
    return Facts(vendor="OpenWrt", hostname=str(board["hostname"]), os_version=release["version"])


DRIVER: Final = Driver(
    platform="openwrt_in_tests",
    title="OpenWrt, as far as tests need it",
    vendor="OpenWrt",
    families=("access-point", "router"),
    features=(
        Feature(
            System,
            _reader(System),
            together,
            missing=frozenset({"domain_name", "login_banner", "contact", "location"}),
        ),
        Feature(NtpServer, _reader(NtpServer), together, missing=frozenset({"prefer", "iburst"}), check=_check),
        Feature(Vlan, _reader(Vlan), together, missing=frozenset({"name"})),
    ),
    native=_native,
    facts=_facts,
    guarantee=Guarantee.COMPENSATED,
    guarantee_why="this driver does not use ubus, which alone has a timer",
    transport="ssh",
    begin=(Exec("uci revert network; uci revert system", writes=True),),
    commit=(
        # One program: a cut between two would leave the device running on something else than it has stored.
        Exec(
            f"uci commit network && uci commit system && {_RELOAD}",
            writes=True,
        ),
    ),
    abort=(Exec("uci revert network; uci revert system", writes=True),),
    compose=_compose,
)
