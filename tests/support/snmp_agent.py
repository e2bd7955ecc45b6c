"""An SNMP agent whose every answer a test makes up: for those that break the protocol, or never answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Self

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api

from netres.inventory.entry import Entry, SnmpSettings, Timeouts
from netres.model.secret import Secret

# Neither library is typed; in a test agent there is nothing to gain from saying what is in them.
ber: Any = (decoder, encoder)
v2c: Any = api.v2c

COMMUNITY = "made-up-s3cret"
Pairs = Sequence[tuple[str, object]]
Answer = Callable[[str, list[str], int], "tuple[int, int, Pairs] | bytes | None"]
"""From the request's type, its OIDs and its max-repetitions to error-status, error-index and variable bindings;
octets are sent as they are, and nothing is silence."""


class MadeUpAgent:
    """Version 2c, on a port of this machine; ``asked`` keeps what came."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked: list[tuple[str, list[str], int]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5)

    def entry(self, timeout: float = 2, retries: int = 0, command: float = 10) -> Entry:
        return Entry(
            name="made-up",
            platform="snmp",
            host="127.0.0.1",
            port=int(self._socket.getsockname()[1]),
            snmp=SnmpSettings(community=Secret.observed(COMMUNITY), timeout=timeout, retries=retries),
            timeouts=Timeouts(connect=10, command=command),
        )

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                data, peer = self._socket.recvfrom(65535)
                if data and (answer := self._answered(data)) is not None:
                    self._socket.sendto(answer, peer)

    def _answered(self, data: bytes) -> bytes | None:
        message = ber[0].decode(data, asn1Spec=v2c.Message())[0]
        if int(message[0]) != 1:
            return None
        request = v2c.apiMessage.get_pdu(message)
        kind = type(request).__name__
        repetitions = int(v2c.apiBulkPDU.get_max_repetitions(request)) if kind == "GetBulkRequestPDU" else 0
        oids = [str(oid) for oid, _ in v2c.apiPDU.get_varbinds(request)]
        self.asked.append((kind, oids, repetitions))
        if oids == ["1.3.6.1.2.1.1.3.0"]:
            made: tuple[int, int, Pairs] | bytes | None = (0, 0, [("1.3.6.1.2.1.1.3.0", v2c.TimeTicks(1))])
        else:
            made = self._answer(kind, oids, repetitions)
        if made is None or isinstance(made, bytes):
            return made
        status, index, pairs = made
        response = v2c.apiMessage.get_response(message)
        pdu = v2c.apiMessage.get_pdu(response)
        v2c.apiPDU.set_varbinds(pdu, [(v2c.ObjectIdentifier(oid), value) for oid, value in pairs])
        v2c.apiPDU.set_error_status(pdu, status)
        if status:
            v2c.apiPDU.set_error_index(pdu, index)
        return bytes(ber[1].encode(response))
