"""JSON Schemas of the public models and the catalogue of drivers: generates ``schemas/v1``, finds it, compares it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from netres.baseline import Baseline
from netres.change import Change
from netres.confirming import Timer
from netres.desired import Desired
from netres.drift import DriftReport
from netres.driver import Capability, Facts
from netres.fleet.result import TransactionResult
from netres.inventory.entry import Entry
from netres.model import KINDS, STATES, Config
from netres.plan import ApplyResult, Difference, Plan
from netres.registry import drivers

VERSION: Final = "v1"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def _models() -> tuple[type[BaseModel], ...]:
    from netres.fleet.journal import TransactionRecord  # the database is loaded where it is needed
    from netres.fleet.recover import Recovered

    return (
        ApplyResult,
        Baseline,
        Capability,
        Change,
        Config,
        Desired,
        Difference,
        DriftReport,
        Entry,
        Facts,
        Plan,
        Recovered,
        TransactionRecord,
        TransactionResult,
        *KINDS.values(),
        *STATES.values(),
    )


def folder() -> Path:
    """Where the schemas lie: in the installed package, or in the checkout of an editable install."""
    packaged = Path(str(files("netres") / "schemas"))
    return (packaged if packaged.is_dir() else Path(__file__).parents[2] / "schemas") / VERSION


def generate() -> Mapping[str, str]:
    """Every file of ``schemas/v1``: name and content."""
    return {**_schemas(), "catalog.json": _text(catalog())}


@cache
def _schemas() -> Mapping[str, str]:
    """Of the models, which stay as they are; a second goes into them."""
    return {f"{_name(model)}.schema.json": _text(_schema(model)) for model in _models()}


def catalog() -> list[dict[str, object]]:
    """Driver by driver: what it supports of each kind, with what guarantee, and where that knowledge comes from."""
    return [
        {
            "platform": driver.platform,
            "title": driver.title,
            "vendor": driver.vendor,
            "families": list(driver.families),
            "guarantee": driver.guarantee.value,
            "guarantee_why": driver.guarantee_why,
            "timer": Timer.of(driver.confirming).model_dump(mode="json") if driver.confirming else None,
            "drains": driver.drain is not None,
            "capabilities": [capability.model_dump(mode="json") for capability in driver.capabilities()],
        }
        for driver in drivers()
    ]


def stale(place: Path | None = None) -> list[str]:
    """Names of the files in ``place`` that are missing, too many, or not what `generate` gives."""
    place = place or folder()
    made = generate()
    there = {path.name: path.read_text(encoding="utf-8") for path in place.glob("*.json")} if place.is_dir() else {}
    return sorted(name for name in {*made, *there} if made.get(name) != there.get(name))


def write(place: Path | None = None) -> list[str]:
    """Write all files to ``place``; returns the names of those that changed."""
    place = place or folder()
    changed = stale(place)
    made = generate()
    place.mkdir(parents=True, exist_ok=True)
    for name in changed:
        if name in made:
            (place / name).write_text(made[name], encoding="utf-8")
        else:
            (place / name).unlink()
    return changed


def _name(model: type[BaseModel]) -> str:
    return getattr(model, "KIND", None) or "".join(
        f"-{letter.lower()}" if letter.isupper() else letter for letter in model.__name__
    ).lstrip("-")


def _schema(model: type[BaseModel]) -> dict[str, object]:
    return {"$schema": _DIALECT, "$id": f"netres/{VERSION}/{_name(model)}", **model.model_json_schema()}


def _text(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
