"""What a controller tells of its access points, and whether they have taken a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal

from netres.change import Change
from netres.driver import Reading, Report
from netres.flow import Flow
from netres.model import AccessPoint, ApGroup, State
from netres_drivers.openwisp.marks import MARK
from netres_drivers.openwisp.rest import DEVICES, TEMPLATES, Document, listed, table, text
from netres_drivers.openwisp.site import Site

_STATUS: Final[dict[str, Literal["applied", "pending", "failed"]]] = {
    "applied": "applied",
    "modified": "pending",
    "error": "failed",
    "deactivating": "pending",  # it gets its templates again when it is activated
    "deactivated": "pending",
}


def reading(site: Site) -> Reading:
    """What tells the access points."""

    def read() -> Flow[Iterable[State]]:
        devices = yield from listed(DEVICES, ("organization", str(site.organization)))
        return [_access_point(device) for device in devices]

    note = "without openwisp-monitoring the controller does not know whether one is reached"
    return Reading(AccessPoint, read, missing=frozenset({"serial", "status"}), note=note)


def _access_point(device: Document) -> AccessPoint:
    return AccessPoint(
        name=text(device["name"]),
        mac=text(device["mac_address"]) or None,
        model=text(device["model"]) or None,
        os_version=text(device["os"]) or None,
        address=text(device["management_ip"]) or None,
        config_status=_status(device) or "unknown",
    )


def _status(device: Document) -> Literal["applied", "pending", "failed"] | None:
    """``None``: it has no configuration of the controller's."""
    return _STATUS.get(text(table(device["config"]).get("status")))


def reports(site: Site) -> Callable[[Sequence[Change]], Flow[Iterable[Report]]]:
    """What tells which access points have taken a change: those that carry a WLAN in it, or are or were in a group."""
    of_site = ("organization", str(site.organization))

    def ask(changes: Sequence[Change]) -> Flow[Iterable[Report]]:
        found: dict[str, Document] = {}
        wlans, servers = (_names(changes, kind) for kind in ("wlan", "radius_server"))
        templates = (yield from listed(TEMPLATES, of_site)) if wlans or servers else []
        for template in templates:
            values = table(template["default_values"])
            named = text(template["name"]) in wlans or values.get("netres_radius") in servers
            if named and values.get(MARK) == "wlan":
                carriers = yield from listed(DEVICES, ("config__templates", text(template["id"])))
                found |= {text(device["name"]): device for device in carriers}
        members = _members(changes)
        if members - found.keys():
            devices = yield from listed(DEVICES, of_site)
            found |= {text(device["name"]): device for device in devices if device["name"] in members}
        return [Report(name, status) for name, device in sorted(found.items()) if (status := _status(device))]

    return ask


def _names(changes: Sequence[Change], kind: str) -> set[str]:
    return {change.key.values[0] for change in changes if change.key.kind == kind}


def _members(changes: Sequence[Change]) -> set[str]:
    groups = (each for change in changes for each in (change.before, change.after) if isinstance(each, ApGroup))
    return {member for group in groups for member in group.access_points}
