"""The configuration lines of an ArubaOS 8 mobility controller that are simulated: a WLAN's profiles, and a little more.

Which lines a profile has: the recorded session of oxidized (``wlan ssid-profile``, ``aaa authentication-server
radius``, ``vrrp``), the vendor's CLI Bank (``wlan virtual-ap``, ``aaa profile``, ``ap-group``). The names in prompts
are those of transcripts that operators published: ``(config-submode)``, ``SSID Profile``, ``Virtual AP profile``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from netres.testing.sim.cli import Refused
from netres.testing.sim.modes import Dialect, Edit, Editor, Mode

INVALID: Final = "% Invalid input detected at '^' marker."
_SUBMODE: Final = "config-submode"

_NAMED: Final = (
    "wlan ssid-profile",
    "wlan virtual-ap",
    "wlan dot11r-profile",
    "wlan dot11k-profile",
    "aaa profile",
    "aaa authentication dot1x",
    "aaa authentication-server radius",
    "aaa server-group",
    "ap-group",
    "hostname",
    "syslocation",
    "syscontact",
    "essid",
    "wpa-passphrase",
    "ssid-profile",
    "aaa-profile",
    "dot11r-profile",
    "dot11k-profile",
    "virtual-ap",
    "authentication-dot1x",
    "dot1x-server-group",
    "auth-server",
    "host",
    "key",
    "nas-identifier",
    "description",
)
"""What takes a name or a text: shown in quotation marks, whether it was typed in them or not."""
_TAKES_TEXT: Final = re.compile(rf"({'|'.join(sorted(_NAMED, key=len, reverse=True))}) +(.*)")

_MODES: Final = {
    "configure": Mode(
        "config",
        """\
hostname = <line>
clock timezone = <line>
syslocation = <line>
syscontact = <line>
country = <word>
vlan <1-4094>
ntp server <word>
interface vlan <1-4094> -> interface
vrrp <1-255> -> vrrp
aaa authentication-server radius <line> -> radius
aaa server-group <line> -> servers
aaa authentication dot1x <line> -> dot1x
aaa profile <line> -> aaa
wlan dot11r-profile <line> -> dot11r
wlan dot11k-profile <line> -> dot11k
wlan ssid-profile <line> -> ssid
wlan virtual-ap <line> -> vap
ap-group <line> -> group
""",
    ),
    "interface": Mode(_SUBMODE, "ip address = <ip> <ip>\ndescription = <line>\n[no] shutdown\n"),
    "vrrp": Mode(
        _SUBMODE,
        "priority = <1-255>\nauthentication = <word>\nip address = <ip>\ndescription = <line>\nvlan = <1-4094>\n"
        "advertise = <1-60>\n[no] preempt\n[no] shutdown\n",
    ),
    "radius": Mode(
        "RADIUS Server {name}",
        "host = <line>\nkey = <line>\nauthport = <1-65535>\nacctport = <1-65535>\nnas-identifier = <line>\n"
        "nas-ip = <ip>\ntimeout = <1-30>\nretransmit = <0-3>\n",
    ),
    "servers": Mode("Server Group {name}", "+ auth-server <line>\n"),
    "dot1x": Mode("802.1X Authentication Profile {name}", "termination enable\nreauthentication\n"),
    "aaa": Mode(
        "AAA Profile {name}",
        "initial-role = <word>\nauthentication-dot1x = <line>\ndot1x-default-role = <word>\n"
        "dot1x-server-group = <line>\n",
    ),
    "dot11r": Mode("802.11r Profile {name}", "dot11r\nmob-domain-id = <1-65535>\nr1-key-duration = <60-86400>\n"),
    "dot11k": Mode("802.11K Profile {name}", "dot11k-enable\nforce-dissasoc\n"),
    "ssid": Mode(
        "SSID Profile {name}",
        "essid = <line>\nwpa-passphrase = <line>\nopmode = <opmode>\nhide-ssid\nmax-clients-threshold = <0-255>\n"
        "dot11r-profile = <line>\nmfp-capable\nmfp-required\n",
    ),
    "vap": Mode(
        "Virtual AP profile {name}",
        "ssid-profile = <line>\naaa-profile = <line>\nvlan = <vlans>\ndot11k-profile = <line>\n"
        "forward-mode = <forward>\n[no] vap-enable\ndeny-inter-user-bridging\nallowed-band = <band>\n",
    ),
    "group": Mode("AP group {name}", "virtual-ap <line>\n"),
}


def _one_of(*words: str) -> Callable[[str], str | None]:
    return lambda word: word if word in words else None


def _matching(pattern: str) -> Callable[[str], str | None]:
    return lambda word: word if re.fullmatch(pattern, word) else None


_OPMODES: Final = (
    "opensystem", "enhanced-open", "wpa2-psk-aes", "wpa2-aes", "wpa3-sae-aes", "wpa3-aes-ccm-128", "wpa3-cnsa",
)  # fmt: skip
TYPES: Final[Mapping[str, Callable[[str], str | None]]] = {
    "ip": _matching(r"(?:\d{1,3}\.){3}\d{1,3}"),
    "opmode": _one_of(*_OPMODES),
    "vlans": _matching(r"[0-9]+(?:[-,][0-9]+)*|[A-Za-z][\w-]*"),
    "forward": _one_of("tunnel", "bridge", "split-tunnel", "decrypt-tunnel"),
    "band": _one_of("all", "a", "g"),
}


def quoted(line: str) -> str:
    """A line as it is stored: its text in quotation marks."""
    match = _TAKES_TEXT.fullmatch(line)
    if match is None or (len(match[2]) > 1 and match[2][0] == match[2][-1] == '"') or re.search(r'[\s"]', match[2]):
        return line
    return f'{match[1]} "{match[2]}"'


def _check(editor: Editor, edit: Edit) -> str:
    match = _TAKES_TEXT.fullmatch(edit.text)
    if match is None or edit.negative:
        return ""
    text = quoted(edit.text)[len(match[1]) + 1 :]
    if len(text) < 2 or text[0] != '"' or text[-1] != '"' or '"' in text[1:-1]:
        raise Refused(INVALID)
    length = {"essid": (1, 32), "wpa-passphrase": (8, 64)}.get(match[1], (0, 256))
    if not length[0] <= len(text) - 2 <= length[1]:
        raise Refused(INVALID)
    return ""


DIALECT: Final = Dialect(
    modes=_MODES,
    types=TYPES,
    invalid=INVALID,
    incomplete="% Incomplete command.",
    ambiguous='% Ambiguous command: "{line}"',
    locked="Configuration is locked by another user",
    check=_check,
    stored=lambda mode, line: quoted(line),
)


def factory(name: str) -> str:
    """The configuration of a new controller of this name."""
    return f"""\
hostname "{name}"
country US
vlan 1
interface vlan 1
ip address 192.0.2.30 255.255.255.0
!
aaa profile "default"
!
wlan ssid-profile "default"
essid "aruba-ap"
opmode opensystem
!
ap-group "default"
!
"""
