"""Files of hostapd, and what may be wanted of one, for property tests."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import strategies as st

from netres.errors import InvalidConfig
from netres.model import Config, Item, RadiusServer, Secret, Wlan
from netres_drivers import hostapd
from netres_drivers.hostapd.site import Site
from netres_drivers.hostapd.text import File
from netres_drivers.hostapd.view import View

SITE = Site(bridge="br-vlan{vlan}")
CHECK = {kind: feature.check for kind, feature in hostapd.driver(SITE).table.items()}
KEYS = (
    *("interface", "driver", "ctrl_interface", "bridge", "bss", "ssid", "ssid2", "start_disabled", "#netres", "#", ""),
    *("hw_mode", "channel", "country_code", "ieee80211n", "ht_capab", "op_class", "max_num_sta", "ap_isolate"),
    *("wpa", "wpa_key_mgmt", "rsn_pairwise", "wpa_passphrase", "wpa_psk", "sae_password", "ieee8021x", "ieee80211w"),
    *("mobility_domain", "nas_identifier", "auth_server_addr", "auth_server_port", "auth_server_shared_secret"),
    *("acct_server_addr", "rrm_neighbor_report", "wmm_enabled"),
)
OCTETS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.binary(max_size=20).map(lambda octets: octets.decode(errors="surrogateescape")),
)
VALUES = st.one_of(
    st.sampled_from(
        ("0", "1", "2", "g", "a", "6", "WPA-PSK", "SAE", "WPA-EAP", "CCMP", "wlan0", "192.0.2.1", "[HT40+]")
    ),
    st.sampled_from(("wlan=corp", "wlan=corp bands=2.4ghz radius=ise1", '"x"', 'P"\\x41"', "41", "secret-77")),
    OCTETS,
)
LINES = st.one_of(st.tuples(st.sampled_from(KEYS), st.sampled_from(("=", " ", "")), VALUES).map("".join), OCTETS)
FILES = st.builds("{}{}".format, st.lists(LINES, max_size=25).map("\n".join), st.sampled_from(("", "\n"))).map(
    lambda text: text.encode(errors="surrogateescape").decode(errors="surrogateescape")
)
"""What a device can send: octets, decoded."""
NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.:@/-]{0,9}", fullmatch=True)
SSIDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
ASCII = st.characters(min_codepoint=32, max_codepoint=126)
PASSPHRASES = {
    "psk": st.text(ASCII, min_size=8, max_size=63) | st.text("0aF", min_size=64, max_size=64),
    "psk-sae": st.text(ASCII, min_size=8, max_size=63),
    "sae": st.text(
        st.characters(min_codepoint=33, exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp")),
        min_size=1,
        max_size=80,
    ),
}
PMF = {"open": ("disabled",), "sae": ("required",), "psk-sae": ("optional", "required")}
SERVERS = st.lists(
    st.builds(
        RadiusServer,
        name=NAMES,
        host=st.ip_addresses().map(str),
        port=st.integers(1, 65535),
        accounting_port=st.none() | st.integers(1, 65535),
        secret=st.text(ASCII, min_size=1, max_size=70).map(Secret.observed),
    ),
    max_size=3,
    unique_by=(lambda server: server.name, lambda server: server.host),
)


@st.composite
def networks(draw: st.DrawFn, names: tuple[str, ...]) -> Wlan:
    modes = ("open", "psk", "sae", "psk-sae", *(("enterprise",) if names else ()))
    mode = draw(st.sampled_from(modes))
    security: dict[str, object] = {"mode": mode}
    if mode == "enterprise":
        security["radius"] = draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    elif mode != "open":
        security["passphrase"] = Secret.observed(draw(PASSPHRASES[mode]))
    flags = ("hidden", "client_isolation", "neighbor_report", "bss_transition")
    return Wlan.model_validate(
        {
            "name": draw(NAMES),
            "ssid": draw(SSIDS),
            "security": security,
            "pmf": draw(st.sampled_from(PMF.get(mode, ("disabled", "optional", "required")))),
            "vlan": draw(st.none() | st.integers(1, 4094)),
            "max_clients": draw(st.none() | st.integers(1, 2007)),
            "bands": draw(st.sampled_from(((), ("2.4ghz",)))),
            "fast_transition": mode != "open" and draw(st.booleans()),
            **{name: draw(st.booleans()) for name in flags},
        }
    )


@st.composite
def configs(draw: st.DrawFn) -> Config:
    servers = draw(SERVERS)
    wanted: dict[str, Wlan] = {}
    for _ in range(draw(st.integers(0, 3))):
        made = draw(networks(tuple(server.name for server in servers)))
        wanted[made.name] = made
    used = {name for made in wanted.values() for name in made.security.radius}
    return Config.of([*(server for server in servers if server.name in used), *wanted.values()])


def taken(config: Config) -> bool:
    with suppress(InvalidConfig):
        for item in config.items:
            if check := CHECK[item.KIND]:
                check(item)
        return True
    return False


def view(text: str) -> View:
    return View(SITE, (File.read("/etc/hostapd/hostapd.conf", text),))


def written(seen: View) -> str:
    return "".join(part.reveal() if isinstance(part, Secret) else part for part in seen.files[0].parts())


def has(seen: View) -> dict[str, Item]:
    return {str(item.key): item for item in seen.items()}
