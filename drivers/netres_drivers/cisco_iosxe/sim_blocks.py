"""The configuration lines of the blocks of IOS-XE that the simulated router takes, in the order in which it shows them.

Sources: as of `netres_drivers.cisco_iosxe.sim_lines`.
"""

from __future__ import annotations

from typing import Final

INTERFACE: Final = """
description = <line>
~ switchport
switchport trunk encapsulation = (dot1q|isl|negotiate)
switchport access vlan = <1-4094>
switchport trunk native vlan = <1-4094>
switchport trunk allowed vlan = [(add|except|remove)] <vlans>
switchport mode = (access|trunk)
switchport voice vlan = <1-4094>
switchport nonegotiate
bandwidth = <1-200000000>
delay = <1-16777215>
mtu = <64-9216>
encapsulation dot1Q = <1-4094> [native]
vrf forwarding = <word>
ip vrf forwarding = <word>
[no] ip address = <ipv4> <mask>
ip address = dhcp
ip address <ipv4> <mask> secondary
ip helper-address <ipv4>
~ ip redirects
~ ip unreachables
~ ip proxy-arp
ip access-group = <word> = (in|out)
ip policy route-map = <word>
ip nat (inside|outside)
ip mtu = <68-9216>
ip tcp adjust-mss = <500-1460>
ip ospf authentication = [message-digest|null]
ip ospf authentication-key = <line>
ip ospf message-digest-key <1-255> = md5 <line>
ip ospf network = (broadcast|non-broadcast|point-to-multipoint|point-to-point)
ip ospf hello-interval = <1-65535>
ip ospf dead-interval = <1-65535>
ip ospf priority = <0-255>
ip ospf cost = <1-65535>
ip ospf <1-65535> area = <area>
standby version = <1-2>
standby <0-4095> ip = <ipv4>
standby <0-4095> priority = <0-255>
standby <0-4095> preempt
tunnel source = (<ipv4>|<interface>)
tunnel destination = <ipv4>
tunnel mode = <line>
load-interval = <30-600>
shutdown
media-type = (gbic|rj45|sfp|auto-select)
duplex = (auto|full|half)
speed = (10|100|1000|auto)
[no] negotiation auto
~ mop enabled
ipv6 address <ipv6_prefix>
ipv6 enable
spanning-tree portfast [trunk]
spanning-tree bpduguard = (enable|disable)
channel-group = <1-64> mode (active|passive|on)
service-policy (input|output) = <word>
storm-control (broadcast|multicast) level = <line>
keepalive = [<0-32767>]
~ cdp enable
~ lldp transmit
~ lldp receive
"""

_NEIGHBOR: Final = """
no neighbor <peer> = [remote-as [<asn>]]
neighbor <peer> peer-group
neighbor <peer> remote-as = <asn>
neighbor <peer> peer-group = <word>
neighbor <peer> local-as = <asn>
neighbor <peer> description = <line>
neighbor <peer> shutdown
neighbor <peer> password = <line>
neighbor <peer> ebgp-multihop = [<1-255>]
neighbor <peer> update-source = <interface>
neighbor <peer> version = <4-4>
neighbor <peer> timers = <0-65535> <0-65535>
neighbor <peer> fall-over bfd
"""
_POLICY: Final = """
neighbor <peer> activate
neighbor <peer> send-community = [both|extended|standard]
neighbor <peer> route-reflector-client
neighbor <peer> next-hop-self
neighbor <peer> remove-private-as
neighbor <peer> default-originate = [route-map <word>]
neighbor <peer> advertise additional-paths = (all|best <2-3>)
neighbor <peer> soft-reconfiguration inbound
neighbor <peer> allowas-in = [<1-10>]
neighbor <peer> weight = <0-65535>
neighbor <peer> prefix-list = <word> = (in|out)
neighbor <peer> route-map = <word> = (in|out)
neighbor <peer> maximum-prefix = <1-2147483647> [<1-100>] [warning-only]
"""
_ROUTES: Final = """
network <ipv4> [mask <mask>] = [route-map <word>]
aggregate-address <ipv4> <mask> = [as-set] [summary-only]
redistribute (connected|static|ospf <1-65535>) = [metric <0-4294967295>] [route-map <word>]
maximum-paths = <1-32>
maximum-paths (eibgp|ibgp) = <1-32>
bgp dampening = [<1-45>]
bgp additional-paths select = (all|best <2-3>)
bgp additional-paths send
bgp additional-paths receive
bgp additional-paths send receive
default-information originate
"""
BGP: Final = f"""
bgp router-id = <ipv4>
[no] bgp log-neighbor-changes
~ bgp default ipv4-unicast
bgp cluster-id = (<ipv4>|<1-4294967295>)
bgp graceful-restart
bgp bestpath (compare-routerid|med missing-as-worst)
bgp confederation identifier = <asn>
bgp listen limit = <1-5000>
bgp listen range <cidr> = peer-group <word>
timers bgp = <0-65535> <0-65535>
{_ROUTES}
{_NEIGHBOR}
{_POLICY}
address-family ipv4 [unicast] -> bgp-af
address-family ipv4 vrf <word> -> bgp-af
address-family ipv6 [unicast] -> bgp-af6
address-family vpnv4 [unicast] -> bgp-af
"""
BGP_AF: Final = f"{_ROUTES}\n{_NEIGHBOR}\n{_POLICY}"
BGP_AF6: Final = f"network <ipv6_prefix>\naggregate-address <ipv6_prefix> = [summary-only]\n{BGP_AF}"

