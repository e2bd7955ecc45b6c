"""Plans, results and journals for the tests of the journal."""

from __future__ import annotations

import zlib
from pathlib import Path

from sessions import MEMORY
from sqlalchemy import create_engine, select

from netres.fleet.journal import Journal, Leases, Part
from netres.fleet.journal.place import Place
from netres.fleet.journal.schema import BLOB
from netres.model import Config, Vlan
from netres.operation import Note
from netres.plan import ApplyResult, Plan
from netres.resource import Device
from netres_drivers.memory.device import MemoryDevice


def planned(name: str = "m1", number: int = 20) -> Plan:
    """A plan for a device in memory."""
    return Device(name, MEMORY, MemoryDevice().session()).plan(Config.of([Vlan(id=number)]))


def applied(plan: Plan) -> ApplyResult:
    """The result of applying it to such a device."""
    return Device(plan.device, MEMORY, MemoryDevice().session()).apply(plan)


def parts(journal: Journal, leases: Leases, *names: str) -> list[Part]:
    """A part for each device."""
    plan = planned()
    return [
        journal.part(leases.tx, plan.model_copy(update={"device": name}).sealed(), leases, after=("before",))
        for name in names
    ]


def store(journal: Journal, result: ApplyResult, plan: Plan, *steps: str) -> str:
    """A whole transaction with one device: its id."""
    tx = journal.begin(why="upgrade", ticket="CHG-7")
    with journal.lease(tx, [plan.device]) as leases:
        part = journal.part(tx, plan, leases)
        part.note(Note("before", result=result))
        for step in steps:
            part.answer(part.step(step), "ok")
        part.note(Note("after", result=result))
    journal.end(tx, "applied")
    return tx


def everything(where: str | Path) -> bytes:
    """All that is stored: of a file every byte, and what is compressed in it; of a server its tables."""
    place = Place.of(where)
    engine = create_engine(place.url)
    with engine.connect() as connection:
        told = b"".join(
            zlib.decompress(data)
            for data, sealed in connection.execute(select(BLOB.c.data, BLOB.c.sealed))
            if not sealed
        )
        if place.path is None:
            for table in ("meta", "tx", "part", "step", "lease", "baseline"):
                rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
                told += str([tuple(row) for row in rows]).encode()  # a row's own repr leaves out what is long
    engine.dispose()
    files = [] if place.path is None else list(place.path.parent.glob(f"{place.path.name}*"))
    return told + b"".join(path.read_bytes() for path in files)


def blobs(where: str | Path) -> list[int]:
    """The sizes of what is stored as blobs."""
    engine = create_engine(Place.of(where).url)
    with engine.connect() as connection:
        sizes = [len(data) for data in connection.scalars(select(BLOB.c.data))]
    engine.dispose()
    return sizes
