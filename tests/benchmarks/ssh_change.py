"""A change of 20 lines on many devices, 100 at a time, 50 ms away: what it costs the client, by whatever means.

    python tests/benchmarks/ssh_change.py [DEVICES [WIDTH [ROUND_TRIP_MS [REPETITIONS]]]]

Devices are served by one process behind a relay that delays each direction by half the round trip; client and server
have a processor each, where the machine has two. All log in with a password, prepare the terminal, send ``configure``,
20 lines, ``commit``, and check every answer. Prints devices per second and the client's processor time per device,
medians.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Protocol, cast

import asyncssh

from netres.driver import CliShell
from netres.flow import Batch, Cli
from netres.inventory.entry import Entry
from netres.model.secret import Secret
from netres.testing.sim.ssh_server import host_key
from netres.transport.ssh_async import AsyncSshTransport

PROMPT: Final = "r1# "
LINES: Final = tuple(f"set interfaces ge-0/0/{number} description 'to the office {number}'" for number in range(20))
ALL: Final = ("terminal length 0", "configure", *LINES, "commit")
SHELL: Final = CliShell(netmiko="cisco_ios", prompt="r1# ", prepare=("terminal length 0",))
SECRET: Final = "correct horse"


# The devices


class _Out(Protocol):
    def write(self, data: bytes) -> None: ...


class _Cli(asyncssh.SSHServerSession[bytes]):
    """Echoes a line, and takes it."""

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = cast("_Out", chan)
        self._typed = b""

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        self._channel.write(b"Welcome\r\n" + PROMPT.encode())

    def data_received(self, data: bytes, datatype: int | None) -> None:
        *lines, self._typed = (self._typed + data.replace(b"\r", b"\n")).split(b"\n")
        self._channel.write(b"".join(line + b"\r\n" + PROMPT.encode() for line in lines))


class _Login(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return password == SECRET

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        return _Cli()


async def _delayed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            loop.call_later(seconds, writer.write, data)
    loop.call_later(seconds, writer.close)


def serve(told: Connection, seconds: float) -> None:
    """The devices' process."""
    _pin(1)

    async def main() -> None:
        key = host_key()
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=_Login,
            server_host_keys=[key],
            encoding=None,
            line_editor=False,
            backlog=1024,
        )

        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            far, away = await asyncio.open_connection("127.0.0.1", server.get_port())
            await asyncio.gather(_delayed(reader, away, seconds / 2), _delayed(far, writer, seconds / 2))

        front = await asyncio.start_server(relay, "127.0.0.1", 0, backlog=1024)
        told.send((front.sockets[0].getsockname()[1], " ".join(key.export_public_key().decode().split()[:2])))
        await asyncio.Event().wait()

    asyncio.run(main())


# The means


async def netres(entry: Entry, *, pipelined: bool) -> None:
    """The transport below `netres.AsyncDevice`."""
    session = await AsyncSshTransport.open(entry, SHELL)
    lines = tuple(Cli((line,)) for line in LINES)
    for operation in (Cli(("configure",)), *((Batch(lines),) if pipelined else lines), Cli(("commit",))):
        await session.execute(operation)
    await session.close()


async def bare(entry: Entry, *, pipelined: bool) -> None:
    """asyncssh, the same bytes."""
    async with asyncssh.connect(
        entry.host,
        entry.port or 22,
        username="u",
        password=SECRET,
        known_hosts=str(entry.ssh.known_hosts),
        config=None,
        client_keys=None,
        agent_path=None,
        compression_algs=None,
    ) as connection:
        process = await connection.create_process(term_type="vt100", term_size=(511, 1000), encoding=None)
        await process.stdout.readuntil(PROMPT.encode())
        for lines in (ALL[:1], ALL[1:2], *([LINES] if pipelined else [(line,) for line in LINES]), ALL[-1:]):
            process.stdin.write("".join(f"{line}\n" for line in lines).encode())
            for _ in lines:
                await process.stdout.readuntil(PROMPT.encode())


def netmiko(entry: Entry) -> None:
    """netmiko, line by line, each answer looked at."""
    from netmiko import ConnectHandler

    with ConnectHandler(
        device_type="cisco_ios",
        host=entry.host,
        port=entry.port,
        username="u",
        password=SECRET,
        ssh_strict=True,
        system_host_keys=False,
        alt_host_keys=True,
        alt_key_file=str(entry.ssh.known_hosts),
        session_log=None,
        auto_connect=True,
    ) as client:
        for line in ALL[1:]:
            client.send_command(line, expect_string=re.escape(PROMPT.strip()))


# The measurement


def _pin(processor: int) -> None:
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {processor})


def _looped(work: Callable[[Entry], Awaitable[None]], entry: Entry, devices: int, width: int) -> None:
    asyncio.run(_gathered(work, entry, devices, width))


async def _gathered(work: Callable[[Entry], Awaitable[None]], entry: Entry, devices: int, width: int) -> None:
    slots = asyncio.Semaphore(width)

    async def one() -> None:
        async with slots:
            await work(entry)

    await asyncio.gather(*(one() for _ in range(devices)))


def _threads(work: Callable[[Entry], None], entry: Entry, devices: int, width: int) -> None:
    with ThreadPoolExecutor(width) as pool:
        list(pool.map(work, [entry] * devices))


def measured(work: Callable[[], object], devices: int) -> tuple[float, float]:
    """Devices per second, and milliseconds of this process's processor time per device."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    began = time.monotonic()
    work()
    seconds = time.monotonic() - began
    now = resource.getrusage(resource.RUSAGE_SELF)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return devices / seconds, cpu / devices * 1000


def main(devices: int = 100, width: int = 100, round_trip: int = 50, repetitions: int = 3) -> None:
    """Measure all means in turn, so that what disturbs one disturbs all."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there, round_trip / 1000), daemon=True)
    server.start()
    port, key = here.recv()
    _pin(0)
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder, "known_hosts")
        known.write_text(f"[127.0.0.1]:{port} {key}\n")
        entry = Entry.model_validate(
            {
                "name": "r1",
                "platform": "frr",
                "host": "127.0.0.1",
                "port": port,
                "username": "u",
                "ssh": {"known_hosts": known, "agent": False, "config": os.devnull},
                "timeouts": {"connect": 300, "command": 300},
            }
        ).model_copy(update={"password": Secret.observed(SECRET)})
        ways: dict[str, Callable[[], object]] = {}
        for name, work in (("netres", netres), ("bare asyncssh", bare)):
            for ahead in (False, True):
                how = "pipelined" if ahead else "line by line"
                ways[f"{name}, {how}"] = partial(_looped, partial(work, pipelined=ahead), entry, devices, width)
        ways["netmiko, threads"] = lambda: _threads(netmiko, entry, devices, width)
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(repetitions):
            for name, way in ways.items():
                found[name].append(measured(way, devices))
        for name, all_ in found.items():
            rate, cpu = (round(statistics.median(column), 2) for column in zip(*all_, strict=True))
            sys.stdout.write(json.dumps({"way": name, "devices/s": rate, "client CPU ms/device": cpu}) + "\n")
    server.kill()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
