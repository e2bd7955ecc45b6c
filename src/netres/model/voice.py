"""SIP peering: trunks, call routes, listening interfaces, media, and who may call.

The words are those of RFC 10006 (Automatic SIP Trunking and Peering), RFC 3261 (SIP) and RFC 2782 (priority, weight).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from netres.model.base import Item, Key
from netres.model.types import SBC, Host, IpAddress, Name, Port, Prefix, Uint16, distinct

SipTransport = Literal["udp", "tcp", "tls"]
Codec = Annotated[str, StringConstraints(max_length=32, to_upper=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")]
"""An encoding name of the IANA registry of RTP payload formats (RFC 3551), such as PCMA, G729, OPUS; upper case."""
Pattern = Annotated[str, StringConstraints(max_length=63, pattern=r"^(\+?[0-9x]+\*?|\*)$")]
"""Numbers: digits, ``x`` for any one digit, ``*`` at the end for any more or none; ``+`` only in front (E.164)."""
Digits = Annotated[str, StringConstraints(max_length=32, pattern=r"^\+?[0-9]*$")]


class SipPeer(BaseModel):
    """One far end of a trunk."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Host
    port: Port = 5060
    transport: SipTransport = "udp"
    priority: Uint16 = 0
    """The lowest is tried first (RFC 2782)."""
    weight: Uint16 = 0
    """Share of the calls among peers of one priority (RFC 2782)."""

    @property
    def address(self) -> str:
        """``host:port``, an IPv6 address in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class Keepalive(BaseModel):
    """OPTIONS requests (RFC 3261, 11) by which a trunk learns whether its peers are there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    interval: Annotated[int, Field(ge=1, le=86400)] = 30
    """Seconds."""
    down_after: Annotated[int, Field(ge=1, le=255)] = 3
    """Requests without an answer after which a peer is down."""
    up_after: Annotated[int, Field(ge=1, le=255)] = 1
    """Answers after which a peer is up again."""


def _in_order(peers: tuple[SipPeer, ...]) -> tuple[SipPeer, ...]:
    places = [(peer.host, peer.port, peer.transport) for peer in peers]
    if len(set(places)) < len(places):
        raise ValueError("names a peer twice; merge the two")
    return tuple(sorted(peers, key=lambda peer: (peer.priority, -peer.weight, peer.host, peer.port, peer.transport)))


class SipTrunk(Item):
    """A peering with a provider, a PBX or another SBC."""

    KIND: ClassVar[str] = "sip_trunk"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    FAMILIES: ClassVar[frozenset[str]] = SBC
    NEEDS: ClassVar[frozenset[str]] = frozenset({"media_policy"})

    kind: Literal["sip_trunk"] = "sip_trunk"
    name: Name
    peers: Annotated[tuple[SipPeer, ...], Field(min_length=1), AfterValidator(_in_order)]
    """In the order in which they are tried."""
    keepalive: Keepalive | None = None
    """``None``: as the platform does it by default."""
    codecs: Annotated[tuple[Codec, ...], AfterValidator(distinct)] = ()
    """In order of preference; empty: whatever the callers agree on."""
    srtp: Literal["off", "optional", "required"] | None = None
    """Encrypted media towards the peers (SDES, RFC 4568); ``None``: whatever the callers offer."""
    dtmf: Literal["rfc4733", "info", "inband"] | None = None
    """How digits travel; ``None``: whatever the callers offer."""
    max_sessions: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    """Simultaneous calls; one more is refused. ``None``: no limit."""
    max_cps: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """New calls per second. ``None``: no limit."""
    media_policy: Name | None = None
    """Name of the `MediaPolicy` for its calls; ``None``: media goes as the platform lets it by default."""

    def needs(self) -> Iterator[Key]:
        """The media policy it names."""
        if self.media_policy is not None:
            yield Key("media_policy", (self.media_policy,))


class CallRoute(Item):
    """Which calls go to which trunks, and what is done to the called number on the way."""

    KIND: ClassVar[str] = "call_route"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    FAMILIES: ClassVar[frozenset[str]] = SBC
    NEEDS: ClassVar[frozenset[str]] = frozenset({"sip_trunk"})

    kind: Literal["call_route"] = "call_route"
    name: Name
    called: Pattern = "*"
    calling: Pattern | None = None
    """``None``: whoever calls."""
    priority: Uint16 = 100
    """Of the routes that match a call, the one with the lowest takes it; of several with the lowest, the one with the
    most digits in ``called``, then in ``calling``."""
    strip: Annotated[int, Field(ge=0, le=32)] = 0
    """Characters taken from the front of the called number, before ``prepend`` is put there."""
    prepend: Digits = ""
    trunks: Annotated[tuple[Name, ...], Field(min_length=1), AfterValidator(distinct)]
    """Names of `SipTrunk`; the next is tried where one takes no call."""

    def needs(self) -> Iterator[Key]:
        """The trunks it names."""
        return (Key("sip_trunk", (name,)) for name in self.trunks)


class SipInterface(Item):
    """Where the SBC listens for SIP."""

    KIND: ClassVar[str] = "sip_interface"
    KEY: ClassVar[tuple[str, ...]] = ("address", "port", "transport")
    FAMILIES: ClassVar[frozenset[str]] = SBC

    kind: Literal["sip_interface"] = "sip_interface"
    address: IpAddress
    port: Port = 5060
    transport: SipTransport = "udp"
    name: Name | None = None


class MediaPolicy(Item):
    """What is done with the media of calls."""

    KIND: ClassVar[str] = "media_policy"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    FAMILIES: ClassVar[frozenset[str]] = SBC

    kind: Literal["media_policy"] = "media_policy"
    name: Name
    relay: bool = True
    """Whether media flows through the SBC's relay, so that the two sides see only its address."""
    symmetric_rtp: bool = True
    """Whether the relay answers to where media comes from, whatever the SDP says (RFC 4961); for peers behind NAT."""
    ice: Literal["remove", "offer", "pass"] = "remove"
    """What is done with ICE candidates (RFC 8445)."""

    @model_validator(mode="after")
    def _coherent(self) -> MediaPolicy:
        if not self.relay and (not self.symmetric_rtp or self.ice != "remove"):
            raise ValueError("symmetric_rtp and ice say what the relay does; with relay false leave them out")
        return self


class AllowedPeer(Item):
    """A source from which calls are taken; from elsewhere they are refused."""

    KIND: ClassVar[str] = "allowed_peer"
    KEY: ClassVar[tuple[str, ...]] = ("prefix", "port", "transport")
    FAMILIES: ClassVar[frozenset[str]] = SBC

    kind: Literal["allowed_peer"] = "allowed_peer"
    prefix: Prefix
    """Addresses; one is written ``192.0.2.10/32``."""
    port: Uint16 = 0
    """0: any."""
    transport: Literal["any", "udp", "tcp", "tls"] = "any"
    name: Name | None = None
