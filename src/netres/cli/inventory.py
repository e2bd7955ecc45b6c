"""The commands about inventories: taking them over from elsewhere, checking, listing and comparing them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netres.cli import output, show
from netres.cli.arguments import DEFAULT_INVENTORY, AsJson, InventoryFile
from netres.errors import InvalidConfig, UsageError
from netres.inventory import Inventory

app = typer.Typer(help="Inventories: take over, check, list, compare.")

_COLOURS = {"+": "green", "-": "red", "~": "yellow"}


@app.command("import")
def import_(
    source: Annotated[str, typer.Argument(help="yaml, json, csv, directory, nornir, ansible, netbox or nautobot.")],
    place: Annotated[str, typer.Argument(help="A path, or the URL of a server.")],
    file: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The inventory to write.")],
    option: Annotated[
        list[str] | None, typer.Option("--option", metavar="NAME=VALUE", help="Of the source. May be repeated.")
    ] = None,
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that exists.")] = False,
) -> None:
    """Take over an inventory from elsewhere, and write it as YAML. No secret is written, only references.

    What could not be taken over is listed line by line.
    """
    from netres.inventory import sources
    from netres.inventory.written import written

    output.writable(file)
    if file.exists() and not replace:
        raise UsageError(f"{file}: exists; name another file, or --replace it")
    found = sources.read(source, place, _options(option or []))
    text = written(found.sections)
    inventory = Inventory.from_mapping(found.sections, place)
    file.write_text(text, encoding="utf-8")
    for left in found.left:
        show.say(f"left: {left}", "yellow")
    show.say(f"{file}: {len(inventory)} devices; {len(found.left)} things left")


def _options(given: list[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not (name and equals):
            raise UsageError(f"option {name!r} has no value; write NAME=VALUE")
        options[name] = value
    return options


@app.command()
def check(
    inventory: InventoryFile = DEFAULT_INVENTORY,
    *,
    secrets: Annotated[bool, typer.Option("--secrets", help="Look whether references lead to secrets.")] = False,
) -> None:
    """Whether an inventory is sound: every device with all it inherits. Opens no connection."""
    from netres.model.secret import resolved

    loaded = Inventory.load(inventory)
    faults = 0
    for name, entry in loaded.items():
        if secrets:
            try:
                resolved(entry)
            except InvalidConfig as error:
                faults += 1
                show.say(f"{name}: {error}", "red")
    if faults:
        raise InvalidConfig(f"{inventory}: the secrets of {faults} devices cannot be read")
    show.say(f"{inventory}: {len(loaded)} devices, all sound", "bold green")


@app.command("show")
def show_(
    selection: Annotated[str, typer.Argument(help="Such as 'site=lon* family=router'.")] = "name=*",
    inventory: InventoryFile = DEFAULT_INVENTORY,
    *,
    json: AsJson = False,
) -> None:
    """The devices of an inventory, each with all it inherits."""
    chosen = Inventory.load(inventory).select(selection)
    if json:
        output.emit({name: entry.settings() for name, entry in chosen.items()})
        return
    show.table(
        ("device", "platform", "host", "groups", "tags"),
        (
            (
                (name, "bold"),
                (entry.platform, ""),
                (entry.host if entry.port is None else f"{entry.host} port {entry.port}", ""),
                (" ".join(entry.groups), ""),
                (" ".join(f"{tag}={value}" for tag, value in entry.tags.items()), "dim"),
            )
            for name, entry in chosen.items()
        ),
    )


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(help="An inventory.")],
    after: Annotated[Path, typer.Argument(help="Another.")],
    *,
    json: AsJson = False,
) -> None:
    """What differs between two inventories, inherited settings included."""
    from dataclasses import asdict

    from netres.inventory.compare import compared

    found = list(compared(Inventory.load(before), Inventory.load(after)))
    if json:
        output.emit([asdict(one) for one in found])
        return
    for one in found:
        show.say(one, _COLOURS[one.sign])
    if not found:
        show.say("no difference", "bold green")
