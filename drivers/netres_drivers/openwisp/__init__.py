"""OpenWISP Controller: WLANs as templates, groups of access points as device groups, over its REST interface."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from netres.driver import Absent, Driver, Facts, RestApi, Source, Support
from netres.errors import Rejected
from netres.flow import Flow, Http, Json, Operation, Reply
from netres.inventory.entry import Scalar
from netres.model import Secret
from netres.plan import Guarantee
from netres_drivers.openwisp import ap_group, foreign, radius_server, state, wlan
from netres_drivers.openwisp.impact import impact
from netres_drivers.openwisp.rest import DEVICES, GROUPS, TEMPLATES, listed, native, rows, table, text
from netres_drivers.openwisp.site import Site, site

_GENERAL: Final = frozenset({"detail", "non_field_errors", "__all__"})
"""Names under which Django and its REST framework say what is about no field."""


def _login(username: str, password: Secret) -> Http:
    return Http("POST", "/api/v1/users/token/", {"username": username, "password": password}, reads=True)


def words(reply: Reply) -> str:
    """What a refusal says: of Django's REST framework its fields and their faults, of a page its title."""
    if reply.body is not None:
        return "; ".join(_said(reply.body))
    title = re.search(r"<title>(.*?)</title>", reply.text, re.DOTALL | re.IGNORECASE)
    return " ".join(title[1].split()) if title else reply.text


def _said(value: Json, field: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _said(part, field if name in _GENERAL else f"{field}.{name}".lstrip("."))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _said(part, field)
    else:
        said = " ".join(str(value).split())
        yield f"{field}: {said}" if field else said


def _facts() -> Flow[Facts]:
    yield Http("GET", TEMPLATES, query=(("page_size", "1"),))  # it tells its version nowhere, but it must answer
    return Facts(vendor="OpenWISP", model="OpenWISP Controller")


def _unassigned(of: Site) -> Callable[[Sequence[Operation]], Flow[str]]:
    """What refuses to take a template from devices to which somebody assigned it by hand: no way back restores that."""

    def check(operations: Sequence[Operation]) -> Flow[str]:
        going = {
            one.path.removeprefix(TEMPLATES).strip("/"): str(one)
            for one in operations
            if isinstance(one, Http) and one.method == "DELETE" and one.path.startswith(TEMPLATES)
        }
        if not going:
            return "no template goes"
        found = yield from listed(GROUPS, ("organization", str(of.organization)))
        groups = {text(each["id"]): rows(each["templates"]) for each in found}
        for template, operation in going.items():
            devices = yield from listed(DEVICES, ("config__templates", template))
            if names := [text(each["name"]) for each in devices if template not in groups.get(text(each["group"]), ())]:
                told = f"it was assigned by hand to {', '.join(sorted(names))}; take it from there first"
                raise Rejected(operation, told)
        return "no template that goes was assigned by hand"

    return check


def _fit(options: Mapping[str, Scalar]) -> Flow[Driver]:
    return _of(DRIVER, (yield from site(options)))


def _of(driver: Driver, of: Site) -> Driver:
    return replace(
        driver,
        features=(radius_server.feature(of), wlan.feature(of), ap_group.feature(of)),
        readings=(state.reading(of),),
        native=lambda: native(of.organization),
        reports=state.reports(of),
        foreign=foreign.foreign(of),
        unowned=foreign.unowned(of),
        impact=impact(of),
        dry_check=_unassigned(of),
    )


DRIVER = _of(
    Driver(
        platform="openwisp",
        title="OpenWISP Controller",
        vendor="OpenWISP",
        families=("wireless-controller",),
        features=(),
        native=lambda: native(Site().organization),
        whole=lambda native: native.body is not None,  # a page of a proxy is no list of templates
        facts=_facts,
        guarantee=Guarantee.COMPENSATED,
        guarantee_why="each request to OpenWISP is a transaction of its own",
        transport="http",
        api=RestApi(
            login=_login,
            token=lambda reply: text(table(reply.body).get("token")),
            words=words,
        ),
        fit=_fit,
        reports_late=True,  # its Celery workers flag the devices that a change concerns, when they come to it
        absent={
            "radio": Absent(
                Support.NOT_YET,
                "radios differ from model to model, and stand in the configuration of each device, "
                "which this driver leaves alone",
            ),
            "wireless_client": Absent(
                Support.NOT_YET, "openwisp-monitoring tells them; this driver does not ask it yet"
            ),
        },
        masks=foreign.MASKS,
        source=Source.PROVEN,
    ),
    Site(),
)
