"""A laboratory: simulated devices as real servers on loopback, and the inventory that leads to them."""

from __future__ import annotations

import asyncio
import resource
import secrets
import shutil
import ssl
import tempfile
import threading
from collections.abc import Coroutine, Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol, Self, TypeVar, cast

from netres.errors import UnknownDevice, UnknownDriver
from netres.inventory import Inventory
from netres.inventory.entry import Entry
from netres.model.secret import Secret
from netres.testing.certificates import Authority
from netres.testing.sim import registry
from netres.testing.sim.device import Simulated, Simulator, Wire
from netres.testing.sim.http_server import HttpServer
from netres.testing.sim.ssh_server import SshServer, host_key

T = TypeVar("T")


class _Server(Protocol):
    """What the servers of all wires have."""

    port: int

    async def start(self, address: str, port: int = 0) -> None: ...

    async def stop(self) -> None: ...


_FILES = 8
"""Sockets that a device needs: those it listens on, and a few connections."""


class Lab:
    """Serves devices from a thread of its own, from `start` until `stop`; a context manager.

    Args:
        devices: from each device's name to its platform or its simulator; or the entries of an inventory, whose user
            names and passwords are taken, where they have any.
        address: where the servers listen; each wire of each device has a port that the system chooses.

    Raises:
        UnknownDriver: a platform has no simulator.
        SecretError: an entry's password is a reference that leads nowhere.
    """

    def __init__(self, devices: Mapping[str, str | Simulator] | Iterable[Entry], address: str = "127.0.0.1") -> None:
        self.address = address
        self._entries: dict[str, Entry] = {}
        self._simulators: dict[str, Simulator] = {}
        if isinstance(devices, Mapping):
            for name, platform in cast("Mapping[str, str | Simulator]", devices).items():
                simulator = _simulator(name, platform) if isinstance(platform, str) else platform
                self._add(Entry(name=name, platform=simulator.platform, host=address), simulator)
        else:
            for entry in devices:
                self._add(entry, _simulator(entry.name, entry.platform))
        self.devices: dict[str, Simulated] = {
            name: _made(self._simulators[name], entry) for name, entry in self._entries.items()
        }
        self.ports: dict[str, dict[Wire, int]] = {name: {} for name in self.devices}
        """Of each device, the port of each wire."""
        self._servers: list[_Server] = []
        self._folder: Path | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def _add(self, entry: Entry, simulator: Simulator) -> None:
        self._entries[entry.name] = entry
        self._simulators[entry.name] = simulator

    @property
    def folder(self) -> Path:
        """Holds ``known_hosts``, ``ca.pem`` and the passwords, while the laboratory runs."""
        if self._folder is None:
            raise RuntimeError("the laboratory is not started")
        return self._folder

    @property
    def names(self) -> tuple[str, ...]:
        """The devices' names."""
        return tuple(self.devices)

    def __getitem__(self, name: str) -> Simulated:
        """A device.

        Raises:
            UnknownDevice: there is none of that name.
        """
        if name not in self.devices:
            raise UnknownDevice(f"no device {name!r} in the laboratory; there are: {', '.join(self.devices)}")
        return self.devices[name]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Serve. What fails to start ends the laboratory, and is raised."""
        _allow_files(len(self.devices) * _FILES)
        self._folder = Path(tempfile.mkdtemp(prefix="netres-lab-"))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="netres-lab", daemon=True)
        self._thread.start()
        try:
            self.run(self._serve(Authority.new(self._folder)))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every server and connection, and remove the folder; never raises."""
        loop, self._loop = self._loop, None
        if loop is not None and self._thread is not None:
            with suppress(Exception):
                asyncio.run_coroutine_threadsafe(self._end(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join()
            loop.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def entry(self, name: str) -> Entry:
        """How netres reaches a device of the laboratory: host, port, known host key, certificate, credentials."""
        device, entry = self[name], self._entries[name]
        wire = self._simulators[name].manage
        settings: dict[str, object] = {
            "host": self.address,
            "port": self.ports[name][wire],
            "username": device.username,
        }
        settings["password"] = entry.password or Secret(f"file:{self.password_file(name)}")
        if wire == "ssh":
            settings["ssh"] = entry.ssh.model_copy(update={"known_hosts": self.folder / "known_hosts"})
        if wire in {"http", "https"}:
            http = {"scheme": wire, "ca": self.folder / "ca.pem"}
            settings["http"] = entry.http.model_copy(update=http)
        if wire == "snmp" and entry.snmp.community is None and entry.snmp.auth_key is None:
            kept = self._kept(f"{name}.community", device.community)
            community = {"community": Secret(f"file:{kept}")}
            settings["snmp"] = entry.snmp.model_copy(update=community)
        return entry.model_copy(update=settings)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Of every device."""
        return tuple(self.entry(name) for name in self.devices)

    @property
    def inventory(self) -> Inventory:
        """Of the whole laboratory."""
        devices = {entry.name: entry.settings() for entry in self.entries}
        return Inventory.from_mapping({"devices": devices}, "laboratory", platforms=registry.platforms())

    def password_file(self, name: str) -> Path:
        """A file with a device's password, which only this user can read."""
        return self._kept(name, self[name].password)

    def _kept(self, name: str, value: str) -> Path:
        path = self.folder / f"{name}.secret"
        path.touch(mode=0o600)
        path.write_text(value)
        return path

    async def _serve(self, authority: Authority) -> None:
        for name, device in self.devices.items():
            if "ssh" in device.wires:
                server = SshServer(device, host_key())
                self.ports[name]["ssh"] = await self._started(server)
            if device.http:
                tls = authority.server(self.address, "localhost")
                device.rekeyed.append(partial(_distrust, tls, self.folder / "other", self.address))
                self.ports[name]["https"] = await self._started(HttpServer(device, tls))
                self.ports[name]["http"] = await self._started(HttpServer(device, None))
            if device.mib:
                from netres.testing.sim.snmp_server import SnmpServer  # pysnmp: heavy, and few devices need it

                self.ports[name]["snmp"] = await self._started(SnmpServer(device))
        self._know_hosts()

    async def _started(self, server: _Server) -> int:
        await server.start(self.address)
        self._servers.append(server)
        return server.port

    def _know_hosts(self) -> None:
        servers = [server for server in self._servers if isinstance(server, SshServer)]
        lines = [f"[{self.address}]:{server.port} {server.public_key}\n" for server in servers]
        (self.folder / "known_hosts").write_text("".join(lines))

    async def _end(self) -> None:
        await asyncio.gather(*(server.stop() for server in self._servers))
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def run(self, doing: Coroutine[object, object, T]) -> T:
        """Run something on the laboratory's own event loop, and wait for it."""
        if self._loop is None:
            doing.close()
            raise RuntimeError("the laboratory is not started")
        waiting: Future[T] = asyncio.run_coroutine_threadsafe(doing, self._loop)
        return waiting.result()


def _allow_files(count: int) -> None:
    """Have the system let this process open so many files more, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 256
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard) if hard > 0 else wanted, hard))


def _distrust(tls: ssl.SSLContext, folder: Path, address: str) -> None:
    """Have a server show a certificate of another authority from the next connection on."""
    folder.mkdir(exist_ok=True)
    _, path = Authority.new(folder).issued(address, "localhost")
    tls.load_cert_chain(path, path.with_suffix(".key"))


def _simulator(name: str, platform: str) -> Simulator:
    try:
        return registry.get(platform)
    except UnknownDriver as error:
        raise UnknownDriver(f"device {name!r}: {error}") from error


def _made(simulator: Simulator, entry: Entry) -> Simulated:
    device = simulator.make(entry.name)
    device.password = entry.password.resolve().reveal() if entry.password else secrets.token_urlsafe(12)
    device.username = entry.username or device.username
    return device
