"""What is used of pysnmp, as protocols: its types, which it does not ship, reach no further than this border."""

# ruff: noqa: D102  # the methods are documented where they are implemented
from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol, TypeAlias

Oid: TypeAlias = tuple[int, ...]
Value: TypeAlias = int | str | None
"""An int, or text in which each character is one octet; ``None``: there is no such object, or the end of the MIB."""


class Pdu(Protocol):
    """A protocol data unit (RFC 3416)."""

    def prettyPrint(self) -> str: ...  # noqa: N802 - pyasn1's name


class PduApi(Protocol):
    """``pysnmp.proto.api.v2c.apiPDU`` and ``apiBulkPDU``."""

    def set_defaults(self, pdu: Pdu, /) -> None: ...
    def set_varbinds(self, pdu: Pdu, pairs: Sequence[tuple[Oid, object]], /) -> None: ...
    def get_varbinds(self, pdu: Pdu, /) -> Sequence[tuple[Sequence[int], object]]: ...
    def get_error_status(self, pdu: Pdu, /) -> int: ...
    def get_error_index(self, pdu: Pdu, /, *, muteErrors: bool) -> int: ...  # noqa: N803 - pysnmp's name


class BulkApi(PduApi, Protocol):
    """``pysnmp.proto.api.v2c.apiBulkPDU``."""

    def set_non_repeaters(self, pdu: Pdu, count: int, /) -> None: ...
    def set_max_repetitions(self, pdu: Pdu, count: int, /) -> None: ...


class Status(Protocol):
    """``pysnmp.proto.error.StatusInformation``."""

    def __getitem__(self, key: str, /) -> object: ...
    def get(self, key: str, default: object, /) -> object: ...


class MessageDispatcher(Protocol):
    """``pysnmp.proto.rfc3412.MsgAndPduDispatcher``: the abstract service interface of RFC 3412 §4.1.1."""

    def send_pdu(self, *arguments: object) -> int: ...


class Processing(Protocol):
    """``pysnmp.proto.mpmod.rfc3412.SnmpV3MessageProcessingModel``."""

    def get_peer_engine_info(self, domain: Oid, address: Hashable, /) -> tuple[object, object, object]: ...


class Dispatcher(Protocol):
    """``pysnmp.carrier.asyncio.dispatch.AsyncioDispatcher``."""

    def register_transport(self, domain: Oid, transport: object, /) -> None: ...
    def unregister_transport(self, domain: Oid, /) -> None: ...


class PySnmpEngine(Protocol):
    """``pysnmp.entity.engine.SnmpEngine``."""

    message_dispatcher: MessageDispatcher
    message_processing_subsystems: dict[int, Processing]

    def register_transport_dispatcher(self, dispatcher: Dispatcher, /) -> None: ...


class HashService(Protocol):
    """An entry of ``pysnmp.entity.config.AUTH_SERVICES``."""

    def hash_passphrase(self, passphrase: object, /) -> object: ...
    def localize_key(self, master: object, engine: object, /) -> object: ...


class CipherService(Protocol):
    """An entry of ``pysnmp.entity.config.PRIV_SERVICES``."""

    def localize_key(self, auth: Oid, master: object, engine: object, /) -> object: ...


Received: TypeAlias = Callable[[object, Hashable, bytes], None]
"""What takes a datagram: the transport it came by, the address, the octets."""


class Config(Protocol):
    """``pysnmp.entity.config``."""

    AUTH_SERVICES: dict[Oid, HashService]
    PRIV_SERVICES: dict[Oid, CipherService]

    def add_v3_user(self, engine: PySnmpEngine, user: str, /, *keys: object, **kinds: object) -> None: ...
    def delete_v3_user(self, engine: PySnmpEngine, user: str, agent: object, /) -> None: ...
    def add_v1_system(self, engine: PySnmpEngine, name: str, community: object, /, **names: str) -> None: ...
    def delete_v1_system(self, engine: PySnmpEngine, name: str, /) -> None: ...
    def add_target_parameters(
        self, engine: PySnmpEngine, name: str, security_name: str, level: str, processing: int, /
    ) -> None: ...
    def delete_target_parameters(self, engine: PySnmpEngine, name: str, /) -> None: ...
