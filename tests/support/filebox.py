"""A device whose configuration is one file, and a driver for it: what the engine does with files and controllers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netres.change import Change
from netres.driver import Capability, Driver, Facts, Feature, Reading, Report, Scope, Source, Support, together
from netres.errors import InvalidConfig, NetresError, Rejected, UsageError
from netres.flow import Exec, Flow, Operation, Reconnect, Reply, ask
from netres.inventory.entry import Scalar
from netres.model import AccessPoint, Item, State, Vlan
from netres.plan import Guarantee

SHOW = Exec("cat vlans")
RUNNING = Exec("running")
REPORTS = Exec("reports")


@dataclass
class Box:
    """Runs the programs below on files in memory; ``running`` is what its daemon has loaded."""

    files: dict[str, str] = field(default_factory=lambda: {"vlans": "# by hand\n"})
    running: str = "# by hand\n"
    broken: bool = False
    """The daemon says yes and loads nothing, as some do with a list they do not understand."""
    told: dict[str, str] = field(default_factory=dict[str, str])
    """What access points report."""
    fails: dict[str, NetresError] = field(default_factory=dict[str, NetresError])
    """By command: what breaks there."""
    cut: tuple[str, NetresError] | None = None
    """What breaks at a command, once."""
    sent: list[Operation] = field(default_factory=list[Operation])

    def execute(self, operation: Operation) -> Reply:
        self.sent.append(operation)
        if isinstance(operation, Reconnect):
            return Reply()
        assert isinstance(operation, Exec)
        if error := self.fails.get(operation.command):
            raise error
        if self.cut and self.cut[0] == operation.command:
            error, self.cut = self.cut[1], None
            raise error
        return Reply(self._program(operation))

    def _program(self, operation: Exec) -> str:
        match operation.command:
            case "cat vlans":
                return self.files["vlans"]
            case "put vlans.new":
                self.files["vlans.new"] = operation.reveal()
            case "check vlans.new" if "666" in self.files["vlans.new"]:
                raise Rejected(operation.command, "line 1: vlan 666 is not possible")
            case "check vlans.new":
                pass
            case "swap":
                self.files["vlans.old"], self.files["vlans"] = self.files["vlans"], self.files.pop("vlans.new")
            case "reload":
                self.running = "" if self.broken else self.files["vlans"]
            case "running":
                return self.running
            case "rm vlans.old":
                self.files.pop("vlans.old", None)
            case "reports":
                return "\n".join(f"{name} {status}" for name, status in self.told.items())
            case other:
                raise UsageError(f"no program {other!r}")
        return ""

    def close(self) -> None:
        pass


def _read() -> Flow[Iterable[Item]]:
    text = (yield SHOW).text
    return [Vlan(id=int(one[1]), name=one[2]) for one in re.finditer(r"^vlan (\d+)(?: (\S+))?$", text, re.MULTILINE)]


def _compose(changes: Sequence[Change], scope: Scope) -> Iterator[Operation]:
    others = [line for line in scope.native.text.splitlines() if not line.startswith("vlan ")]
    vlans = [f"vlan {item.id} {item.name or ''}".strip() for item in scope.after.each() if isinstance(item, Vlan)]
    yield Exec("put vlans.new", ("".join(f"{line}\n" for line in [*others, *vlans]),), writes=True)
    yield Exec("check vlans.new", writes=True)
    yield Exec("swap", writes=True)
    yield Exec("reload", writes=True)


def _verify() -> Flow[None]:
    if (yield RUNNING).text != (yield SHOW).text:
        raise Rejected("reload", "the daemon runs on something else")


def _points() -> Flow[Iterable[State]]:
    lines = (yield REPORTS).text.splitlines()
    return [AccessPoint(name=line.split()[0]) for line in lines]


def _reports(changes: Sequence[Change]) -> Flow[Iterable[Report]]:
    status: Mapping[str, str] = dict(line.split() for line in (yield REPORTS).text.splitlines())
    return [
        Report(name, "applied" if is_ == "ok" else "failed" if is_ == "bad" else "pending")
        for name, is_ in status.items()
    ]


def _facts() -> Flow[Facts]:
    yield SHOW
    return Facts(vendor="nobody")


def _fit(options: Mapping[str, Scalar]) -> Flow[Driver]:
    if "file" in options:
        raise InvalidConfig("options.file: there is one file; leave it out")
    text = (yield SHOW).text
    if "readonly" not in text:
        return replace(BOX, source=Source.PROBED)
    return replace(BOX, features=(replace(BOX.features[0], write=None, note="the file says so"),), source=Source.PROBED)


BOX = Driver(
    platform="box",
    title="One file",
    vendor="nobody",
    families=("wireless-controller",),
    features=(Feature(Vlan, _read, together),),
    native=lambda: ask(SHOW),
    facts=_facts,
    guarantee=Guarantee.COMPENSATED,
    guarantee_why="the old file is kept",
    transport="ssh",
    compose=_compose,
    verify=_verify,
    finish=(Exec("rm vlans.old", writes=True),),
    readings=(Reading(AccessPoint, _points, missing=frozenset({"mac"})),),
    unowned=lambda native: tuple(line for line in native.text.splitlines() if not line.startswith("vlan ")),
)
CONTROLLER = replace(BOX, reports=_reports)
FITTED = replace(BOX, fit=_fit)
READ_ONLY = Capability(kind="vlan", support=Support.READ_ONLY, reason="the file says so", source=Source.PROBED)
