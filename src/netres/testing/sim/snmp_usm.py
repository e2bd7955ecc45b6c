"""SNMP version 3 of a simulated agent: one user who authenticates and encrypts (RFC 3414, RFC 3826, RFC 7860).

The security is pysnmp's. Each agent has an engine of its own, with an engine ID of its own, made when version 3 is
first spoken with it: that takes a twentieth of a second. No socket, no event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol, cast

from pyasn1.error import PyAsn1Error
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.error import PySnmpError

_UDP: Final = (1, 3, 6, 1, 6, 1, 1)
"""snmpUDPDomain (RFC 3417)."""
_AUTH_PRIV: Final = 3
_SHORTEST: Final = 8
"""Characters of a passphrase (RFC 3414, 11.2)."""


class _Dispatcher(Protocol):
    """What is used of pysnmp's message dispatcher, which has no types."""

    def register_context_engine_id(self, *arguments: object) -> None: ...
    def return_response_pdu(self, *arguments: object) -> None: ...
    def receive_message(self, *arguments: object) -> bytes: ...


class _Engine(Protocol):
    """What is used of pysnmp's engine."""

    message_dispatcher: _Dispatcher
    transport_dispatcher: object
    snmpEngineID: object  # noqa: N815 - pysnmp's name


class _Sent:
    """Keeps what the engine sends, in the place of pysnmp's transports."""

    def __init__(self) -> None:
        self.octets = b""

    def send_message(self, octets: bytes, *where: object) -> None:
        """Keep it."""
        self.octets = bytes(octets)

    def get_timer_resolution(self) -> float:
        """Seconds of a tick; there are none."""
        return 0.5


class UsmAgent:
    """Version 3 of one agent. The user's two passphrases are one; authentication is SHA-256, encryption AES-128.

    Args:
        user: who.
        passphrase: 8 characters at least, else nobody gets an answer.
        kinds: the tags of the PDUs that are requests.
        perform: does what a PDU asks; gives the answer's PDU.
    """

    def __init__(
        self, user: str, passphrase: str, kinds: Sequence[object], perform: Callable[[object], object]
    ) -> None:
        self._perform = perform
        self._sent = _Sent()
        self._engine = cast("_Engine", SnmpEngine())
        self._engine.transport_dispatcher = self._sent
        if len(passphrase) >= _SHORTEST:
            add_user = cast("Callable[..., None]", vars(config)["add_v3_user"])
            hashes, ciphers = config.USM_AUTH_HMAC192_SHA256, config.USM_PRIV_CFB128_AES
            add_user(self._engine, user, hashes, passphrase, ciphers, passphrase)
        self._engine.message_dispatcher.register_context_engine_id(
            self._engine.snmpEngineID, tuple(kinds), self._process
        )

    def answer(self, datagram: bytes) -> bytes:
        """What is answered to a datagram; nothing where it is none of ours. May `perform`."""
        self._sent.octets = b""
        with suppress(PyAsn1Error, PySnmpError, ValueError, KeyError, IndexError, TypeError):  # anything may be in it
            self._engine.message_dispatcher.receive_message(self._engine, _UDP, ("127.0.0.1", 0), datagram)
        return self._sent.octets

    def _process(self, *arguments: object) -> None:
        """Called by the engine: RFC 3412, 4.2.2, processPdu."""
        engine, model, security, name, level, context_engine, context, version, pdu, size, state = arguments
        if level != _AUTH_PRIV:
            return
        about = (engine, model, security, name, level, context_engine, context, version)
        nothing: dict[str, object] = {}
        answer = self._perform(pdu)
        self._engine.message_dispatcher.return_response_pdu(*about, answer, size, state, nothing)
