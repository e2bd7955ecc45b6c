"""The configuration lines of IOS-XE that the simulated router takes, in the order in which it shows them.

Keywords: Cisco IOS XE 17 command references; order and default lines: recordings of napalm and batfish.
"""

from __future__ import annotations

from typing import Final

TOP: Final = """
version = <word>
+ service <line>
[no] platform punt-keepalive disable-kernel-core
platform <line>
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
~ ip icmp rate-limit unreachable
~ ip cef
~ ipv6 cef
~ ip domain lookup
~ ip source-route
~ ip gratuitous-arps
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
+ username <word> = [privilege <0-15>] [(secret|password) <line>]
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
ip tcp synwait-time = <5-300>
ip bgp-community new-format
ip as-path access-list <1-500> (permit|deny) <line>
no ip as-path access-list <1-500>
ip community-list (standard|expanded) <word> (permit|deny) <line>
no ip community-list (standard|expanded) <word>
ip community-list <1-500> (permit|deny) <line>
ip ssh version = <1-2>
ip ssh time-out = <1-120>
ip ssh authentication-retries = <0-5>
ip ssh source-interface = <interface>
ip scp server enable
ip access-list standard <word> -> acl
ip access-list extended <word> -> acl
ipv6 access-list <word> -> acl6
ip prefix-list <word> description = <line>
ip prefix-list <word> seq <1-4294967294> = (permit|deny) <cidr> [ge <1-32>] [le <1-32>]
no ip prefix-list <word>
ipv6 prefix-list <word> seq <1-4294967294> = (permit|deny) <ipv6_prefix> [ge <1-128>] [le <1-128>]
no ipv6 prefix-list <word>
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
ntp authentication-key <1-4294967295> = (md5|hmac-sha1|hmac-sha2-256|cmac-aes-128) <line>
ntp authenticate
ntp trusted-key <1-4294967295>
ntp source = <interface>
ntp server [vrf <word>] <word> = [version <1-4>] [key <1-4294967295>] [prefer] [source <interface>]
file prompt = (quiet|alert|noisy)
default interface <interface>
netconf-yang
restconf
"""
