"""The commands that need no device."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from netres import offline, registry, schemas
from netres import peering as peering_
from netres.cli import output, show
from netres.cli.arguments import AsJson, DesiredFile, Platform, Prune
from netres.errors import MissingDependency, SecretError, UsageError
from netres.flow import Operation
from netres.model import Config
from netres.model.secret import resolved
from netres.observation import masked


def drivers(json: AsJson = False) -> None:
    """The platforms there are, and what each can do."""
    if json:
        output.emit(schemas.catalog())
    else:
        show.drivers(registry.drivers())


def parse(
    platform: Platform,
    files: Annotated[list[Path], typer.Argument(help="Native configuration, in this order.")],
    foreign: Annotated[bool, typer.Option("--foreign", help="Tell the lines that netres does not own, too.")] = False,
    json: AsJson = False,
) -> None:
    """The Items in a device's own configuration, without the device."""
    driver = registry.get(platform)
    found = offline.parse(driver, _native(files))
    lines = {key: [masked(driver, line) for line in owned] for key, owned in found.foreign.items()}
    if not json:
        show.config(found.config)
        show.foreign(lines, whole=foreign)
        return
    extra = {"foreign": {str(key): owned for key, owned in lines.items()}} if foreign else {}
    output.emit({**output.items(found.config), **extra})


def _native(files: Iterable[Path]) -> str:
    texts = (output.read(path) for path in files)
    return "".join(text if text.endswith("\n") or not text else f"{text}\n" for text in texts)


def render(
    platform: Platform,
    desired: DesiredFile,
    *,
    running: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The device's own configuration. Default: it has none.")
    ] = None,
    prune: Prune = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="Look secrets up, and show them.")] = False,
    json: AsJson = False,
) -> None:
    """What a device would be told to have the desired configuration, without the device.

    A secret that cannot be looked up counts as changed; with --reveal it is an error.
    """
    driver = registry.get(platform)
    wanted = _known(Config.load(desired), reveal)
    made = offline.render(driver, wanted, _native([running] if running else []), frozenset(prune or ()))
    operations = [offline.revealed(one) if reveal else str(one) for one in made.operations]
    text = "".join(f"{line}\n" for line in operations)
    if not json:
        typer.echo(text, nl=False)
        return
    session = {"begin": _lines(driver.begin), "commit": _lines(driver.commit), "save": _lines(driver.save)}
    output.emit({"operations": operations, "text": text, "session": session})


def peering(
    file: Annotated[Path, typer.Argument(help="The capability set, in JSON (RFC 10006).")],
    trunk: Annotated[str, typer.Option(help="The name of the trunk that is made of it.")],
) -> None:
    """What a SIP provider's capability set asks for, as a desired configuration; on stderr what it cannot express."""
    found = peering_.load(file, trunk)
    output.emit(output.items(found.config))
    for node in found.left_out:
        show.say(f"left out: {node}", stderr=True)


def _known(config: Config, reveal: bool) -> Config:
    try:
        return resolved(config)
    except (SecretError, MissingDependency):
        if reveal:
            raise
        return config


def _lines(operations: Iterable[Operation]) -> list[str]:
    return [str(operation) for operation in operations]


def schemas_(
    directory: Annotated[Path | None, typer.Argument(help="Default: where netres looks for them.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where a file is not up to date.")
    ] = False,
) -> None:
    """Write the JSON Schemas and the catalogue of drivers."""
    place = directory or schemas.folder()
    if not check:
        for name in schemas.write(place):
            show.say(f"written: {place / name}")
    elif names := schemas.stale(place):
        raise UsageError(f"{place}: not up to date: {', '.join(names)}; write them with: netres schemas {place}")
