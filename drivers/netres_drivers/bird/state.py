"""What BIRD says of itself, and what a change would touch."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

from netres.driver import Facts, Scope
from netres.errors import Rejected
from netres.flow import Exec, Flow, ask
from netres.impact import Effect, Impact
from netres.model import BgpNeighbor, BgpNetwork, BgpRouter, StaticRoute
from netres.plan import Change
from netres_drivers.bird import bgp
from netres_drivers.bird.site import Site
from netres_drivers.bird.tell import program

_STATUS: Final = "uname -n; ctl show status"
_SESSIONS: Final = (
    "set -- $SSH_CONNECTION; echo \"client $1\"; ip route get \"$1\" 2>/dev/null | sed -n '1s/^/way /p'; "
    "ctl show protocols"
)
_SESSION: Final = re.compile(r"^(netres_\w+) +BGP .* Established\s*$", re.MULTILINE)
_CLIENT: Final = re.compile(r"^client (\S+)$", re.MULTILINE)
_OURS: Final = re.compile(r"^way .* proto bird ", re.MULTILINE)
_RESTARTING: Final = frozenset(BgpNeighbor.model_fields) - {"description"}


def facts(site: Site) -> Flow[Facts]:
    """Version, host name, and how long the daemon runs.

    Raises:
        Rejected: BIRD does not answer.
    """
    reply = yield from ask(Exec(program(site, _STATUS)))
    hostname, _, status = reply.text.partition("\n")
    version = re.search(r"^BIRD (\d\S*)$", status, re.MULTILINE)
    if version is None:
        raise Rejected("birdc show status", status.strip() or f"exit status {reply.status}")
    return Facts(vendor="CZ.NIC", os_version=version[1], hostname=hostname.strip() or None, uptime=_uptime(status))


def _uptime(status: str) -> int | None:
    """Seconds; ``None`` where ``timeformat base`` is not BIRD's own."""
    times = [re.search(rf"^{words} (.*)$", status, re.MULTILINE) for words in ("Current server time is", "Last reboot on")]
    try:
        now, start = (datetime.fromisoformat(found[1]) for found in times if found)
    except ValueError:
        return None
    return int((now - start).total_seconds())


def impact(site: Site, changes: Sequence[Change], scope: Scope) -> Flow[Impact]:
    """BGP sessions that restart, routes that come and go, and whether they carry the session that asks."""
    reply = yield from ask(Exec(program(site, _SESSIONS)))
    up = frozenset(_SESSION.findall(reply.text))
    client = _CLIENT.search(reply.text)
    over, why = _management(changes, client[1] if client else "", bool(_OURS.search(reply.text)))
    return Impact(effects=tuple(_effects(changes, scope, up)), management=over, why=why, known=not reply.status)


def _effects(changes: Sequence[Change], scope: Scope, up: frozenset[str]) -> Iterator[Effect]:
    restarted = _restarted(changes, scope)
    for address in sorted(restarted):
        count = int(bgp.block_name(address) in up)
        yield Effect(what="bgp_session", where=address, count=count, how=restarted[address])
    for change in changes:
        if isinstance(change.item, StaticRoute | BgpNetwork):
            how = {"create": "is announced or used", "modify": "changes", "delete": "goes"}[change.action]
            yield Effect(what="route", where=change.item.prefix, count=1, how=how)


def _restarted(changes: Sequence[Change], scope: Scope) -> dict[str, str]:
    """What becomes of the sessions that change, by neighbour."""
    found: dict[str, str] = {}
    for change in changes:
        old, new = change.before, change.after
        if isinstance(old, BgpRouter) and isinstance(new, BgpRouter) and {"asn", "router_id"} & set(change.fields):
            for item in scope.before.items:
                if isinstance(item, BgpNeighbor):
                    found.setdefault(item.address, "is closed, and opened again")
        if isinstance(old, BgpNeighbor) and new is None:
            found[old.address] = "is closed"
        elif isinstance(old, BgpNeighbor) and _RESTARTING & set(change.fields):
            found[old.address] = "is closed, and opened again"
    return found


def _management(
    changes: Sequence[Change], client: str, over_bird: bool
) -> tuple[Literal["yes", "no", "unknown"], str]:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return "unknown", "the router does not tell where this session comes from"
    for change in changes:
        if isinstance(change.item, StaticRoute) and address in ipaddress.ip_network(change.item.prefix):
            return "yes", f"{change.item.prefix} is a way to {client}, from where this session comes"
    if over_bird:
        return "yes", f"BIRD made the route by which {client} is reached, from where this session comes"
    if any(not isinstance(change.item, StaticRoute) for change in changes):
        return "unknown", f"BGP may bring another route to {client}, from where this session comes"
    return "no", f"BIRD did not make the route by which {client} is reached, and none of these routes leads there"
