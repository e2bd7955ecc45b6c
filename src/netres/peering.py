"""A SIP provider's capability set (RFC 10006) as Items: the trunk, its media, and where calls may come from.

The names of nodes are those of the YANG module ``ietf-sip-auto-peering``, revision 2025-12-21 (the document that became
RFC 10006), in the JSON encoding of RFC 7951. Pure: nothing is fetched and no device is asked.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, TypeAlias, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from netres import files
from netres.errors import InvalidConfig
from netres.files import Loc, dotted
from netres.model.config import Config
from netres.model.faults import first_fault
from netres.model.types import Host, Port
from netres.model.voice import AllowedPeer, Codec, MediaPolicy, SipPeer, SipTransport, SipTrunk

_ROOT: Final = "ietf-sip-auto-peering:sip-auto-peering"
_KEYS: Final = "/security/media-security/key-management"


def _bare(value: object) -> object:
    """An identity without the module it is from (RFC 7951, 6.8)."""
    return value.rpartition(":")[2].lower() if isinstance(value, str) else value


Identity = Annotated[str, BeforeValidator(_bare)]


def _nodes(name: str) -> str:
    return name.replace("_", "-")


class _Node(BaseModel):
    """What netres takes of a node; what else stands there is told as left out."""

    model_config = ConfigDict(frozen=True, alias_generator=_nodes, hide_input_in_errors=True)


class _Entity(_Node):
    host: Host
    port: Port = 5060


class _TransportInfo(_Node):
    transport: Annotated[tuple[Annotated[SipTransport, BeforeValidator(_bare)], ...], Field(min_length=1)]
    call_control: tuple[_Entity, ...] = ()
    outbound_proxy: tuple[_Entity, ...] = ()

    @property
    def servers(self) -> tuple[_Entity, ...]:
        """Where requests go: proxies take the place of call control."""
        return self.outbound_proxy or self.call_control


class _Audio(_Node):
    media_format: Annotated[Codec, BeforeValidator(_bare)]


class _Rtp(_Node):
    symmetric_rtp: bool | None = None


class _Media(_Node):
    media_type_audio: tuple[_Audio, ...] = ()
    rtp: _Rtp = _Rtp()


class _Dtmf(_Node):
    payload_number: Annotated[int, Field(ge=96, le=127)] | None = None


class _Signaling(_Node):
    secure: bool = False


class _MediaSecurity(_Node):
    key_management: tuple[Identity, ...] = ()


class _Security(_Node):
    signaling: _Signaling = _Signaling()
    media_security: _MediaSecurity = _MediaSecurity()


class _CapabilitySet(_Node):
    variant: Identity
    transport_info: _TransportInfo
    media: _Media = _Media()
    dtmf: _Dtmf = _Dtmf()
    security: _Security = _Security()


@dataclass(frozen=True)
class Peering:
    """What a capability set says, as far as Items can."""

    config: Config
    """A `SipTrunk`, its `MediaPolicy` where the provider speaks of RTP, and an `AllowedPeer` for each address."""
    left_out: tuple[str, ...]
    """Nodes of the document that no Item expresses, as paths; what they hold may be a credential, and is not shown."""


def load(path: str | Path, trunk: str) -> Peering:
    """The capability set in a JSON file; ``trunk`` names the trunk that is made of it.

    Raises:
        InvalidConfig: the message names file, line, node and remedy.
    """
    file = Path(path)
    return _peering(files.load(file), trunk, lambda place, sentence: files.at(file, place, sentence))


def peering(document: object, trunk: str) -> Peering:
    """The capability set ``{"ietf-sip-auto-peering:sip-auto-peering": {…}}``; ``trunk`` names the trunk made of it.

    Several transports: TLS where it is offered or the provider's signaling is secure, else UDP, else TCP. The document
    gives its lists of servers no order, so all peers have one priority.

    Raises:
        InvalidConfig: the message names node and remedy.
    """
    return _peering(document, trunk, lambda place, sentence: f"{dotted(place)}: {sentence}" if place else sentence)


def _peering(document: object, trunk: str, locate: Callable[[Loc, str], str]) -> Peering:
    top: Mapping[str, object] = cast("Mapping[str, object]", document) if isinstance(document, Mapping) else {}
    whole = top.get(_ROOT)
    if not isinstance(whole, Mapping):
        raise InvalidConfig(locate((), f"has no node {_ROOT!r}; is it a capability set of RFC 10006?"))
    nodes = cast("Mapping[str, object]", whole)
    try:
        found = _CapabilitySet.model_validate(nodes)
    except ValidationError as error:
        place, sentence = first_fault(error, {"": _CapabilitySet})
        raise InvalidConfig(locate((_ROOT, *place), sentence)) from None  # pydantic's error quotes the input
    if found.variant != "v1-0":
        raise InvalidConfig(locate((_ROOT, "variant"), f"{found.variant!r}: netres knows v1-0"))
    if not found.transport_info.servers:
        remedy = "has neither call-control nor outbound-proxy: there is nobody to call; ask the provider"
        raise InvalidConfig(locate((_ROOT, "transport-info"), remedy))
    try:
        config = _config(found, trunk)
    except ValidationError as error:
        raise InvalidConfig(f"trunk {trunk!r}: {first_fault(error, {'': SipTrunk})[1]}") from None
    dtls = [f"{_KEYS} dtls-srtp"] if "dtls-srtp" in found.security.media_security.key_management else []
    return Peering(config, (*_left_out(nodes, _TAKEN, ""), *dtls))


def _config(found: _CapabilitySet, trunk: str) -> Config:
    info, relay = found.transport_info, found.media.rtp.symmetric_rtp
    transport = _transport(found)
    policy = None if relay is None else MediaPolicy(name=trunk, symmetric_rtp=relay)
    item = SipTrunk(
        name=trunk,
        peers=tuple(SipPeer(host=server.host, port=server.port, transport=transport) for server in info.servers),
        codecs=tuple(dict.fromkeys(audio.media_format for audio in found.media.media_type_audio)),  # at several rates
        srtp="optional" if "sdes" in found.security.media_security.key_management else None,
        dtmf="rfc4733" if found.dtmf.payload_number is not None else None,
        media_policy=policy.name if policy else None,
    )
    addresses = {server.host for server in (*info.call_control, *info.outbound_proxy) if _is_address(server.host)}
    allowed = [AllowedPeer(prefix=f"{host}/{128 if ':' in host else 32}", name=trunk) for host in sorted(addresses)]
    return Config.of([*([policy] if policy else []), item, *allowed])


def _transport(found: _CapabilitySet) -> SipTransport:
    offered = found.transport_info.transport
    if found.security.signaling.secure or "tls" in offered:
        return "tls"
    return "udp" if "udp" in offered else "tcp"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


_Tree: TypeAlias = "Mapping[str, _Tree]"
_SERVER: Final[_Tree] = {"host": {}, "port": {}}
_TAKEN: Final[_Tree] = {
    "variant": {},
    "transport-info": {"transport": {}, "call-control": _SERVER, "outbound-proxy": _SERVER},
    "media": {"media-type-audio": {"media-format": {}}, "rtp": {"symmetric-rtp": {}}},
    "dtmf": {"payload-number": {}},
    "security": {"signaling": {"secure": {}}, "media-security": {"key-management": {}}},
}
"""The nodes that Items express."""


def _left_out(value: object, taken: _Tree, path: str) -> Iterator[str]:
    if isinstance(value, list):
        parts = (_left_out(part, taken, path) for part in cast("list[object]", value))
        yield from dict.fromkeys(line for lines in parts for line in lines)
    elif isinstance(value, Mapping):
        for name, part in cast("Mapping[str, object]", value).items():
            place = f"{path}/{name}"
            if name in taken:
                yield from _left_out(part, taken[name], place)
            else:
                yield place
