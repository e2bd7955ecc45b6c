"""The tables of an AudioCodes Mediant that are simulated: those of a trunk.

Which tables, columns and defaults there are: the ini backup of a Mediant 1000 (7.00A) in asbuiltreport's recordings
(``ProxySet``, ``ProxyIp``, ``IPGroup``, ``IP2IPRouting``, ``InterfaceTable``). What their commands are called: the
vendor's "CLI Reference Guide", Mediant SBC, version 7.2.
"""

from __future__ import annotations

from typing import Final

from netres.testing.sim.tables import Column, Table

_NO_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - the vendor's default; nothing is bound to it
_OFF: Final = ("off", "on")
_SWITCH: Final = ("disable", "enable")

CLI_SETTINGS: Final = Table(
    ("cli-settings",),
    (
        Column("window-height", "automatic", choices=("automatic",), limits=(0, 65535)),
        Column("idle-timeout", "15", limits=(0, 1440)),
        Column("ssh", "off", choices=_OFF),
    ),
    menu="system",
)
HOSTNAME: Final = Table(("hostname",), (Column("name"),), menu="network")
NTP: Final = Table(
    ("ntp",),
    (
        Column("primary-server", _NO_ADDRESS),
        Column("secondary-server", _NO_ADDRESS),
        Column("update-interval", "86400", limits=(0, 4294967)),
    ),
    menu="system",
)
NETWORK_IF: Final = Table(
    ("interface", "network-if"),
    (
        Column("name", unique=True),
        Column("application-type", "oamp", choices=("oamp", "media", "control", "oamp-media", "oamp-media-control")),
        Column("ip-address", _NO_ADDRESS),
        Column("prefix-length", "16", limits=(0, 128)),
        Column("gateway", _NO_ADDRESS),
        Column("primary-dns", _NO_ADDRESS),
        Column("secondary-dns", _NO_ADDRESS),
    ),
    menu="network",
    last=1023,
    label="name",
)
TLS: Final = Table(
    ("tls",),
    (Column("name", unique=True), Column("tls-version", "tls-v1.2", choices=("tls-v1.0", "tls-v1.2", "tls-v1.3"))),
    menu="network",
    last=99,
    label="name",
)
SIP_INTERFACE: Final = Table(
    ("sip-interface",),
    (
        Column("interface-name", unique=True),
        Column("network-interface", refers="network-if"),
        Column("application-type", "sbc", choices=("gw", "sbc")),
        Column("udp-port", "5060", limits=(0, 65534)),
        Column("tcp-port", "5060", limits=(0, 65534)),
        Column("tls-port", "5061", limits=(0, 65534)),
        Column("tls-context-name", refers="tls"),
    ),
    menu="voip",
    last=1199,
    label="interface-name",
)
PROXY_IP: Final = Table(
    ("proxy-ip",),
    (
        Column("proxy-address"),
        Column("transport-type", "not-configured", choices=("not-configured", "udp", "tcp", "tls")),
        Column("proxy-priority", "0", limits=(0, 65535)),
        Column("proxy-random-weight", "0", limits=(0, 65535)),
    ),
    last=9,
)
PROXY_SET: Final = Table(
    ("proxy-set",),
    (
        Column("proxy-name", unique=True),
        Column(
            "proxy-enable-keep-alive", "off", choices=("off", "using-options", "using-register", "using-fake-options")
        ),
        Column("proxy-keep-alive-time", "60", limits=(5, 2000000)),
        Column("sbcipv4-sip-int-name", refers="sip-interface"),
        Column("tls-context-name", refers="tls"),
        Column("is-proxy-hot-swap", "disable", choices=_SWITCH),
        Column("keepalive-fail-resp"),
        Column("success-detect-retries", "1", limits=(1, 100)),
    ),
    menu="voip",
    last=5000,
    label="proxy-name",
    children=(PROXY_IP,),
)
IP_PROFILE: Final = Table(
    ("coders-and-profiles", "ip-profile"),
    (
        Column("profile-name", unique=True),
        Column("sbc-media-security-behaviour", "as-is", choices=("as-is", "srtp", "rtp", "both")),
        Column("call-limit", "-1", limits=(-1, 1000000)),
        Column("sbc-rfc2833-behavior", "as-is", choices=("as-is", "extend", "disallow")),
    ),
    menu="voip",
    last=1499,
    label="profile-name",
)
IP_GROUP: Final = Table(
    ("ip-group",),
    (
        Column("name", unique=True),
        Column("type", "server", choices=("server", "user", "gateway")),
        Column("proxy-set-name", refers="proxy-set"),
        Column("ip-profile-name", refers="ip-profile"),
        Column("sip-group-name"),
        Column("classify-by-proxy-set", "enable", choices=_SWITCH),
    ),
    menu="voip",
    last=5000,
    label="name",
)
ROUTING: Final = Table(
    ("sbc", "routing", "ip2ip-routing"),
    (
        Column("route-name", unique=True),
        Column("src-user-name-pattern", "*"),
        Column("dst-user-name-pattern", "*"),
        Column("dst-type", "ip-group", choices=("ip-group", "dst-address", "request-uri", "internal")),
        Column("dst-ip-group-name", refers="ip-group"),
    ),
    menu="voip",
    last=9999,
    label="route-name",
)

TABLES: Final = (
    HOSTNAME,
    NETWORK_IF,
    TLS,
    CLI_SETTINGS,
    NTP,
    SIP_INTERFACE,
    PROXY_SET,
    IP_PROFILE,
    IP_GROUP,
    ROUTING,
)
MENUS: Final = ("network", "system", "voip")

FACTORY: Final = """\
configure network
  interface network-if 0
    name "O+M+C"
    application-type oamp-media-control
    ip-address "192.0.2.20"
    prefix-length 24
    gateway "192.0.2.1"
    activate
  exit
  tls 0
    name "default"
    activate
  exit
exit
configure voip
  sip-interface 0
    interface-name "SIPInterface_0"
    network-interface "O+M+C"
    activate
  exit
  proxy-set 0
    proxy-name "ProxySet_0"
    sbcipv4-sip-int-name "SIPInterface_0"
    activate
  exit
  ip-group 0
    name "Default_IPG"
    proxy-set-name "ProxySet_0"
    activate
  exit
exit
"""
"""What a device begins with: one address, one SIP interface, and the default rows of the recording."""
