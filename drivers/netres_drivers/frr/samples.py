"""What the two routers of the laboratory shall have, in the demo and in the tests on real routers."""

from __future__ import annotations

from typing import Final

_ROUTER: Final = """\
# What router {me} shall have. {you} is its neighbour.
items:
  - {{kind: interface, name: eth0, description: to {you}, addresses: [10.0.12.{i}/30, "2001:db8:12::{i}/64"]}}
  - {{kind: interface, name: lan0, description: offices, addresses: [10.{i}.0.1/24]}}
  - {{kind: ospf_router, router_id: 10.255.0.{i}}}
  - kind: ospf_interface
    interface: eth0
    area: 0
    network_type: point-to-point
    hello_interval: 1
    dead_interval: 4
  - {{kind: ospf_interface, interface: lan0, area: 0, passive: true}}
  - {{kind: static_route, prefix: 198.51.{i}.0/24, blackhole: true}}
  - kind: prefix_list
    name: OWN
    entries: [{{seq: 5, action: permit, prefix: 198.51.{i}.0/24}}]
  - kind: prefix_list
    name: ANY
    entries: [{{seq: 5, action: permit, prefix: 0.0.0.0/0, le: 32}}]
  - kind: route_map
    name: EXPORT
    entries: [{{seq: 10, action: permit, match_prefix_list: OWN, set_metric: 50}}]
  - kind: route_map
    name: IMPORT
    entries: [{{seq: 10, action: permit, match_prefix_list: ANY, set_local_preference: 200}}]
  - {{kind: bgp_router, asn: 6500{i}, router_id: 10.255.0.{i}}}
  - kind: bgp_neighbor
    address: 10.0.12.{j}
    remote_as: 6500{j}
    description: {you}
    keepalive: 1
    hold_time: 3
    connect_retry: 1
    password: {password}
    policy_in: IMPORT
    policy_out: EXPORT
  - {{kind: bgp_network, prefix: 198.51.{i}.0/24}}
"""


def desired(number: int, password: str) -> str:
    """The desired configuration of router ``r1`` or ``r2``, as YAML; ``password`` is a reference to a secret."""
    other = 3 - number
    return _ROUTER.format(i=number, j=other, me=f"r{number}", you=f"r{other}", password=password)
