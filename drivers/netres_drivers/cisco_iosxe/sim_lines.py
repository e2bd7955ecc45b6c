"""The configuration lines of IOS-XE that the simulated router takes, in the order in which it shows them.

Keywords: Cisco IOS XE 17 command references; order and default lines: recordings of napalm and batfish.
"""

from __future__ import annotations

from typing import Final

TOP: Final = """
version = <word>
+ service <line>
platform <line>
[no] platform punt-keepalive disable-kernel-core
hostname = <hostname>
boot-start-marker
+ boot system <line>
boot-end-marker
vrf definition <word> -> vrf
ip vrf <word> -> vrf
logging buffered = <line>
logging console = <line>
~ logging console
enable secret = <line>
enable password = <line>
[no] aaa new-model
aaa group server (radius|tacacs+) <word> -> group
+ aaa (authentication|authorization|accounting) <word> <word> = <line>
aaa session-id = (common|unique)
clock timezone = <word> <line>
clock summer-time = <line>
+ ip name-server <ipv4>
~ ip domain lookup
ip domain name = <word>
ip dhcp excluded-address <ipv4> [<ipv4>]
ip dhcp pool <word> -> dhcp
ip multicast-routing [distributed]
ipv6 unicast-routing
login on-failure log
login on-success log
subscriber templating
multilink bundle-name = authenticated
key chain <word> -> keychain
license udi <line>
license boot level = <line>
archive -> archive
spanning-tree mode = (pvst|rapid-pvst|mst)
spanning-tree extend system-id
spanning-tree vlan <vlans> priority = <0-61440>
vtp mode = (client|server|transparent|off)
vtp domain = <word>
+ username <word> = <line>
redundancy -> redundancy
vlan internal allocation policy = (ascending|descending)
vlan <word> -> vlan
track <1-1000> = ip sla <1-2147483647> [reachability|state]
lldp run
~ cdp run
class-map (match-any|match-all) <word> -> class-map
policy-map <word> -> policy-map
interface <loopback> -> interface
interface <tunnel> -> interface
interface <port-channel> -> interface
interface <port> -> interface
interface <vlan> -> interface
router ospf <1-65535> [vrf <word>] -> ospf
router bgp <asn> -> bgp
ip forward-protocol nd
[no] ip http server
[no] ip http secure-server
ip http authentication = (local|aaa|enable)
ip http client source-interface = <interface>
ip ftp source-interface = <interface>
ip tftp source-interface = <interface>
ip default-gateway = <ipv4>
ip nat inside source <line>
ip route [vrf <word>] <ipv4> <mask> (<ipv4>|<interface> [<ipv4>]) = [<1-255>] [tag <tag>] [name <word>] [track <tag>]
ip ssh version = <1-2>
ip ssh time-out = <1-120>
ip ssh authentication-retries = <0-5>
ip ssh source-interface = <interface>
ip scp server enable
ip access-list standard <word> -> acl
ip access-list extended <word> -> acl
ip prefix-list <word> description = <line>
ip prefix-list <word> seq <1-4294967294> = (permit|deny) <cidr> [ge <1-32>] [le <1-32>]
no ip prefix-list <word>
ip sla <1-2147483647> -> sla
ip sla schedule <1-2147483647> = <line>
logging trap = <word>
logging facility = <word>
logging source-interface = <interface> [vrf <word>]
logging host <word> = [<line>]
+ access-list <1-2699> <line>
no access-list <1-2699>
ipv6 route [vrf <word>] <ipv6_prefix> (<ipv6>|<interface> [<ipv6>]) = [<1-254>] [name <word>] [tag <tag>]
route-map <word> (permit|deny) <0-65535> -> route-map
no route-map <word>
snmp-server community <word> = [view <word>] (RO|RW) [<word>]
no snmp-server community <word>
snmp-server (group|view|user) <line>
snmp-server trap-source = <interface>
snmp-server source-interface (traps|informs) = <interface>
snmp-server location = <line>
snmp-server contact = <line>
snmp-server chassis-id = <line>
snmp-server enable traps [<line>]
snmp-server host <word> = <line>
snmp-server ifindex persist
tacacs server <word> -> server
radius server <word> -> server
control-plane -> control-plane
+ banner (motd|login|exec|incoming) = <line>
line con <0-0> -> line
line aux <0-0> -> line
line vty <0-98> [<0-98>] -> line
ntp authentication-key <1-4294967295> = md5 <line>
ntp authenticate
ntp trusted-key <1-4294967295>
ntp source = <interface>
ntp server [vrf <word>] <word> = [version <1-4>] [key <1-4294967295>] [prefer] [source <interface>]
file prompt = (quiet|alert|noisy)
netconf-yang
restconf
"""

INTERFACE: Final = """
description = <line>
~ switchport
switchport access vlan = <1-4094>
switchport trunk native vlan = <1-4094>
switchport trunk allowed vlan = <vlans>
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
duplex = (auto|full|half)
speed = (10|100|1000|auto)
[no] negotiation auto
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
neighbor <peer> default-originate
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
default-information originate
"""
BGP: Final = f"""
bgp router-id = <ipv4>
[no] bgp log-neighbor-changes
~ bgp default ipv4-unicast
bgp cluster-id = (<ipv4>|<1-4294967295>)
bgp graceful-restart
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
default-information originate = [always] [metric <0-16777214>]
distance = <1-255>
"""

OTHERS: Final = """\
# vrf config-vrf
rd = <word>
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
login local
login authentication = <word>
access-class = <word> = (in|out) [vrf-also]
length = <0-512>
session-timeout = <0-35791>
transport preferred = <line>
transport input = <line>
transport output = <line>
stopbits = <1-2>
"""
"""Of the other modes: name, prompt, the word that closes it, and its lines."""
