"""What the running hostapd tells over its control sockets."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from netres.errors import ParseError, Rejected
from netres.flow import Exec, Flow, Reply, ask
from netres.model import AccessPoint, WirelessClient, Wlan
from netres.model.types import mac_address
from netres_drivers.hostapd.site import PATH, Site
from netres_drivers.hostapd.text import File
from netres_drivers.hostapd.view import Bss, View

_CLIENT: Final = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_UP: Final = frozenset({"ENABLED", "DFS"})
"""Before it sends on some channels of 5 GHz, a radio listens for radar, for a minute and more."""
_STARTING: Final = frozenset({"COUNTRY_UPDATE", "ACS", "HT_SCAN"})
_NEXT: Final = "\n--\n"
_UNTOUCHED: Final = "untouched"
_ENCODED: Final = {'"': '\\"', "\\": "\\\\", "\x1b": "\\e", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def verify(site: Site) -> Flow[None]:
    """Whether hostapd runs with the BSSes, SSIDs and key management that the files say which were just written.

    Raises:
        Rejected: naming the interface and what it says otherwise.
    """
    view = View(site, site.files((yield from site.read())))
    for file in view.files:
        mine = [bss for bss in view.bsses if bss.file is file]
        reply = yield from ask(Exec(_question(site, file, [bss.place.interface for bss in mine])))
        first, *answers = reply.text.split(_NEXT)
        if first.strip() == _UNTOUCHED:
            continue
        _verify_radio(site, file.radio, _pairs(first), mine)
        for bss, answer in zip(mine, answers, strict=True):
            _verify_keys(bss, _pairs(answer))


def _question(site: Site, file: File, interfaces: Iterable[str]) -> str:
    """The status of a radio, once it has settled, and the configuration that each of its BSSes runs.

    The old file is kept until all was read back: without one nothing changed, and nothing is asked.
    """
    untouched = f"[ -e {shlex.quote(file.path)}.netres-old ] || {{ echo {_UNTOUCHED}; exit; }}; "
    status = f"s=$(timeout 5 {site.cli(file.radio)} status 2>&1)"
    waiting = "|".join(f"*state={state}*" for state in sorted(_STARTING))
    script = f"{status}; n=0; while [ $n -lt {site.settle} ]; do n=$((n+1)); "
    script += f'case "$s" in {waiting}) sleep 1; {status};; *) break;; esac; done; printf "%s\\n" "$s"'
    # With WPS the whole answer has passphrase and PSK in it.
    asked = (f"timeout 5 {site.cli(name)} get_config 2>&1 | grep ^key_mgmt=" for name in interfaces)
    configs = (f"; echo; echo {_NEXT.strip()}; {one}" for one in asked)
    return PATH + untouched + script + "".join(configs)


def _verify_radio(site: Site, radio: str, status: Mapping[str, str], bsses: Iterable[Bss]) -> None:
    asked = f"hostapd_cli status of {radio}"
    if status.get("state") not in (_UP if site.settle else _UP | _STARTING):
        raise Rejected(asked, f"state={status.get('state', 'no answer')}")
    for number, bss in enumerate(bsses):
        runs = status.get(f"bss[{number}]", ""), status.get(f"ssid[{number}]", "")
        says = bss.place.interface, encoded(bss.content.wlan.ssid) if bss.content else "" if bss.idle else runs[1]
        if runs != says:
            raise Rejected(asked, f"it runs {' '.join(runs).strip()!r}, and its file says {' '.join(says)!r}")


def _verify_keys(bss: Bss, config: Mapping[str, str]) -> None:
    suites = (bss.section.get("wpa_key_mgmt") or "").split()
    secured = bss.content is not None and bss.content.wlan.security.mode != "open"
    if secured and suites and set(config.get("key_mgmt", "").split()) != set(suites):
        asked = f"hostapd_cli get_config of {bss.place.interface}"
        raise Rejected(asked, f"key_mgmt={config.get('key_mgmt', '')}, and its file says {' '.join(suites)}")


def _pairs(answer: str) -> Mapping[str, str]:
    pairs = (line.partition("=") for line in answer.splitlines() if "=" in line)
    return {key: value for key, _, value in pairs}


def encoded(ssid: str) -> str:
    """An SSID as hostapd prints it (printf_encode in its src/utils/common.c)."""
    characters = ssid.encode().decode("latin-1")
    return "".join(_ENCODED.get(one) or (one if " " <= one <= "~" else f"\\x{ord(one):02x}") for one in characters)


def clients(site: Site) -> Flow[Iterable[WirelessClient]]:
    """The stations that are associated, of every BSS."""
    view = View(site, site.files((yield from site.read())))
    found: list[WirelessClient] = []
    for name, group in view.named.items():
        for bss in group:
            reply = yield from asked(site, bss)
            if reply.status:
                words = " / ".join(reply.text.splitlines()[1:]) or f"exit status {reply.status}"
                raise Rejected(f"hostapd_cli all_sta of {bss.place.interface}", words)
            known = view.wlans[name]
            found.extend(stations(reply.text, bss, view, name if isinstance(known, Wlan) else None))
    return found


def asked(site: Site, bss: Bss) -> Flow[Reply]:
    """The answer to ``date +%s; hostapd_cli all_sta``."""
    return (yield from ask(Exec(f"{PATH}date +%s; timeout 10 {site.cli(bss.place.interface)} all_sta 2>&1")))


def addresses(reply: Reply, bss: Bss, view: View) -> frozenset[str] | None:
    """The stations that are associated, from the answer to `asked`; ``None``: hostapd does not tell."""
    clock, _, rest = reply.text.partition("\n")
    if reply.status or not clock.isdecimal() or (rest.strip() and not _CLIENT.fullmatch(rest.partition("\n")[0])):
        return None
    return frozenset(one.mac for one in stations(reply.text, bss, view, None))


def stations(said: str, bss: Bss, view: View, wlan: str | None) -> Iterator[WirelessClient]:
    """The stations in an answer to ``date +%s; hostapd_cli all_sta``.

    Raises:
        ParseError: the answer is another.
    """
    clock, *lines = said.splitlines() or [""]
    if not clock.isdecimal():
        raise ParseError(f"the device does not tell the time: {clock[:60]!r}")
    places = [number for number, line in enumerate(lines) if _CLIENT.fullmatch(line)]
    for place, end in zip(places, [*places, len(lines)][1:], strict=True):
        told = _pairs("\n".join(lines[place + 1 : end]))
        if "[ASSOC]" not in told.get("flags", ""):
            continue
        seconds = told.get("connected_time", "")
        since = datetime.fromtimestamp(int(clock) - int(seconds), UTC) if seconds.isdecimal() else None
        yield WirelessClient(
            mac=lines[place],
            access_point=view.site.hostname,
            wlan=wlan,
            ssid=bss.content.wlan.ssid if bss.content else None,
            radio=bss.file.radio,
            band=view.band(bss.file.radio),
            rssi=_signal(told.get("signal", "")),
            rx_rate=_rate(told.get("rx_rate_info", "")),
            tx_rate=_rate(told.get("tx_rate_info", "")),
            authorized="[AUTHORIZED]" in told["flags"],
            connected_since=since,
        )


def _signal(value: str) -> int | None:
    """dBm; a driver that does not know it says 0."""
    return int(value) if re.fullmatch(r"-\d{1,3}", value) else None


def _rate(value: str) -> float | None:
    """Mbit/s, from units of 100 kbit/s with words behind; 0 until a frame was sent."""
    number = value.partition(" ")[0]
    return int(number) / 10 if number.isdecimal() and int(number) else None


def access_point(site: Site) -> Flow[Iterable[AccessPoint]]:
    """The access point itself."""
    cli = site.cli(View(site, site.files((yield from site.read()))).files[0].radio)
    version = yield from ask(Exec(f"{PATH}hostapd -v 2>&1"))
    status = yield from ask(Exec(f"{PATH}timeout 5 {cli} status 2>&1"))
    told = _pairs(status.text)
    try:
        mac = mac_address(told.get("bssid[0]", ""))
    except ValueError:
        mac = None
    return [
        AccessPoint(name=site.hostname, mac=mac, os_version=release(version.text), status="up" if told else "unknown")
    ]


def release(said: str) -> str | None:
    """The version in an answer to ``hostapd -v``."""
    found = re.search(r"^hostapd v(\S+)", said, re.MULTILINE)
    return found[1] if found else None
