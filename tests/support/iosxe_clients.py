"""netmiko's and NAPALM's clients of a simulated router: the border to two libraries without types."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Protocol, cast

from netres.testing.sim import Lab


class Netmiko(Protocol):
    """An open netmiko connection."""

    secret: str

    def find_prompt(self) -> str: ...

    def send_command(self, line: str, expect_string: str | None = None, *, cmd_verify: bool = True) -> str: ...

    def send_config_set(self, lines: Sequence[str], *, error_pattern: str = "") -> str: ...

    def save_config(self) -> str: ...

    def enable(self) -> str: ...

    def exit_enable_mode(self) -> str: ...

    def exit_config_mode(self) -> str: ...

    def disable_paging(self) -> str: ...

    def write_channel(self, keys: str) -> None: ...

    def disconnect(self) -> None: ...


class Napalm(Protocol):
    """An open NAPALM driver."""

    device: Netmiko
    config_replace: bool

    def open(self) -> None: ...

    def close(self) -> None: ...

    def is_alive(self) -> dict[str, bool]: ...

    def get_facts(self) -> dict[str, Any]: ...

    def get_interfaces(self) -> dict[str, dict[str, Any]]: ...

    def get_config(self) -> dict[str, str]: ...

    def load_merge_candidate(self, *, config: str) -> None: ...

    def load_replace_candidate(self, *, config: str) -> None: ...

    def compare_config(self) -> str: ...

    def commit_config(self, *, revert_in: int | None = None) -> None: ...

    def has_pending_commit(self) -> bool: ...

    def confirm_commit(self) -> None: ...

    def discard_config(self) -> None: ...

    def rollback(self) -> None: ...


def _settings(lab: Lab, name: str) -> dict[str, object]:
    known_hosts = {"ssh_strict": True, "alt_host_keys": True, "alt_key_file": str(lab.folder / "known_hosts")}
    return {"port": lab.ports[name]["ssh"], "fast_cli": True, "global_delay_factor": 0.01, **known_hosts}


@contextmanager
def netmiko(lab: Lab, name: str, **how: object) -> Generator[Netmiko]:
    """netmiko's ``cisco_xe``, open."""
    device = lab[name]
    settings = {"username": device.username, "password": device.password, **_settings(lab, name), **how}
    connect = cast("Callable[..., Netmiko]", import_module("netmiko").ConnectHandler)
    made = connect(device_type="cisco_xe", host="127.0.0.1", **settings)
    try:
        yield made
    finally:
        made.disconnect()


@contextmanager
def napalm(lab: Lab, name: str) -> Generator[Napalm]:
    """NAPALM's ``ios``, open."""
    device = lab[name]
    driver = cast("Callable[..., Napalm]", import_module("napalm.base").get_network_driver("ios"))
    made = driver("127.0.0.1", device.username, device.password, optional_args=_settings(lab, name))
    made.open()
    try:
        yield made
    finally:
        made.close()
