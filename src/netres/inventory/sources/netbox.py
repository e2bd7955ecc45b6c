"""NetBox, version 4: ``GET /api/dcim/devices/`` (https://netboxlabs.com/docs/netbox/integrations/rest-api/)."""

from __future__ import annotations

from typing import Final

from netres.inventory.sources.rest import Record, RestSource, address, inner, labels


def _fields(device: Record) -> dict[str, object]:
    tags = {
        "role": inner(device, "role", "slug"),
        "site": inner(device, "site", "slug"),
        "status": inner(device, "status", "value"),
        "tenant": inner(device, "tenant", "slug"),
        "manufacturer": inner(device, "device_type", "manufacturer", "slug"),
        "model": inner(device, "device_type", "slug"),
    }
    return {
        "host": address(device, "primary_ip", "primary_ip4", "primary_ip6"),
        "platform": inner(device, "platform", "slug"),
        "tags": {**labels(device, "slug"), **tags},
    }


SOURCE: Final = RestSource("NetBox 4, over its REST API", _fields, (("exclude", "config_context"),))
