"""A simulated device's SNMP agent on a UDP port of loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import cast

from netres.testing.sim.delivery import acts
from netres.testing.sim.device import Simulated
from netres.testing.sim.snmp import Agent
from netres.testing.sim.wire import Act, Send, Wait


class SnmpServer(asyncio.DatagramProtocol):
    """Serves one device."""

    def __init__(self, device: Simulated) -> None:
        self._device = device
        self._agent = Agent(device)
        self._socket: asyncio.DatagramTransport | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self, address: str, port: int = 0) -> None:
        """Listen; ``port`` 0: the system chooses."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(address, port))
        self.port = int(transport.get_extra_info("sockname")[1])

    async def stop(self) -> None:
        """Listen no more."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self._socket = cast("asyncio.DatagramTransport", transport)  # Python 3.11's is none by its class

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer, or say nothing."""
        if not self._device.up or (answered := self._agent.answer(data)) is None:
            return
        done, octets = answered
        task = asyncio.get_running_loop().create_task(self._play(acts(done, octets), addr))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _play(self, doing: Iterable[Act], address: tuple[str, int]) -> None:
        for act in doing:
            match act:
                case Wait(seconds):
                    await asyncio.sleep(seconds)
                case Send(data) if self._socket is not None:
                    self._socket.sendto(data, address)
                case _:
                    return  # a lost connection and silence are the same to whoever asked
