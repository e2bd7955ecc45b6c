"""What the objects of a UniFi Network controller may hold.

Facts of controller 9.5.21: names, types, patterns and enumerations of fields, derived from ubiquiti-community/go-unifi
(wlan, network, radius_profile ``.generated.go``). Which fields are required, and what has
to be unique, is no such fact: there it is what the controller's errors tell of it.
"""

from __future__ import annotations

from typing import Final

from netres.testing.sim.rest_fields import Collection, Field, Ids

_BOOLEANS: Final = """
    attr_hidden attr_no_delete attr_no_edit auth_cache b_supported bc_filter_enabled bss_transition
    country_beacon dpi_enabled element_adopt enabled enhanced_iot fast_roaming_enabled hide_ssid
    hotspot2conf_enabled iapp_enabled is_guest l2_isolation mac_filter_enabled minrate_na_advertising_rates
    minrate_na_enabled minrate_ng_advertising_rates minrate_ng_enabled mlo_enabled mcastenhance_enabled
    name_combine_enabled no2ghz_oui optimize_iot_wifi_connectivity p2p p2p_cross_connect
    private_preshared_keys_enabled proxy_arp radius_das_enabled radius_mac_auth_enabled
    radius_macacl_empty_password rrm_enabled sae_psk_vlan_required schedule_enabled schedule_reversed
    tdls_prohibit uapsd_enabled vlan_enabled wpa3_enhanced_192 wpa3_fast_roaming wpa3_support wpa3_transition
"""
_STRINGS: Final = "site_id attr_hidden_id log_level uid_workspace_url x_wep wlangroup_id"
_INTEGERS: Final = "minrate_na_data_rate_kbps minrate_ng_data_rate_kbps sae_anti_clogging sae_sync"
_LISTS: Final = "ap_group_ids mdns_proxy_custom private_preshared_keys sae_groups sae_psk schedule_with_duration"
_MAC: Final = "([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}"
_OCTET: Final = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_ADDRESS: Final = rf"({_OCTET}\.){{3}}{_OCTET}"
_DAY: Final = "(sun|mon|tue|wed|thu|fri|sat)"
_HOUR: Final = "[0-2][0-9][0-5][0-9]"
_MACACL: Final = ("none_lower", "hyphen_lower", "colon_lower", "none_upper", "hyphen_upper", "colon_upper")
_IDS: Final = Ids("hex", 24)


def _flag(name: str) -> Field:
    return Field(name, "boolean")


def _among(name: str, *values: str, default: str | None = None) -> Field:
    return Field(name, among=values, default=default)


def _number(name: str, least: int, most: int) -> Field:
    return Field(name, "integer", least=least, most=most)


