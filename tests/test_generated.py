"""What is generated and checked in is what the code says today."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import jsonschema
import pytest

from netres import Inventory, schemas
from netres.model import KINDS
from netres.plan import Plan
from netres.testing.samples import fitting

ROOT = Path(__file__).parents[1]


def test_schemas_are_up_to_date() -> None:
    assert schemas.stale() == [], "run: make schemas"
    assert schemas.folder() == ROOT / "schemas" / "v1"


def test_the_capability_matrix_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("capability_matrix", ROOT / "scripts" / "capability_matrix.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text(encoding="utf-8") == module.matrix(), "run: make schemas"


def test_writing_mends_what_is_stale(tmp_path: Path) -> None:
    (tmp_path / "of-old.json").write_text("{}")
    (tmp_path / "plan.schema.json").write_text("{}")
    changed = schemas.write(tmp_path)
    assert {"of-old.json", "plan.schema.json", "catalog.json"} <= set(changed)
    assert schemas.stale(tmp_path) == []
    assert schemas.write(tmp_path) == []
    assert not (tmp_path / "of-old.json").exists()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_samples_are_valid_by_their_schema(kind: str) -> None:
    schema = json.loads((schemas.folder() / f"{kind}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    inventory = Inventory.from_mapping({"devices": {"m1": {"platform": "memory", "host": "m1.schema"}}})
    with inventory["m1"].connect() as device:
        items = [item for sample in fitting(device.driver) for item in sample.items if kind == item.KIND]
    assert items
    for item in items:
        jsonschema.validate(item.model_dump(mode="json"), schema)


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("bgp_router", {"kind": "bgp_router", "asn": "1.10"}),
        ("ospf_interface", {"kind": "ospf_interface", "interface": "eth0", "area": 0}),
        ("bgp_neighbor", {"kind": "bgp_neighbor", "address": "192.0.2.2", "remote_as": 1, "password": "env:PW"}),
    ],
)
def test_what_netres_takes_is_valid_by_its_schema(kind: str, item: dict[str, object]) -> None:
    jsonschema.validate(item, json.loads((schemas.folder() / f"{kind}.schema.json").read_text()))


def test_a_plan_is_valid_by_its_schema() -> None:
    schema = json.loads((schemas.folder() / "plan.schema.json").read_text())
    inventory = Inventory.from_mapping({"devices": {"m2": {"platform": "memory", "host": "m2.schema"}}})
    with inventory["m2"].connect() as device:
        plan = device.plan(fitting(device.driver)[1])
    document = json.loads(plan.model_dump_json())
    jsonschema.validate(document, schema)
    assert Plan.parse(plan.model_dump_json()) == plan
