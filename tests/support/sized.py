"""Running configurations of FRRouting of any size, and the same ones with one line in a hundred changed."""

from __future__ import annotations

from collections.abc import Iterator

from netres import Device
from netres.flow import Operation, Reply
from netres.model import Config
from netres.text.block import Block
from netres.transport.fake import FakeTransport
from netres_drivers import frr


def running(lines: int, *, changed: bool = False) -> str:
    """About so many lines: static routes, interfaces, BGP neighbours and prefix lists."""
    parts = (_routes(lines // 10, changed), _interfaces(lines // 20, changed), _neighbors(lines * 3 // 40, changed))
    body = [line for part in (*parts, _prefix_lists(lines * 3 // 100, changed)) for line in (*part, "!")]
    return "\n".join(["Building configuration...", "", "hostname r1", "!", *body, "end", ""])


def _routes(count: int, changed: bool) -> Iterator[str]:
    for number in range(count):
        yield f"ip route 10.{number >> 8}.{number & 255}.0/24 192.0.2.{number % 250 + 1}"
        distance = 21 if changed and number % 50 == 7 else 20
        yield f"ip route 11.{number >> 8}.{number & 255}.0/24 192.0.2.{number % 250 + 1} {distance}"


def _interfaces(count: int, changed: bool) -> Iterator[str]:
    for number in range(count):
        yield f"interface eth{number}"
        yield f" description port {number}{' moved' if changed and number % 25 == 5 else ''}"
        yield f" ip address 172.{16 + (number >> 14)}.{number >> 6 & 255}.{number % 64 * 4 + 1}/30"
        yield f" ipv6 address 2001:db8:{number:x}::1/64"


def _neighbors(count: int, changed: bool) -> Iterator[str]:
    yield "router bgp 65001"
    yield " bgp router-id 192.0.2.1"
    for number in range(count):
        address = f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
        yield f" neighbor {address} remote-as {64512 + number % 1000}"
        yield f" neighbor {address} description peer {number}{' moved' if changed and number % 25 == 9 else ''}"
        yield f" neighbor {address} timers 10 30"
        yield f" neighbor {address} timers connect 20"


def _prefix_lists(count: int, changed: bool) -> Iterator[str]:
    for number in range(count):
        for place in range(10):
            end = " le 28" if changed and number % 10 == 3 and place == 4 else ""
            prefix = f"{20 + place}.{number >> 8}.{number & 255}.0/24"
            yield f"ip prefix-list pl{number} seq {place * 5 + 5} permit {prefix}{end}"


def router(text: str) -> Device:
    """A router with this running configuration, which tells nothing else."""

    def answer(operation: Operation) -> Reply:
        return Reply(text if str(operation) == "show running-config" else "")

    return Device("r1", frr.DRIVER, FakeTransport(answer))


def items(text: str) -> Config:
    """The Items in a running configuration."""
    return router(text).observe()


def forget() -> None:
    """Have nothing be remembered of what was read before."""
    for block in vars(frr).values():
        if isinstance(found := getattr(block, "BLOCK", None), Block):
            found.forget()
