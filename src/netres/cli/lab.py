"""``netres lab``: an inventory of simulated devices, served on loopback for a client in any language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias, cast

import typer

from netres.cli import output, show
from netres.cli.arguments import AsJson, DeviceName
from netres.cli.record import record
from netres.errors import InvalidConfig
from netres.inventory import Inventory

if TYPE_CHECKING:
    from netres.testing.sim.lab import Lab

LAB: Final = "lab"
_MARK: Final = "# written by netres lab up, and removed when the laboratory ends\n"
app = typer.Typer(help="Simulated devices on loopback: they behave, and break, like real ones.", no_args_is_help=True)

LabName: TypeAlias = Annotated[str, typer.Option("--name", help="Which laboratory, where several run.")]
SimulatedFile: TypeAlias = Annotated[
    Path, typer.Argument(help="The devices: names and platforms, as in any inventory.")
]
LiveFile: TypeAlias = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="The inventory that leads to them is written there.")
]
Configs: TypeAlias = Annotated[
    Path | None,
    typer.Option("--configs", metavar="FOLDER", help="A device begins with what its FOLDER/DEVICE.cfg says."),
]


@app.command()
def up(
    inventory: SimulatedFile,
    *,
    out: LiveFile = Path("lab.yaml"),
    configs: Configs = None,
    name: LabName = LAB,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Go on in the background.")] = False,
    json: AsJson = False,
) -> None:
    """Serve every device of an inventory on loopback, until Ctrl-C or `netres lab down`."""
    from netres.testing.sim import control, registry
    from netres.testing.sim.lab import Lab

    _ours(out)
    control.require_free(name)
    lab = Lab(Inventory.load(inventory, platforms=registry.platforms()).values())
    _configure(lab, configs)
    if detach:
        words = [str(inventory), "--output", str(out), *(("--configs", str(configs)) if configs else ())]
        control.in_background(name, [*words, "--name", name])
        _tell(control.ask(name, {"verb": "status"}), out, name, json)
        return
    from netres.testing.entries import inventory_yaml

    try:
        with lab:
            serving = control.Control(lab, name)
            out.write_text(_MARK + inventory_yaml(lab.entries), encoding="utf-8")
            _tell(serving.status({}), out, name, json)
            serving.wait()
    except KeyboardInterrupt:
        show.say("the laboratory ends", stderr=True)
    finally:
        out.unlink(missing_ok=True)  # it leads nowhere any more
        control.release(name)


def _ours(out: Path) -> None:
    """Refuse to write over, and to remove in the end, what no laboratory has written."""
    output.writable(out)
    if out.exists() and not output.read(out).startswith(_MARK):
        raise InvalidConfig(f"{out}: exists, and was not written by a laboratory; name another file with --output")


def _configure(lab: Lab, folder: Path | None) -> None:
    if folder is None:
        return
    for path in sorted(folder.glob("*.cfg")):
        text = output.read(path)
        try:
            lab[path.stem].store.load(text)
        except ValueError as error:
            raise InvalidConfig(f"{path}: {error}") from error


def _tell(status: Mapping[str, object], out: Path, name: str, json: bool) -> None:
    devices = cast("list[Mapping[str, object]]", status["devices"])
    if json:
        output.emit({"inventory": str(out), "devices": devices})
        return
    for device in devices if len(devices) <= 20 else []:
        ports = cast("Mapping[str, int]", device["ports"])
        wires = ", ".join(f"{wire} {device['host']}:{port}" for wire, port in sorted(ports.items()))
        show.say(f"{device['name']}  {device['platform']}  {wires}")
    ending = "" if name == LAB else f" --name {name}"
    show.say(f"{len(devices)} devices; inventory: {out}; to end: netres lab down{ending}")


@app.command()
def fault(  # noqa: PLR0913 - each is an argument or option of the command
    device: DeviceName,
    kind: Annotated[
        str, typer.Argument(help="cut-before, cut-after, hang, slow, garbage, truncated, rejected, locked, …")
    ] = "",
    *,
    at: Annotated[int | None, typer.Option("--at", help="At the how manieth operation from now; 0: the next.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="REGEX", help="At an operation that this is found in.")
    ] = None,
    times: Annotated[int, typer.Option("--times", help="How often; 0: until it is cleared.")] = 1,
    seconds: Annotated[float | None, typer.Option("--seconds", help="Of slow, clock-jump, reboot.")] = None,
    find: Annotated[str | None, typer.Option("--find", metavar="REGEX", help="Of normalised and salted.")] = None,
    replace: Annotated[str | None, typer.Option("--replace", metavar="TEXT", help="Of normalised.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Nothing goes wrong from now on.")] = False,
    name: LabName = LAB,
) -> None:
    """Have something go wrong with a device from now on."""
    from netres.testing.sim import control

    fields = {"kind": kind, "at": at, "on": on, "times": times, "seconds": seconds, "find": find, "replace": replace}
    control.ask(name, {"verb": "fault", "device": device, "clear": clear, **fields})


@app.command()
def log(
    device: Annotated[str | None, typer.Argument(help="Default: all of them.")] = None,
    name: LabName = LAB,
    json: AsJson = False,
) -> None:
    """What was said to a device, secrets masked."""
    from netres.testing.sim import control

    answer = control.ask(name, {"verb": "log", "device": device})
    if json:
        output.emit(answer)
        return
    for one in cast("list[Mapping[str, str]]", answer["exchanges"]):
        show.say(
            f"{one['device']} {one['wire']}> {one['sent']}" + (f"    ({one['fault']})" if one["fault"] else ""), "bold"
        )
        for line in one["answer"].splitlines():
            show.say(f"    {line}")


@app.command("show")
def show_(device: DeviceName, name: LabName = LAB) -> None:
    """The configuration a device runs on, as it shows it itself."""
    from netres.testing.sim import control

    typer.echo(str(control.ask(name, {"verb": "show", "device": device})["native"]), nl=False)


@app.command()
def platforms(json: AsJson = False) -> None:
    """List what can be simulated, and which protocols it speaks."""
    from netres.testing.sim import registry

    rows = [
        {"platform": name, "title": simulator.title, "wires": list(simulator.make("device").wires)}
        for name in registry.platforms()
        for simulator in [registry.get(name)]
    ]
    if json:
        output.emit(rows)
        return
    for row in rows:
        show.say(f"{row['platform']:<20} {', '.join(row['wires']):<24} {row['title']}")


app.command()(record)


@app.command()
def down(name: LabName = LAB) -> None:
    """End a laboratory."""
    from netres.testing.sim import control

    control.ask(name, {"verb": "down"})
    control.wait_until_free(name)