OSPF: Final = """
router-id = <ipv4>
auto-cost reference-bandwidth = <1-4294967>
log-adjacency-changes = [detail]
area <area> authentication = [message-digest]
area <area> stub = [no-summary]
area <area> nssa = [no-summary]
redistribute (connected|static|bgp <asn>) = [metric <0-16777214>] [subnets] [route-map <word>]
passive-interface default
passive-interface <interface>
network <ipv4> <mask> area = <area>
default-information originate = [always] [metric <0-16777214>] [route-map <word>]
distance = <1-255>
"""

OTHERS: Final = """\
# vrf config-vrf
rd = <word>
import map = <word>
export map = <word>
description = <line>
route-target (import|export|both) <word>
address-family (ipv4|ipv6) -> vrf-af
# vrf-af config-vrf-af exit-address-family
route-target (import|export|both) <word>
# group config-sg
+ server name <word>
ip vrf forwarding = <word>
# dhcp dhcp-config
network = <ipv4> <mask>
default-router = <line>
dns-server = <line>
domain-name = <word>
lease = <line>
# keychain config-keychain
key <0-2147483647> -> key
# key config-keychain-key
key-string = <line>
# archive config-archive
path = <line>
maximum = <1-14>
write-memory
time-period = <1-525600>
log config -> archive-log
# archive-log config-archive-log-cfg
logging enable
logging size = <1-1000>
hidekeys
notify syslog = [<line>]
# redundancy config-red
mode = (none|sso|rpr)
# vlan config-vlan
name = <word>
state = (active|suspend)
shutdown
remote-span
# class-map config-cmap
+ match <line>
description = <line>
# policy-map config-pmap
+ class <word> -> class
description = <line>
# class config-pmap-c
priority = [<line>]
bandwidth = <line>
police = <line>
set (dscp|precedence) = <word>
shape average = <line>
service-policy = <word>
# acl config-nacl
<1-2147483647> = (permit|deny|remark) <line>
+ (permit|deny|remark) <line>
# acl6 config-ipv6-acl
+ [sequence <1-4294967294>] (permit|deny|remark) <line>
# sla config-ip-sla
icmp-echo <ipv4> = [<line>] -> sla-echo
# sla-echo config-ip-sla-echo
frequency = <1-604800>
threshold = <0-60000>
timeout = <0-604800000>
# route-map config-route-map
description = <line>
+ match <line>
+ set <line>
continue = <1-65535>
# server config-server
address ipv4 = <ipv4> [<line>]
key = <line>
timeout = <1-1000>
retransmit = <0-100>
# control-plane config-cp
service-policy (input|output) = <word>
# line config-line
exec-timeout = <0-35791> [<0-2147483>]
privilege level = <0-15>
password = <line>
logging synchronous
~ exec
[no] login = [local]
login = authentication <word>
access-class = <word> = (in|out) [vrf-also]
length = <0-512>
session-timeout = <0-35791>
transport preferred = <line>
transport input = <line>
transport output = <line>
stopbits = <1-2>
"""
"""Of the other modes: name, prompt, the word that closes it, and its lines."""
