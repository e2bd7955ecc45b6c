"""A wireless network of one controller: two WLANs, a RADIUS server, and the offices that have them."""

from __future__ import annotations

from netres.model import ApGroup, Config, RadiusServer, Secret, Wlan, WlanSecurity

ISE = RadiusServer(name="ise1", host="192.0.2.10", accounting_port=1813, secret=Secret.observed("radius-secret"))
CORP = Wlan(name="corp", ssid="Corp", security=WlanSecurity(mode="psk", passphrase=Secret.observed("correct horse")))
STAFF = Wlan(
    name="staff",
    ssid="Staff",
    security=WlanSecurity(mode="enterprise", radius=("ise1",)),
    bands=("5ghz",),
    fast_transition=True,
    neighbor_report=True,
    bss_transition=True,
    pmf="required",
)
BOTH = ApGroup(name="offices", access_points=("ap-01", "ap-02"), wlans=("corp", "staff"))
EVERYTHING = Config.of([ISE, CORP, STAFF, BOTH])
KINDS = frozenset({"radius_server", "wlan", "ap_group"})
