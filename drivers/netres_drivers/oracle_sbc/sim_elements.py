"""The configuration elements of an Oracle session border controller that are simulated.

Names, keys, menus and defaults: Oracle's "ACLI Reference Guide", Release S-Cz9.2.0, chapters on each element. A part of
each element's attributes is here: those of a trunk, its interfaces and its routes.
"""

from __future__ import annotations

from typing import Final

from netres.testing.sim.elements import Attribute, ElementType

_ON: Final = ("enabled", "disabled")


def _state(name: str = "state", default: str = "enabled") -> Attribute:
    return Attribute(name, default, choices=_ON)


def _number(name: str, default: str = "0", least: int = 0, greatest: int = 4294967295) -> Attribute:
    return Attribute(name, default, limits=(least, greatest))


_PORT: Final = Attribute("port", "5060", limits=(0, 65535))
_TLS: Final = Attribute("tls-profile", refers="tls-profile")

SYSTEM_CONFIG: Final = ElementType(
    "system-config",
    (
        Attribute("hostname"),
        Attribute("description"),
        Attribute("location"),
        Attribute("mib-system-contact"),
        Attribute("mib-system-name"),
        Attribute("mib-system-location"),
        _state("snmp-enabled"),
        Attribute("process-log-level", "NOTICE", choices=("NOTICE", "MINOR", "MAJOR", "CRITICAL", "INFO", "DEBUG")),
        Attribute("default-gateway", "0.0.0.0"),  # noqa: S104 - the vendor's default; nothing is bound to it
        _state("restart"),
        _number("telnet-timeout", "0", 0, 65535),
        _number("console-timeout", "0", 0, 65535),
    ),
    menu=("system",),
)
NETWORK_INTERFACE: Final = ElementType(
    "network-interface",
    (
        Attribute("name"),
        _number("sub-port-id", "0", 0, 4095),
        Attribute("description"),
        Attribute("hostname"),
        Attribute("ip-address"),
        Attribute("netmask"),
        Attribute("gateway"),
        Attribute("dns-ip-primary"),
        Attribute("dns-domain"),
        Attribute("hip-ip-list", many=True),
        Attribute("icmp-address", many=True),
    ),
    keys=("name", "sub-port-id"),
    menu=("system",),
)
NTP_CONFIG: Final = ElementType("ntp-config", (Attribute("server", many=True),), menu=("system",))
REALM_CONFIG: Final = ElementType(
    "realm-config",
    (
        Attribute("identifier"),
        Attribute("description"),
        Attribute("addr-prefix", "0.0.0.0"),  # noqa: S104 - the vendor's default; nothing is bound to it
        Attribute("network-interfaces", many=True),
        _state("mm-in-realm", "disabled"),
        Attribute("media-sec-policy", refers="media-sec-policy"),
        _number("max-bandwidth"),
        Attribute("codec-policy", refers="codec-policy"),
        _state("codec-manip-in-realm", "disabled"),
    ),
    keys=("identifier",),
    menu=("media-manager",),
)
STEERING_POOL: Final = ElementType(
    "steering-pool",
    (
        Attribute("ip-address"),
        _number("start-port", "0", 0, 65535),
        _number("end-port", "0", 0, 65535),
        Attribute("realm-id", refers="realm-config"),
        Attribute("network-interface"),
    ),
    keys=("ip-address", "start-port", "realm-id"),
    menu=("media-manager",),
)
CODEC_POLICY: Final = ElementType(
    "codec-policy",
    (
        Attribute("name"),
        Attribute("allow-codecs", many=True),
        Attribute("add-codecs-on-egress", many=True),
        Attribute("order-codecs", many=True),
        Attribute("dtmf-in-audio", "disabled", choices=("disabled", "preferred", "dual")),
    ),
    keys=("name",),
    menu=("media-manager",),
)
SIP_PORT: Final = ElementType(
    "sip-port",
    (
        Attribute("address"),
        _PORT,
        Attribute("transport-protocol", "UDP", choices=("UDP", "TCP", "TLS", "SCTP")),
        _TLS,
        Attribute(
            "allow-anonymous", "all", choices=("all", "agents-only", "realm-prefix", "registered", "register-prefix")
        ),
    ),
    keys=("address", "port", "transport-protocol"),
)
SIP_INTERFACE: Final = ElementType(
    "sip-interface",
    (
        _state(),
        Attribute("realm-id", refers="realm-config"),
        Attribute("description"),
        _number("trans-expire", "0", 0, 999999999),
        Attribute("nat-traversal", "none", choices=("none", "always", "rport")),
        Attribute("registration-caching", "disabled", choices=_ON),
        Attribute("options", many=True),
    ),
    keys=("realm-id",),
    menu=("session-router",),
    children=(SIP_PORT,),
)
SESSION_AGENT: Final = ElementType(
    "session-agent",
    (
        Attribute("hostname"),
        Attribute("ip-address"),
        _PORT,
        _state(),
        Attribute("app-protocol", "SIP", choices=("SIP", "H323")),
        Attribute(
            "transport-method", "UDP", choices=("UDP", "UDP+TCP", "DynamicTCP", "StaticTCP", "DynamicTLS", "StaticTLS")
        ),
        Attribute("realm-id", refers="realm-config"),
        Attribute("description"),
        _state("constraints", "disabled"),
        _number("max-sessions"),
        _number("max-inbound-sessions"),
        _number("max-outbound-sessions"),
        _number("max-burst-rate"),
        Attribute("ping-method"),
        _number("ping-interval", "0", 0, 4294967295),
        Attribute("ping-send-mode", "keep-alive", choices=("keep-alive", "continuous")),
        Attribute("out-service-response-codes", many=True),
        Attribute("media-profiles", many=True),
        Attribute("codec-policy", refers="codec-policy"),
        Attribute("options", many=True),
    ),
    keys=("hostname",),
    menu=("session-router",),
)
SESSION_GROUP: Final = ElementType(
    "session-group",
    (
        Attribute("group-name"),
        Attribute("description"),
        _state(),
        Attribute("app-protocol", "SIP", choices=("SIP", "H323")),
        Attribute("strategy", "Hunt", choices=("Hunt", "RoundRobin", "LeastBusy", "PropDist", "LowSusRate")),
        Attribute("dest", many=True, refers="session-agent"),
    ),
    keys=("group-name",),
    menu=("session-router",),
)
POLICY_ATTRIBUTE: Final = ElementType(
    "policy-attribute",
    (
        Attribute("next-hop"),
        Attribute("realm", refers="realm-config"),
        Attribute("action", "none", choices=("none", "replace-uri", "redirect")),
        _number("cost", "0", 0, 999999999),
        _state(),
        Attribute("app-protocol"),
    ),
    keys=("next-hop", "realm"),
)
LOCAL_POLICY: Final = ElementType(
    "local-policy",
    (
        Attribute("from-address", "*", many=True),
        Attribute("to-address", "*", many=True),
        Attribute("source-realm", "*", many=True),
        Attribute("description"),
        _state(),
        Attribute("policy-priority", "none", choices=("none", "normal", "non-urgent", "urgent", "emergency")),
    ),
    keys=("from-address", "to-address", "source-realm"),
    menu=("session-router",),
    children=(POLICY_ATTRIBUTE,),
)
TLS_PROFILE: Final = ElementType(
    "tls-profile",
    (
        Attribute("name"),
        Attribute("end-entity-certificate"),
        Attribute("trusted-ca-certificates", many=True),
        Attribute("cipher-list", "DEFAULT", many=True),
        _state("mutual-authenticate", "disabled"),
        Attribute("tls-version", "tlsv12", choices=("tlsv11", "tlsv12", "tlsv13", "compatibility")),
    ),
    keys=("name",),
    menu=("security",),
)
SDES_PROFILE: Final = ElementType(
    "sdes-profile",
    (
        Attribute("name"),
        Attribute("crypto-list", "AES_CM_128_HMAC_SHA1_80", many=True),
        _state("srtp-auth"),
        _state("srtp-encrypt"),
        _state("srtcp-encrypt"),
    ),
    keys=("name",),
    menu=("security", "media-security"),
)
MEDIA_SEC_POLICY: Final = ElementType(
    "media-sec-policy",
    (
        Attribute("name"),
        _state("pass-through", "disabled"),
        Attribute("options", many=True),
    ),
    keys=("name",),
    menu=("security", "media-security"),
)

SCHEMA: Final = (
    SYSTEM_CONFIG,
    NETWORK_INTERFACE,
    NTP_CONFIG,
    REALM_CONFIG,
    STEERING_POOL,
    CODEC_POLICY,
    SIP_INTERFACE,
    SESSION_AGENT,
    SESSION_GROUP,
    LOCAL_POLICY,
    TLS_PROFILE,
    SDES_PROFILE,
    MEDIA_SEC_POLICY,
)

FACTORY: Final = """\
network-interface
        name                            wancom0
        ip-address                      192.0.2.10
        netmask                         255.255.255.0
        gateway                         192.0.2.1
system-config
        hostname                        {name}
        default-gateway                 192.0.2.1
"""
"""From a device's name to what it begins with: its management interface and its name."""
