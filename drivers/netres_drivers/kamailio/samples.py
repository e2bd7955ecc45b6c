"""The desired configuration of the laboratory's SBC, as a user writes it: for the tests and the demo."""

from __future__ import annotations

from typing import Final

DESIRED: Final = """\
items:
  - {kind: media_policy, name: relayed}
  - kind: sip_trunk
    name: itsp
    peers:
      - {host: 127.0.0.1, port: 5971}
      - {host: 127.0.0.1, port: 5972, priority: 10}
    codecs: [PCMA, G729]
    srtp: required
    max_sessions: 3
    media_policy: relayed
  - {kind: call_route, name: national, called: "+49*", strip: 3, prepend: "0", trunks: [itsp]}
  - {kind: allowed_peer, prefix: 127.0.0.2/32, name: pbx}
"""