WLAN: Final = Collection(
    "wlanconf",
    (
        *(_flag(name) for name in _BOOLEANS.split() if name != "enabled"),
        *(Field(name) for name in _STRINGS.split()),
        *(Field(name, "integer") for name in _INTEGERS.split()),
        *(Field(name, "any", many=True) for name in _LISTS.split()),
        Field("name", required=True, pattern=".{1,32}"),
        Field("enabled", "boolean", default=True),
        _among("security", "open", "wpapsk", "wep", "wpaeap", "osen", default="open"),
        Field("x_passphrase", pattern=r"[\x20-\x7E]{8,255}|[0-9a-fA-F]{64}", when=("security", "wpapsk")),
        Field("radiusprofile_id", refers="radiusprofile", when=("security", "wpaeap")),
        Field("networkconf_id", refers="networkconf"),
        Field("usergroup_id", refers="usergroup"),
        Field("vlan", "integer", least=2, most=4095),
        _among("wlan_band", "2g", "5g", "both"),
        Field("wlan_bands", many=True, among=("2g", "5g", "6g")),
        _among("ap_group_mode", "all", "groups", "devices"),
        _among("wpa_mode", "auto", "wpa1", "wpa2"),
        _among("wpa_enc", "auto", "ccmp", "gcmp", "ccmp-256", "gcmp-256"),
        _among("wpa_psk_radius", "disabled", "optional", "required"),
        _among("pmf_mode", "disabled", "optional", "required"),
        _among("pmf_cipher", "auto", "aes-128-cmac", "bip-gmac-256"),
        _number("group_rekey", 0, 86400),
        _among("dtim_mode", "default", "custom"),
        _number("dtim_na", 1, 255),
        _number("dtim_ng", 1, 255),
        _number("dtim_6e", 1, 255),
        _number("wep_idx", 1, 4),
        _number("roam_cluster_id", 0, 31),
        Field("bc_filter_list", many=True, pattern=_MAC),
        Field("mac_filter_list", many=True, pattern=_MAC),
        _among("mac_filter_policy", "allow", "deny"),
        _among("mdns_proxy_mode", "off", "auto", "custom"),
        _among("minrate_setting_preference", "auto", "manual"),
        _among("setting_preference", "auto", "manual"),
        _among("priority", "medium", "high", "low"),
        _among("radius_macacl_format", *_MACACL),
        _among("nas_identifier_type", "ap_name", "ap_mac", "bssid", "site_name", "custom"),
        Field("nas_identifier", pattern=".{0,48}"),
        Field("name_combine_suffix", pattern=".{0,8}"),
        Field("dpigroup_id", pattern=r"\w*"),
        Field("x_iapp_key", pattern="[0-9A-Fa-f]{32}"),
        Field("hotspot2", "object"),
        Field("schedule", many=True, pattern=rf"{_DAY}(-{_DAY})?\|{_HOUR}-{_HOUR}"),
    ),
    key="_id",
    ids=_IDS,
    closed=True,
)
NETWORK: Final = Collection(
    "networkconf",
    (
        Field("name", required=True, pattern=".{1,128}"),
        Field(
            "purpose",
            required=True,
            among=("corporate", "guest", "remote-user-vpn", "site-vpn", "vlan-only", "vpn-client", "wan"),
        ),
        Field("enabled", "boolean", default=True),
        _flag("vlan_enabled"),
        Field("vlan", "integer", least=2, most=4018, unique=True),
        Field("ip_subnet", pattern=rf"{_ADDRESS}/([1-9]|[12][0-9]|3[0-2])"),
        Field("networkgroup", pattern="LAN[2-8]?"),
    ),
    key="_id",
    ids=_IDS,
    factory=(
        {
            "name": "Default",
            "purpose": "corporate",
            "ip_subnet": "192.168.1.1/24",
            "networkgroup": "LAN",
            "vlan_enabled": False,
            "attr_no_delete": True,
            "attr_hidden_id": "LAN",
        },
    ),
)
USER_GROUP: Final = Collection(
    "usergroup",
    (
        Field("name", required=True, pattern=".{1,128}"),
        Field("qos_rate_max_down", "integer", least=-1, most=100000, default=-1),
        Field("qos_rate_max_up", "integer", least=-1, most=100000, default=-1),
    ),
    key="_id",
    ids=_IDS,
    factory=({"name": "Default", "attr_no_delete": True, "attr_hidden_id": "Default"},),
)
RADIUS_PROFILE: Final = Collection(
    "radiusprofile",
    (
        Field("name", required=True, pattern=".{1,128}"),
        Field("auth_servers", "object", many=True),
        Field("auth_servers.ip", pattern=_ADDRESS),
        Field("auth_servers.port", "integer", least=1, most=65535),
        Field("acct_servers", "object", many=True),
        Field("acct_servers.ip", pattern=_ADDRESS),
        Field("acct_servers.port", "integer", least=1, most=65535),
        _flag("accounting_enabled"),
        _flag("vlan_enabled"),
        _among("vlan_wlan_mode", "disabled", "optional", "required"),
        _number("interim_update_interval", 60, 86400),
    ),
    key="_id",
    ids=_IDS,
)
COLLECTIONS: Final = (NETWORK, USER_GROUP, RADIUS_PROFILE, WLAN)
