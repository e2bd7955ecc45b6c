"""SNMP at scale: ``python tests/benchmarks/snmp_scale.py [AGENTS [INTERFACES [ROUNDS]]]``, as root.

One snmpd in a network namespace of its own, pinned to a processor, answers at as many addresses of 127/8; the client is
pinned to the other. What is done to each agent, so many at a time: connect, facts, interfaces. By netres over pysnmp,
by netres over gufo-snmp (extra ``fast-snmp``), and by the peer: pysnmp's own high-level interface, one engine for each
target, the same objects. Each runs in a process of its own, after one agent to warm up. Prints seconds, processor
seconds of the client, and their ratios; medians of the rounds.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final
from unittest import mock

from netres.inventory import Entry
from netres.inventory.entry import SnmpSettings
from netres.model.secret import Secret

COMMUNITY: Final = "public"
PORT: Final = 1161
AT_ONCE: Final = 10
WAYS: Final = ("peer", "pysnmp", "gufo")
ENTITY, IF, IFX, IP = "1.3.6.1.2.1.47.1.1.1.1", "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1", "1.3.6.1.2.1.4"
SCALARS: Final = (*(f"1.3.6.1.2.1.1.{number}.0" for number in (1, 2, 3, 5, 4, 6)), "1.3.6.1.2.1.25.1.1.0")
COLUMNS: Final = (
    *(f"{ENTITY}.{number}" for number in (2, 5, 10, 11, 13)),
    *(f"{IFX}.1", f"{IF}.2", f"{IF}.4", f"{IF}.7", f"{IFX}.18"),
    *(f"{IP}.34.1.3", f"{IP}.34.1.4", f"{IP}.34.1.5", f"{IP}.20.1.2", f"{IP}.20.1.3"),
)
"""What netres asks for, too."""


def address(number: int) -> str:
    """An address of the agent's, one of thousands."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


async def through_netres(number: int) -> int:
    """Facts and interfaces; how many."""
    settings = SnmpSettings(community=Secret.observed(COMMUNITY), timeout=5, retries=3)
    entry = Entry(name=f"agent-{number}", platform="snmp", host=address(number), port=PORT, snmp=settings)
    async with entry.connect_async() as resource:
        assert (await resource.facts()).vendor == "net-snmp"
        return len((await resource.observe({"interface"})).items)


async def through_pysnmp(number: int) -> int:
    """The same objects, the way pysnmp's documentation has it: an engine, a target, walks by GetBulk."""
    api: Any = importlib.import_module("pysnmp.hlapi.v3arch.asyncio")  # it ships no types
    engine, login, context = api.SnmpEngine(), api.CommunityData(COMMUNITY), api.ContextData()
    target = await api.UdpTransportTarget.create((address(number), PORT), timeout=5, retries=3)
    objects = [api.ObjectType(api.ObjectIdentity(oid)) for oid in SCALARS]
    failed, status, _, told = await api.get_cmd(engine, login, target, context, *objects)
    assert not failed, failed
    assert not status
    assert len(told) == len(SCALARS)
    interfaces = 0
    for column in COLUMNS:
        under = api.ObjectType(api.ObjectIdentity(column))
        walk = api.bulk_walk_cmd(engine, login, target, context, 0, 40, under, lexicographicMode=False)
        async for failed, status, _, pairs in walk:
            assert not failed, failed
            assert not status
            interfaces += len(pairs) * (column == f"{IF}.2")
    engine.close_dispatcher()
    return interfaces


def client(way: str, agents: int) -> None:
    """Do the work one way, and print seconds, processor seconds, and how many interfaces there were."""
    work: Callable[[int], Awaitable[int]] = through_pysnmp if way == "peer" else through_netres
    if way == "pysnmp":
        mock.patch("netres.transport.snmp.available", return_value=False).start()

    async def all_of_them() -> tuple[float, float, int]:
        await work(agents)
        free = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> int:
            async with free:
                return await work(number)

        began, processor = time.perf_counter(), time.process_time()
        found = await asyncio.gather(*(one(number) for number in range(agents)))
        return time.perf_counter() - began, time.process_time() - processor, sum(found)

    print(*asyncio.run(all_of_them()))  # noqa: T201  # the result


def serve_and_measure(agents: int, interfaces: int, rounds: int) -> None:
    """In a namespace of one's own: start snmpd, and compare."""
    lines = ["link set lo up"]
    for number in range(interfaces // 2):
        lines += [f"link add a{number} type veth peer name b{number}", f"addr add 10.99.{number}.1/24 dev a{number}"]
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "snmpd.conf").write_text(f"agentaddress udp:{PORT}\nrocommunity {COMMUNITY}\n")
        environment = {**os.environ, "SNMP_PERSISTENT_DIR": folder, "SNMPCONFPATH": folder, "MIBS": ""}
        command = ["taskset", "-c", "0", "snmpd", "-f", f"-Lf{folder}/log"]
        with subprocess.Popen(command, env=environment) as snmpd:
            time.sleep(2)
            try:
                compare(agents, rounds)
            finally:
                snmpd.terminate()


def compare(agents: int, rounds: int) -> None:
    """Each way in turn; the medians, and their ratios to the peer."""
    runs: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            command = ["taskset", "-c", "1", sys.executable, __file__, "client", way, str(agents)]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            runs[way].append((float(told[0]), float(told[1])))
            print(f"{way:7} {float(told[0]):7.2f} s  processor {float(told[1]):7.2f} s  {told[2]} interfaces")  # noqa: T201
    seconds, processor = ({way: statistics.median(one[place] for one in runs[way]) for way in WAYS} for place in (0, 1))
    for one, other in (("peer", "pysnmp"), ("pysnmp", "gufo"), ("peer", "gufo")):
        print(  # noqa: T201  # the result
            f"{one} / {other}: {seconds[one] / seconds[other]:.1f} in seconds, "
            f"{processor[one] / processor[other]:.1f} in the client's processor"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["client"]:
        client(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1:2] == ["serve"]:
        serve_and_measure(*map(int, sys.argv[2:]))
    elif os.geteuid() or shutil.which("snmpd") is None:
        sys.exit("this needs root, and snmpd (apt-get install snmpd)")
    else:
        numbers = [*sys.argv[1:], *("200", "24", "3")[len(sys.argv) - 1 :]]
        os.execvp("unshare", ["unshare", "-n", sys.executable, __file__, "serve", *numbers])
