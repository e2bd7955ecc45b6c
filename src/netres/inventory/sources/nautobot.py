"""Nautobot, version 2: ``GET /api/dcim/devices/?depth=1`` (https://docs.nautobot.com, REST API)."""

from __future__ import annotations

from typing import Final

from netres.inventory.sources.rest import Record, RestSource, address, inner, labels


def _fields(device: Record) -> dict[str, object]:
    tags = {
        "role": inner(device, "role", "name"),
        "site": inner(device, "location", "name"),
        "status": inner(device, "status", "name"),
        "tenant": inner(device, "tenant", "name"),
        "model": inner(device, "device_type", "model"),
    }
    return {
        "host": address(device, "primary_ip4", "primary_ip6"),
        "platform": inner(device, "platform", "network_driver") or inner(device, "platform", "name"),
        "tags": {**labels(device, "name"), **tags},
    }


SOURCE: Final = RestSource("Nautobot 2, over its REST API", _fields, (("depth", "1"), ("exclude_m2m", "false")))
