"""NAPALM's and pyeapi's clients of a simulated switch: the border to two libraries without types."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal, Protocol, cast

from netres.testing.sim import Lab

_eapilib = import_module("pyeapi.eapilib")
CommandFailed = cast("type[Exception]", _eapilib.CommandError)
EapiLost = cast("type[Exception]", _eapilib.ConnectionError)


class Failure(Protocol):
    """What pyeapi raises for a command that fails."""

    error_code: int
    error_text: str
    output: Sequence[Mapping[str, Any]]


class Eapi(Protocol):
    """A pyeapi node."""

    def run_commands(
        self, commands: str | list[str], encoding: str = "json", send_enable: bool = True
    ) -> list[dict[str, Any]]: ...

    def enable_authentication(self, password: str) -> None: ...

    def configure_session(self) -> None: ...

    def diff(self) -> str: ...

    def commit(self) -> None: ...

    def abort(self) -> None: ...

    @property
    def api(self) -> Callable[[str], Any]: ...


class Napalm(Protocol):
    """An open NAPALM driver."""

    device: Eapi
    config_session: str | None

    def open(self) -> None: ...

    def close(self) -> None: ...

    def get_facts(self) -> dict[str, Any]: ...

    def get_interfaces(self) -> dict[str, dict[str, Any]]: ...

    def get_interfaces_counters(self) -> dict[str, dict[str, int]]: ...

    def get_vlans(self) -> dict[str, dict[str, Any]]: ...

    def get_config(self, retrieve: str = "all") -> dict[str, str]: ...

    def load_merge_candidate(self, *, config: str) -> None: ...

    def load_replace_candidate(self, *, config: str) -> None: ...

    def compare_config(self) -> str: ...

    def commit_config(self, *, revert_in: int | None = None) -> None: ...

    def has_pending_commit(self) -> bool: ...

    def confirm_commit(self) -> None: ...

    def discard_config(self) -> None: ...

    def rollback(self) -> None: ...


def pyeapi(lab: Lab, name: str, password: str | None = None) -> Eapi:
    """A pyeapi node over HTTP; it waits half a second for an answer."""
    client, device = import_module("pyeapi.client"), lab[name]
    port, secret = lab.ports[name]["http"], password or device.password
    return cast("Eapi", client.Node(client.connect("http", "127.0.0.1", device.username, secret, port, timeout=0.5)))


@contextmanager
def napalm(lab: Lab, name: str, transport: Literal["http", "https", "ssh"], **more: object) -> Generator[Napalm]:
    """NAPALM's ``eos``, open."""
    device = lab[name]
    settings: dict[str, object] = {"transport": transport, "port": lab.ports[name][transport], **more}
    if transport == "ssh":
        settings |= {"ssh_strict": True, "alt_host_keys": True, "alt_key_file": str(lab.folder / "known_hosts")}
        settings |= {"fast_cli": True, "global_delay_factor": 0.1}
    driver = cast("Callable[..., Napalm]", import_module("napalm.base").get_network_driver("eos"))
    made = driver("127.0.0.1", device.username, device.password, 5, settings)
    made.open()
    try:
        yield made
    finally:
        device.faults.clear()
        made.config_session = None
        made.close()
