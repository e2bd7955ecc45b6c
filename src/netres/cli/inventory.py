"""The commands about inventories: taking them over from elsewhere, checking, listing and comparing them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netres.cli import output, show
from netres.cli.arguments import DEFAULT_INVENTORY, AsJson, InventoryFile
from netres.errors import InvalidConfig, NetresError, UsageError
from netres.inventory import Inventory

if TYPE_CHECKING:
    from netres.driver import Facts
    from netres.inventory.facts_cache import FactsCache

app = typer.Typer(help="Inventories: take over, check, list, compare.")

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@/-]{0,62}")
"""A sysName that a device of an inventory can have."""
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
    facts: Annotated[bool, typer.Option("--facts", help="What each device last told of itself, and when.")] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="With --facts: ask the devices now.")] = False,
    cache: Annotated[
        Path | None, typer.Option("--cache", metavar="FILE", help="Of facts. Default: in $XDG_CACHE_HOME/netres.")
    ] = None,
    json: AsJson = False,
) -> None:
    """The devices of an inventory, each with all it inherits. Opens no connection, except with --refresh."""
    chosen = Inventory.load(inventory).select(selection)
    if facts or refresh:
        _facts(chosen, cache, refresh=refresh, json=json)
    elif json:
        output.emit({name: entry.settings() for name, entry in chosen.items()})
    else:
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


def _facts(chosen: Inventory, cache: Path | None, *, refresh: bool, json: bool) -> None:
    from netres.inventory.facts_cache import FactsCache, default

    kept = FactsCache(cache or default())
    failed = _refreshed(chosen, kept) if refresh else {}
    told = {name: kept.get(entry) for name, entry in chosen.items()}
    if json:
        output.emit(
            {
                name: None if one is None else {"told": one.when.isoformat(), **one.facts.model_dump(mode="json")}
                for name, one in told.items()
            }
        )
    else:
        show.table(
            ("device", "age", "vendor", "model", "serial", "version"),
            (
                (
                    (name, "bold"),
                    ("never told" if one is None else f"{one.age.total_seconds():.0f} s", "dim"),
                    *((str(value or ""), "") for value in (_identity(one.facts) if one else ("",) * 4)),
                )
                for name, one in told.items()
            ),
        )
    for name, why in failed.items():
        show.say(f"{name}: {why}", "red", stderr=True)
    if failed:
        raise UsageError(f"{len(failed)} of {len(chosen)} devices did not tell their facts")


def _identity(facts: Facts) -> tuple[str | None, ...]:
    return (facts.vendor, facts.model, facts.serial, facts.os_version)


def _refreshed(chosen: Inventory, kept: FactsCache) -> dict[str, str]:
    failed: dict[str, str] = {}
    for name, entry in chosen.items():
        try:
            with entry.connect() as resource:
                kept.put(entry, resource.facts())
        except NetresError as error:
            failed[name] = str(error)
    return failed


@app.command()
def discover(  # noqa: PLR0913 - each is an argument or option of the command
    networks: Annotated[list[str], typer.Argument(metavar="NETWORK...", help="Such as 192.0.2.0/24, or an address.")],
    *,
    community: Annotated[str | None, typer.Option("--community", metavar="REFERENCE", help="Version 2c.")] = None,
    username: Annotated[str | None, typer.Option("--username", help="Version 3, with the two keys.")] = None,
    auth_key: Annotated[str | None, typer.Option("--auth-key", metavar="REFERENCE")] = None,
    priv_key: Annotated[str | None, typer.Option("--priv-key", metavar="REFERENCE")] = None,
    follow: Annotated[
        list[str] | None,
        typer.Option("--follow", metavar="NETWORK", help="Ask the neighbours (LLDP) in it too. May be repeated."),
    ] = None,
    width: Annotated[int, typer.Option("--width", min=1, max=1000, help="How many are asked at once.")] = 64,
    rate: Annotated[float, typer.Option("--rate", min=0.1, help="How many are begun in a second.")] = 100.0,
    timeout: Annotated[float, typer.Option("--timeout", min=0.05, help="Seconds for one answer.")] = 1.0,
    out: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write an inventory.")] = None,
) -> None:
    """Sweep networks over SNMP, and propose entries: each with its platform, and on what evidence. Sends reads only."""
    from netres.inventory.written import written
    from netres.transport.discovery import Proposal
    from netres.transport.discovery import discover as sweep

    output.writable(out)
    snmp = {"community": community, "auth_key": auth_key, "priv_key": priv_key, "timeout": timeout, "retries": 1}
    defaults: dict[str, object] = {"snmp": {key: value for key, value in snmp.items() if value is not None}}
    if username is not None:
        defaults |= {"username": username}
    template = {"defaults": defaults, "devices": {"any": {"platform": "snmp", "host": "localhost"}}}
    like = Inventory.from_mapping(template, "the command line")["any"]
    devices: dict[str, object] = {}
    silent = 0
    for found in sweep(networks, like, follow=follow or (), width=width, rate=rate):
        if not isinstance(found, Proposal):
            silent += 1
            continue
        name = found.name if _NAME.fullmatch(found.name) and found.name not in devices else found.host
        devices[name] = {"platform": found.platform, "host": found.host}
        show.say(f"{name}: {found.platform} at {found.host}", "bold")
        for line in found.evidence:
            show.say(f"    {line}", "dim")
    show.say(f"{len(devices)} agents answered, {silent} hosts did not")
    if out is not None:
        sections = {"defaults": defaults, "devices": devices}
        Inventory.from_mapping(sections, str(out))
        out.write_text(written(sections), encoding="utf-8")


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
