"""A run on a Dask cluster of which a worker dies: each device is changed once. A real PostgreSQL has the journal."""

from __future__ import annotations

import os
import signal
from collections import Counter
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from needed import need
from postgres import Postgres

from netres import fleet
from netres.async_device import AsyncDevice
from netres.fleet.journal import Journal
from netres.inventory import Inventory
from netres.model import Config, Vlan


class Deadly:
    """Applies; the worker that is to change m3 is killed before it does, and the one of m5 after that; once each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def __call__(self, resource: AsyncDevice) -> object:
        plan = await resource.plan(Config.of([Vlan(id=20, name="voice")]))
        if resource.name == "m3":
            self.die("before")
        done = await resource.apply(plan)
        if resource.name == "m5":
            self.die("after")
        return done

    def die(self, when: str) -> None:
        mark = self.folder / when
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of Dask's own, when a worker of it dies
def test_a_worker_dies_and_each_device_is_changed_once(
    tmp_path: Path, server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(None if find_spec("distributed") else "distributed is not installed (pip install 'netres[dev]')")
    distributed = import_module("distributed")
    monkeypatch.setenv("PGPASSWORD", server.password)
    support = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([support, os.environ.get("PYTHONPATH", "")]))
    devices = Inventory.from_mapping(
        {
            "devices": {
                f"m{number}": {"platform": "memory", "host": "m", "options": {"state": f"{tmp_path}/m{number}.json"}}
                for number in range(12)
            }
        }
    )
    where = server.url.replace(f":{server.password}@", "@")
    with (
        Journal.open(where) as book,
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True) as cluster,
        distributed.Client(cluster) as client,
    ):
        report = fleet.run(Deadly(tmp_path), devices, journal=book, executor=client.get_executor(retries=3))
        assert report.counts == {"done": 12}
        assert {path.name for path in tmp_path.iterdir()} >= {"before", "after"}
        assert all("voice" in (tmp_path / f"{name}.json").read_text() for name in devices)
        assert Counter(one.device for record in book.history() for one in record.parts) == Counter(list(devices))
