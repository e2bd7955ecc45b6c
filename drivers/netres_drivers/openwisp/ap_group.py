"""Groups of access points: OpenWISP's device groups, whose templates their devices get.

Traps of OpenWISP 1.3 that this goes around: a PATCH of a group without ``templates`` empties them; and a group that is
deleted leaves its templates on its devices, so that these are taken out of it first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from netres.change import Change
from netres.driver import Feature, Scope
from netres.errors import InvalidConfig
from netres.flow import Body, Flow, Http, Json, Operation
from netres.model import ApGroup, Item, Key
from netres_drivers.openwisp.marks import MARK, named, owned, wlan_of
from netres_drivers.openwisp.rest import GROUPS, Document, Store, identified, native, path, rows, store, table, text
from netres_drivers.openwisp.site import Site

_NOTE = "a device group; an access point of the controller is in one at most"


def feature(site: Site) -> Feature:
    """How groups are read and written."""

    def read() -> Flow[Iterable[Item]]:
        found = (yield from native(site.organization)).parsed(store)
        return [group for each in found.groups.values() if (group := group_of(each, found, site))]

    def write(change: Change, scope: Scope) -> Iterator[Operation]:
        before, after = (each if isinstance(each, ApGroup) else None for each in (change.before, change.after))
        if after is not None:
            _require_members(after, scope)
            if before is None or before.wlans != after.wlans:
                yield _group(before, after, scope, site)
        name, was, wanted = change.key.values[0], _members(before), _members(after)
        elsewhere = {each for other in scope.after.items if isinstance(other, ApGroup) for each in other.access_points}
        for member in sorted(was - wanted):
            if after is None or member not in elsewhere:
                yield _moved(member, None, scope)
        for member in sorted(wanted - was):
            yield _moved(member, name, scope)
        if after is None:
            yield Http("DELETE", path("group", name, scope))

    return Feature(ApGroup, read, write, note=_NOTE, check=check)


def group_of(document: Document, found: Store, site: Site) -> ApGroup | None:
    """The group that a device group is; ``None`` where it is not netres's."""
    name = text(document["name"])
    if not owned(document, "ap_group") or not named(name):
        return None
    members = (each for each in found.members.get(name, ()) if named(each))
    templates = (found.templates.get(text(each)) for each in rows(document["templates"]))
    wlans = (wlan.name for each in templates if each and (wlan := wlan_of(each, site)))
    return ApGroup(name=name, access_points=tuple(members), wlans=tuple(wlans))


def odd(document: Document, group: ApGroup) -> Iterator[tuple[str, Json]]:
    """What stands in a group of netres that an `ApGroup` does not say, with its place."""
    for name in rows(document["templates"]):
        if text(name) not in group.wlans:
            yield "templates", name
    if text(document.get("description")):
        yield "description", document["description"]
    for field in ("context", "meta_data"):
        for name, value in sorted(table(document.get(field)).items()):
            if (field, name) != ("meta_data", MARK):
                yield f"{field}/{name}", value


def check(item: Item) -> None:
    """Refuse a group whose name OpenWISP cannot hold."""
    assert isinstance(item, ApGroup)
    if len(item.name) > 60:
        raise InvalidConfig(f"{item.key} name: has {len(item.name)} characters; OpenWISP has room for 60")


def _members(group: ApGroup | None) -> set[str]:
    return set(group.access_points) if group else set()


def _moved(member: str, group: str | None, scope: Scope) -> Http:
    body: Mapping[str, Body] = {"group": None if group is None else identified("group", group, scope)}
    return Http("PATCH", path("device", member, scope), body)


def _group(before: ApGroup | None, after: ApGroup, scope: Scope, site: Site) -> Http:
    found = scope.native.parsed(store)
    now = found.groups.get(after.name)
    gone = set(before.wlans) - set(after.wlans) if before else set[str]()
    kept = [name for each in rows(now["templates"] if now else []) if (name := text(each)) not in gone]
    templates = [*kept, *(name for name in after.wlans if name not in kept)]
    was = scope.restore.parsed(store).groups.get(after.name) if scope.restore else None
    if was is not None and set(templates) == {text(each) for each in rows(was["templates"])}:
        templates = [text(each) for each in rows(was["templates"])]
    ids = [
        identified("template", name, scope) if name in after.wlans or name in found.templates else name
        for name in templates
    ]
    if now is not None:
        return Http("PATCH", path("group", after.name, scope), {"templates": ids})
    mark = {MARK: "ap_group"}
    whole = {"name": after.name, "organization": site.organization, "meta_data": mark, "templates": ids}
    return Http("POST", GROUPS, whole, learns=f"group {after.name}")


def _require_members(group: ApGroup, scope: Scope) -> None:
    """Refuse what the controller does not have, or what somebody else's group has.

    Raises:
        InvalidConfig: naming the access point or the WLAN.
    """
    found, known = scope.native.parsed(store), table(scope.native.body)  # nothing is known where a file is compared
    unknown = [name for name in group.access_points if known and name not in table(known["device"])]
    if unknown:
        raise InvalidConfig(f"{group.key} access_points: the controller knows no {', '.join(unknown)}")
    for name in group.access_points:
        if name in (unusable := table(known.get("unusable"))):
            raise InvalidConfig(f"{group.key} access_points: {name} {unusable[name]}")
        other = found.groups_of.get(name)
        if other and not owned(found.groups.get(other, {}), "ap_group"):
            told = f"{name} is in the group {other!r}, which is not netres's; take it out there"
            raise InvalidConfig(f"{group.key} access_points: {told}")
        twice = [each for each in scope.after.items if isinstance(each, ApGroup) and name in each.access_points]
        if len(twice) > 1:
            raise InvalidConfig(f"{name} is in {twice[0].key} and in {twice[1].key}; OpenWISP has it in one at most")
    if alien := [name for name in group.wlans if Key("wlan", (name,)) not in scope.after]:
        raise InvalidConfig(f"{group.key} wlans: the template {alien[0]!r} is no WLAN of netres")
