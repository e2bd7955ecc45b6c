"""What BIRD says of itself."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from netres.driver import Facts
from netres.errors import Rejected
from netres.flow import Exec, Flow, ask
from netres_drivers.bird.site import Site
from netres_drivers.bird.tell import program

_STATUS: Final = "uname -n; ctl show status"


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
    times = [
        re.search(rf"^{words} (.*)$", status, re.MULTILINE) for words in ("Current server time is", "Last reboot on")
    ]
    try:
        now, start = (datetime.fromisoformat(found[1]) for found in times if found)
    except ValueError:
        return None
    return int((now - start).total_seconds())
