"""What a simulated VyOS router can be told: a part of the configuration of release 1.4."""

from __future__ import annotations

from typing import Final

from netres.testing.sim.schema import Statement

_TEXT: Final = "/[^'\\n]+/"

_UNIT: Final = """
        address +cidr,dhcp,dhcpv6
        description =TEXT
        disable !
        mtu =68..16000
"""
_NEIGHBOR: Final = """
            address-family
                ipv4-unicast
                    prefix-list
                        export =word
                        import =word
                    route-map
                        export =word
                        import =word
                ipv6-unicast
                    route-map
                        export =word
                        import =word
            description =TEXT
            password =TEXT
            remote-as =1..4294967295,external|internal
            shutdown !
            timers
                connect =1..65535
                holdtime =0..65535
                keepalive =0..65535
            update-source =word
"""

SCHEMA: Final = Statement.parse(
    (
        """
interfaces
    ethernet */eth[0-9]+/
UNIT        hw-id =word
        vif *0..4094
UNIT_VIF    loopback *lo
UNIT
policy
    prefix-list *word
        rule *1..65535
            action =deny|permit
            ge =0..32
            le =0..32
            prefix =prefix
protocols
    bgp
        address-family
            ipv4-unicast
                network *prefix
            ipv6-unicast
                network *prefix
        neighbor *address
NEIGHBOR        parameters
            router-id =address
        system-as =1..4294967294
    static
        route *prefix
            blackhole
                distance =1..255
            interface *word
                distance =1..255
            next-hop *address
                distance =1..255
        route6 *prefix
            blackhole
                distance =1..255
            next-hop *address
                distance =1..255
                interface =word
service
    ntp
        server *word
            prefer !
    snmp
        contact =TEXT
        location =TEXT
    ssh
        port =1..65535
system
    config-management
        commit-confirm
            action =reload|reboot
        commit-revisions =1..65535
    domain-name =word
    host-name =host
    login
        banner
            pre-login =TEXT
        user *word
            authentication
                encrypted-password =TEXT
            full-name =TEXT
    name-server +address
    syslog
        remote *word
            facility *word
                level =emerg|alert|crit|err|warning|notice|info|debug|all
    time-zone =word
"""
    )
    .replace("UNIT_VIF", _UNIT.replace("\n        ", "\n            ").lstrip("\n"))
    .replace("UNIT", _UNIT.lstrip("\n"))
    .replace("NEIGHBOR", _NEIGHBOR.lstrip("\n"))
    .replace("TEXT", _TEXT)
)

FACTORY: Final = """\
set interfaces ethernet eth0
set interfaces ethernet eth1
set interfaces loopback lo
set service ssh port 22
set system config-management commit-revisions 100
set system host-name {name}
"""
