"""What a simulated Junos router can be told: a part of the configuration, with the names its XML has."""

from __future__ import annotations

from typing import Final

from netres.testing.sim.schema import Statement

_INTERFACE: Final = (
    r"/((ge|xe|et|fe|so|t1|e1|gr|ip|lt|mt|sp|vt)-[0-9]+\/[0-9]+\/[0-9]+(:[0-9]+)?"
    r"|(ae|reth|em|fxp|me|irb|lo|st|vme|fti|ms|dsc)[0-9]*)/"
)

SCHEMA: Final = Statement.parse(
    r"""
version =word
system
    host-name =host
    domain-name =word
    time-zone =word
    root-authentication
        encrypted-password =text secret
    name-server *address grouped
    login
        message =text
        user *word
            full-name =text
            uid =100..64000
            class =operator|read-only|super-user|superuser|unauthorized
            authentication
                encrypted-password =text secret
    services
        ssh presence
            root-login =allow|deny|deny-password
        netconf
            ssh presence
    ntp
        server *word brief
            prefer !
interfaces
    interface *INTERFACE hidden
        description =text
        disable !
        vlan-tagging !
        mtu =256..16000
        unit *0..16385
            description =text
            disable !
            vlan-id =1..4094
            family flat
                inet presence
                    mtu =68..65535
                    dhcp presence
                    address *cidr brief
                        primary !
                inet6 presence
                    address *cidr brief
                        primary !
                ethernet-switching presence
                    interface-mode =access|trunk
                    vlan
                        members +word
snmp
    location =text
    contact =text
    community *word
        authorization =read-only|read-write
routing-options
    rib *word
        static
            route *prefix brief
                next-hop +word
                qualified-next-hop *word
                    preference =0..4294967295 key=metric-value
                    interface =word
                discard !
                reject !
                preference =0..4294967295 key=metric-value
    static
        route *prefix brief
            next-hop +word
            qualified-next-hop *word
                preference =0..4294967295 key=metric-value
                interface =word
            discard !
            reject !
            preference =0..4294967295 key=metric-value
    router-id =address
    autonomous-system =1..4294967295 key=as-number
protocols
    bgp
        group *word
            type =internal|external
            description =text
            local-address =address
            hold-time =0..65535
            import +word ordered
            export +word ordered
            authentication-key =text secret
            peer-as =1..4294967295
            neighbor *address
                description =text
                hold-time =0..65535
                import +word ordered
                export +word ordered
                authentication-key =text secret
                peer-as =1..4294967295
                family flat
                    inet
                        unicast presence
                    inet6
                        unicast presence
    ospf
        area *word
            interface *word
                passive presence
                metric =1..65535
                priority =0..255
                hello-interval =1..255
                dead-interval =1..65535
    lldp
        interface *word
            disable !
policy-options
    prefix-list *word
        prefix-list-item *prefix hidden
    policy-statement *word
        term *word ordered
            from
                protocol +word
                prefix-list *word
            then
                metric =0..4294967295 key=metric
                local-preference =0..4294967295 key=local-preference
                accept !
                reject !
        then
            accept !
            reject !
vlans
    vlan *word hidden
        description =text
        vlan-id =1..4094
        l3-interface =word
""".replace("INTERFACE", _INTERFACE)
)

FACTORY: Final = """\
set version 22.4R3-S2.11
set system host-name {name}
set system services ssh
set system services netconf ssh
set interfaces ge-0/0/0 unit 0
set protocols lldp interface all
"""
