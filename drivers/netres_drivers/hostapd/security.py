"""``wpa*``, ``sae_password``, ``ieee80211w`` and the lines of 802.1X and 802.11r: who may join a BSS, and how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from netres.model import Secret, Wlan
from netres.model.wireless import SecurityMode
from netres_drivers.hostapd.text import Line, Section, text

SUITE_KEYS: Final = frozenset({"wpa", "wpa_key_mgmt", "wpa_pairwise", "rsn_pairwise", "ieee8021x", "sae_require_mfp"})
PASSPHRASE_KEYS: Final = frozenset({"wpa_passphrase", "wpa_psk", "sae_password"})
PMF_KEYS: Final = frozenset({"ieee80211w"})
_AKM: Final = {
    "WPA-PSK": "psk",
    "WPA-PSK-SHA256": "psk",
    "FT-PSK": "psk",
    "SAE": "sae",
    "FT-SAE": "sae",
    "WPA-EAP": "enterprise",
    "WPA-EAP-SHA256": "enterprise",
    "FT-EAP": "enterprise",
}
_MODES: Final[dict[frozenset[str], SecurityMode]] = {
    frozenset({"psk"}): "psk",
    frozenset({"sae"}): "sae",
    frozenset({"psk", "sae"}): "psk-sae",
    frozenset({"enterprise"}): "enterprise",
}
_SUITES: Final[dict[SecurityMode, tuple[str, ...]]] = {
    "psk": ("WPA-PSK",),
    "sae": ("SAE",),
    "psk-sae": ("WPA-PSK", "SAE"),
    "enterprise": ("WPA-EAP",),
}
_FAST: Final = {"WPA-PSK": "FT-PSK", "SAE": "FT-SAE", "WPA-EAP": "FT-EAP"}
_CIPHERS: Final = frozenset({"CCMP", "GCMP", "CCMP-256", "GCMP-256"})
_PMF: Final = ("disabled", "optional", "required")
_ELSEWHERE: Final = re.compile(r"wep_.*|wpa_psk_file|wpa_psk_radius|osen|owe_.*|eap_server|own_ip_addr_none|sae_pk.*")
"""Keys by which stations join in a way that the model has no words for."""
ATTRIBUTE: Final = re.compile(r"\|(?:mac|vlanid|pk|id)=")
"""What hostapd takes out of a ``sae_password`` instead of taking it for a part of the password."""
PSK: Final = re.compile(r"[0-9A-Fa-f]{64}")


class Strange(ValueError):
    """What a BSS has and the model cannot express; the arguments are lines, for people."""


def strange(key: str, section: Section) -> Strange:
    """That the lines with a key say what the model cannot."""
    return Strange(*(line.body for line in section.lines if line.key == key))


def fields(section: Section) -> dict[str, object]:
    """The fields of a `Wlan` of which these lines tell: security (without its RADIUS servers), pmf, fast_transition.

    Raises:
        Strange: the lines say what the model cannot.
    """
    for line in section.lines:
        if _ELSEWHERE.fullmatch(line.key) and line.value != "0":
            raise Strange(line.body)
    wpa = section.get("wpa") or "0"
    if wpa == "0":
        if (section.get("ieee8021x") or "0") != "0":
            raise strange("ieee8021x", section)
        return {"security": {"mode": "open"}, "pmf": "disabled", "fast_transition": False}
    if wpa != "2":
        raise strange("wpa", section)
    mode, fast = _mode(section)
    if (section.get("ieee8021x") or "0") != ("1" if mode == "enterprise" else "0"):
        raise strange("ieee8021x" if section.get("ieee8021x") else "wpa_key_mgmt", section)
    if (pmf := section.get("ieee80211w") or "0") not in {"0", "1", "2"}:
        raise strange("ieee80211w", section)
    security: dict[str, object] = {"mode": mode}
    if mode != "enterprise":
        security["passphrase"] = Secret.observed(text(_passphrase(section, mode)))
    return {"security": security, "pmf": _PMF[int(pmf)], "fast_transition": fast}


def _mode(section: Section) -> tuple[SecurityMode, bool]:
    suites = (section.get("wpa_key_mgmt") or "WPA-PSK").split()
    if not set(suites) <= _AKM.keys():
        raise strange("wpa_key_mgmt", section)
    mode = _MODES.get(frozenset(_AKM[suite] for suite in suites))
    plain = {_AKM[suite] for suite in suites if not suite.startswith("FT-")}
    fast = {_AKM[suite] for suite in suites if suite.startswith("FT-")}
    if mode is None or plain != {_AKM[suite] for suite in suites} or (fast and fast != plain):
        raise strange("wpa_key_mgmt", section)
    key = "rsn_pairwise" if section.get("rsn_pairwise") else "wpa_pairwise"
    ciphers = (section.get(key) or "TKIP").split()
    if not ciphers or not set(ciphers) <= _CIPHERS:
        raise strange(key if section.get(key) else "wpa", section)
    return mode, bool(fast)


def _passphrase(section: Section, mode: SecurityMode) -> str:
    """The one passphrase of the BSS; of ``wpa_passphrase`` and ``wpa_psk`` the last line counts."""
    shared = [line for line in section.lines if line.key in {"wpa_passphrase", "wpa_psk"}]
    common = shared[-1] if shared else None
    passwords = section.all("sae_password") if mode != "psk" else []
    if len(passwords) > 1 or any(ATTRIBUTE.search(password) for password in passwords):
        raise strange("sae_password", section)
    if mode == "sae":
        if passwords:
            return passwords[0]
        if common is None or common.key == "wpa_psk":
            raise strange("wpa_key_mgmt", section)
        return str(common.value)
    if common is None:
        raise strange("wpa_key_mgmt", section)
    if mode == "psk-sae" and (common.key == "wpa_psk" or passwords not in ([], [common.value])):
        raise strange("sae_password" if passwords else "wpa_psk", section)
    return str(common.value)


def suites(wlan: Wlan) -> Iterator[Line]:
    """How stations prove who they are (AKM suites, IEEE 802.11-2020, table 9-151), and how frames are encrypted."""
    if (mode := wlan.security.mode) == "open":
        return
    plain = _SUITES[mode]
    fast = tuple(_FAST[suite] for suite in plain) if wlan.fast_transition else ()
    yield Line.of("wpa", 2)
    yield Line.of("wpa_key_mgmt", " ".join((*plain, *fast)))
    yield Line.of("rsn_pairwise", "CCMP")
    if mode == "enterprise":
        yield Line.of("ieee8021x", 1)
    if mode == "psk-sae":
        yield Line.of("sae_require_mfp", 1)


def passphrase(wlan: Wlan) -> Iterator[Line]:
    """The passphrase, under the key that takes one of its length."""
    if (secret := wlan.security.passphrase) is not None:
        yield Line.of(_key(wlan.security.mode, secret), secret)


def pmf(wlan: Wlan) -> Iterator[Line]:
    """Protection of management frames."""
    if wlan.security.mode != "open":
        yield Line.of("ieee80211w", _PMF.index(wlan.pmf))


def _key(mode: SecurityMode, passphrase: Secret) -> str:
    if not passphrase.known:
        return "wpa_passphrase"
    value = passphrase.reveal()
    if mode == "psk" and PSK.fullmatch(value):
        return "wpa_psk"
    return "wpa_passphrase" if mode != "sae" or 8 <= len(value.encode()) <= 63 else "sae_password"
