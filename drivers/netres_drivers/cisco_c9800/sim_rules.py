"""The rules (``must``) of the wireless model of a Cisco Catalyst 9800 that a WLAN with a key or 802.1X meets.

Source, of the texts too: YangModels/yang, ``vendor/cisco/xe/17121``, Cisco-IOS-XE-wireless-wlan-cfg.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from netres.testing.sim.http import Json
from netres.testing.sim.yang import Tree, YangError
from netres_drivers.cisco_c9800.sim_schema import GENERAL, WLAN

_NO_PSK: Final = (
    "AKM PSK can be enabled only when PSK key is set or Easy-PSK is enabled or mPSK is enabled "
    "and at least one mPSK key is configured"
)
_NO_AKM: Final = "WPA2 WLAN cannot be enabled without any AKM."
_NO_WPA3: Final = "WPA3 must be enabled if SAE/FT-SAE/OWE AKM is configured"
_PMF: Final = (
    "Valid pmf-options values are: 1. apf-vap-pmf-required in WPA3 WLAN, 2. either apf-vap-pmf-optional "
    "or apf-vap-pmf-required in WPA2+WPA3 WLAN"
)
_DOT1X: Final = "Dot1x AKM is not allowed in WPA3 only WLAN"
_PSK: Final = (
    "AKM auth-key-mgmt-psk, auth-key-mgmt-psk-sha256 and auth-key-mgmt-ft-psk must be set to false in WPA3 only WLAN"
)
_SAE_NO_KEY: Final = "PSK passphrase must be configured when {} is configured"
_BOTH: Final = "WEP/TKIP/WPA1-AES/{}/CCKM and {} cannot be enabled simultaneously"
_OWE_SAE: Final = "SAE/FT-SAE and OWE cannot be enabled simultaneously"
_OWE_WPA2: Final = "WPA2 and OWE cannot be enabled simultaneously"
_MBO: Final = "PMF must be set to mandatory or optional for MBO on a WPA2 enabled wlan"
_FT_SAE: Final = "FT adaptive is not allowed with SAE AKM in WPA3 only WLAN"
_FT_OWE: Final = "FT must be disabled in OWE WLAN"
_WPA3: Final = (
    "WPA3 security valid combinations: 1. GCMP cipher, 2. Dot1x-SHA256/FT-Dot1x AKM and AES cipher, "
    "3. SAE/FT-SAE/OWE AKM and AES cipher"
)
_CENTRAL: Final = "Central switching mode is not supported on EWC platform"


def wlans(tree: Mapping[str, object]) -> Sequence[Tree]:
    """The WLANs of a tree."""
    return _entries(tree, WLAN, "wlan-cfg-entries", "wlan-cfg-entry")


def _entries(tree: Mapping[str, object], *path: str) -> Sequence[Tree]:
    at: object = tree
    for name in path:
        at = cast("Mapping[str, object]", at or {}).get(name)
    return cast("Sequence[Tree]", at or ())


_DEFAULTS: Final[Mapping[str, Json]] = {
    "security-wpa": True,
    "wpa2-enabled": True,
    "wpa2-aes": True,
    "auth-key-mgmt-dot1x": True,
    "ft-mode": "dot11r-adaptive-enabled",
    "pmf-options": "apf-vap-pmf-disabled",
}
"""Of the leaves that the rules look at; of the others it is false, or nothing."""
_DOT1X_AKMS: Final = ("dot1x", "dot1x-sha256", "ft-dot1x")
_AKMS: Final = ("dot1x", "psk", "psk-sha256", "dot1x-sha256", "ft-psk", "ft-dot1x")


@dataclass(frozen=True)
class _Wlan:
    """A WLAN with its defaults."""

    told: Tree

    def __getitem__(self, leaf: str) -> Json:
        return self.told.get(leaf, _DEFAULTS.get(leaf, False))

    def any(self, *methods: str) -> bool:
        """Whether it has one of these ways to manage keys."""
        return any(self[f"auth-key-mgmt-{method}"] for method in methods)

    @property
    def owe(self) -> bool:
        """Whether it has opportunistic encryption."""
        return bool(self["akm-owe"])

    @property
    def on(self) -> bool:
        """Whether it is enabled."""
        return bool(cast("Tree", self.told.get("apf-vap-id-data", {})).get("wlan-status", False))


def _open_pmf(wlan: _Wlan) -> bool:
    protected = wlan["pmf-options"] in {"apf-vap-pmf-required", "apf-vap-pmf-optional"}
    return bool(wlan["security-wpa"]) and bool(wlan["wpa2-enabled"]) and not protected


def _wpa3_only(wlan: _Wlan) -> bool:
    return wlan.on and bool(wlan["wpa3-enabled"]) and not wlan["wpa2-enabled"]


def _pmf_fits(wlan: _Wlan) -> bool:
    pmf = wlan["pmf-options"]
    return pmf == "apf-vap-pmf-required" or (bool(wlan["wpa2-enabled"]) and pmf == "apf-vap-pmf-optional")


def _wpa3_fits(wlan: _Wlan) -> bool:
    return bool(wlan["wpa2-aes"]) and (wlan.any("dot1x-sha256", "ft-dot1x", "sae", "ft-sae") or wlan.owe)


def _ft_fits(wlan: _Wlan) -> bool:
    ft = wlan["ft-mode"]
    return ft == "dot11r-disabled" or (wlan.any("ft-sae") and ft == "dot11r-enabled")


_RULES: Final[Sequence[tuple[Callable[[_Wlan], bool], str]]] = (
    (lambda wlan: wlan.on and wlan.any("psk") and not wlan["psk"], _NO_PSK),
    (lambda wlan: wlan.on and bool(wlan["wpa2-enabled"]) and not wlan.any(*_AKMS), _NO_AKM),
    (lambda wlan: wlan.on and not wlan["wpa3-enabled"] and (wlan.any("sae", "ft-sae") or wlan.owe), _NO_WPA3),
    (lambda wlan: wlan.on and bool(wlan["wpa3-enabled"]) and not _wpa3_fits(wlan), _WPA3),
    (lambda wlan: wlan.on and bool(wlan["wpa3-enabled"]) and not _pmf_fits(wlan), _PMF),
    (lambda wlan: _wpa3_only(wlan) and wlan.any("sae") and not _ft_fits(wlan), _FT_SAE),
    (lambda wlan: _wpa3_only(wlan) and wlan.owe and wlan["ft-mode"] != "dot11r-disabled", _FT_OWE),
    (lambda wlan: _wpa3_only(wlan) and wlan.any("dot1x"), _DOT1X),
    (lambda wlan: _wpa3_only(wlan) and wlan.any("psk", "psk-sha256", "ft-psk"), _PSK),
    (lambda wlan: wlan.any("sae") and not wlan["psk"], _SAE_NO_KEY.format("SAE")),
    (lambda wlan: wlan.any("ft-sae") and not wlan["psk"], _SAE_NO_KEY.format("FT-SAE")),
    (lambda wlan: wlan.any("sae") and wlan.any(*_DOT1X_AKMS), _BOTH.format("802.1x", "SAE")),
    (lambda wlan: wlan.any("ft-sae") and wlan.any(*_DOT1X_AKMS), _BOTH.format("802.1x", "FT-SAE")),
    (lambda wlan: wlan.any("ft-sae") and wlan["ft-mode"] != "dot11r-enabled", "FT-SAE requires FT enabled"),
    (lambda wlan: wlan.owe and wlan.any("sae", "ft-sae"), _OWE_SAE),
    (lambda wlan: wlan.owe and wlan.any(*_AKMS), _BOTH.format("PSK/802.1x", "OWE")),
    (lambda wlan: wlan.owe and bool(wlan["wpa2-enabled"]), _OWE_WPA2),
    (lambda wlan: bool(wlan["mbo"]) and _open_pmf(wlan), _MBO),
)
"""What breaks a rule, and what is said of it."""


def keys(tree: Tree) -> None:
    """The keys of a WLAN fit together."""
    for wlan in wlans(tree):
        for broken, told in _RULES:
            if broken(_Wlan(wlan)):
                where = f"/{WLAN}/wlan-cfg-entries/wlan-cfg-entry[profile-name='{wlan['profile-name']}']"
                raise YangError("operation-failed", told, where, status=400)


def switching(tree: Tree) -> None:
    """Where the controller runs on an access point, nothing is switched centrally."""
    general = cast("Mapping[str, Mapping[str, object]]", tree.get(GENERAL, {}))
    if general.get("mewlc-config", {}).get("mewlc-platform") is False:
        return
    for policy in _entries(tree, WLAN, "wlan-policies", "wlan-policy"):
        central = cast("Tree", policy.get("wlan-switching-policy", {})).get("central-switching")
        if central and policy.get("status"):
            where = f"/{WLAN}/wlan-policies/wlan-policy[policy-profile-name='{policy['policy-profile-name']}']"
            raise YangError("operation-failed", _CENTRAL, where, status=400)


MUSTS: Final = (keys, switching)
