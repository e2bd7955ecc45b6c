"""What an import loads, what it offers, and who may import whom."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

import netres
import netres_drivers
from netres import errors as netres_errors

ROOT = Path(__file__).parents[1]
HEAVY = {
    "httpx",
    "jinja2",
    "keyring",
    "napalm",
    "netmiko",
    "paramiko",
    "pysnmp",
    "pytest",
    "rich",
    "sqlalchemy",
    "typer",
}
JOURNALED = {"Journal", "Recovered", "Transaction", "recover"}
"""What needs the database."""
PLATFORMS = sorted(module.name for module in pkgutil.iter_modules(netres_drivers.__path__))
PUBLIC = [
    "AccessPoint",
    "AllowedPeer",
    "ApGroup",
    "ApplyFailed",
    "ApplyResult",
    "ApplyTerms",
    "AsyncDevice",
    "AuthFailed",
    "Baseline",
    "BgpNeighbor",
    "BgpNetwork",
    "BgpRouter",
    "Busy",
    "CallRoute",
    "CallStatistics",
    "Capability",
    "CertificateError",
    "Change",
    "Component",
    "Config",
    "ConnectFailed",
    "Cpu",
    "Device",
    "DeviceError",
    "Difference",
    "DnsServer",
    "Drift",
    "DriftReport",
    "Driver",
    "Effect",
    "Entry",
    "Facts",
    "Guarantee",
    "HostKeyMismatch",
    "HostKeyUnknown",
    "HttpSettings",
    "Impact",
    "Interface",
    "InterfaceState",
    "InvalidConfig",
    "Inventory",
    "Item",
    "Journal",
    "JournalFailed",
    "Keepalive",
    "Key",
    "LeaseLost",
    "LldpNeighbor",
    "MediaPolicy",
    "Memory",
    "MissingDependency",
    "NativeConfig",
    "NetresError",
    "NotFound",
    "NtpServer",
    "OspfInterface",
    "OspfRouter",
    "Outcome",
    "ParseError",
    "PeerState",
    "Plan",
    "PrefixList",
    "PrefixListEntry",
    "Radio",
    "RadiusServer",
    "Recovered",
    "Rejected",
    "Resource",
    "RouteMap",
    "RouteMapEntry",
    "Secret",
    "SecretError",
    "SessionExpired",
    "SipInterface",
    "SipPeer",
    "SipTrunk",
    "SnmpSettings",
    "Source",
    "SshSettings",
    "StalePlan",
    "State",
    "StaticRoute",
    "Support",
    "SyslogServer",
    "System",
    "TamperedPlan",
    "Timeout",
    "Timeouts",
    "Timer",
    "Transaction",
    "TransactionFailed",
    "TransactionResult",
    "TransportError",
    "TrunkState",
    "UnknownDevice",
    "UnknownDriver",
    "Unsupported",
    "UsageError",
    "Vlan",
    "WirelessClient",
    "Wlan",
    "WlanSecurity",
    "drivers",
    "recover",
]


def loaded_by(statement: str) -> set[str]:
    script = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def heads(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_netres_and_all_its_public_names_are_light_and_load_no_driver() -> None:
    names = sorted(set(netres.__all__) - JOURNALED)
    statement = f"import netres; [getattr(netres, name) for name in {names}]"
    assert not heads(loaded_by(statement)) & {*HEAVY, "netres_drivers"}
    statement = "import netres; [getattr(netres, name) for name in netres.__all__]"
    assert heads(loaded_by(statement)) & {*HEAVY, "netres_drivers"} == {"sqlalchemy"}


def test_the_command_line_starts_without_what_only_some_commands_need() -> None:
    assert not loaded_by("import netres.cli.app") & {"asyncio", "httpx", "paramiko", "sqlalchemy"}


def test_listing_the_platforms_imports_no_driver() -> None:
    modules = loaded_by("from netres import registry; assert registry.platforms()")
    assert not [module for module in modules if module.startswith("netres_drivers.")]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_driver_is_light_and_loads_no_other_vendors(platform: str) -> None:
    folder = f"netres_drivers.{platform}"
    modules = loaded_by(
        f"import importlib, pkgutil, {folder} as package\n"
        f"for found in pkgutil.walk_packages(package.__path__, '{folder}.'): importlib.import_module(found.name)"
    )
    assert not heads(modules) & HEAVY
    others = {module.split(".")[1] for module in modules if module.startswith("netres_drivers.")}
    vendor = platform.partition("_")[0]
    assert {other.partition("_")[0] for other in others} == {vendor}


def test_the_public_names_are_these() -> None:
    assert sorted(netres.__all__) == PUBLIC
    for name in PUBLIC:
        assert getattr(netres, name) is not None


@pytest.mark.parametrize(
    ("place", "statement"),
    [
        ("drivers/netres_drivers/frr/scratch.py", "import socket"),
        ("drivers/netres_drivers/frr/scratch.py", "from time import sleep"),
        ("drivers/netres_drivers/frr/scratch.py", "from netres.transport.fake import FakeTransport"),
        ("drivers/netres_drivers/frr/scratch.py", "from ..memory import DRIVER"),
        ("src/netres/engine.py", "import asyncio"),
        ("src/netres/model/scratch.py", "import logging"),
        ("src/netres/text/scratch.py", "import netmiko"),
        ("src/netres/plan.py", "from netres_drivers.frr import DRIVER"),
        ("src/netres/transport/scratch.py", "import netres_drivers"),
        ("src/netres/testing/scratch.py", "import netres_drivers.frr"),
        ("src/netres/fleet/scratch.py", "import netres_drivers.frr"),
        ("src/netres/fleet/journal/scratch.py", "import paramiko"),
    ],
)
def test_the_linter_refuses_what_the_design_forbids(place: str, statement: str) -> None:
    name = f"--stdin-filename={ROOT / place}"
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select=TID", name, "-"]
    done = subprocess.run(ruff, input=f"{statement}\n", capture_output=True, text=True, check=False)
    assert (done.returncode, "TID25" in done.stdout) == (1, True), done.stdout + done.stderr


def test_whatever_can_be_caught_and_whatever_an_entry_is_made_of_is_public() -> None:
    errors = {
        one.__name__ for one in vars(netres_errors).values() if isinstance(one, type) and issubclass(one, Exception)
    }
    defaults = [field.default for field in netres.Entry.model_fields.values()]
    settings = {type(one).__name__ for one in defaults if isinstance(one, BaseModel)}
    assert "NotFound" in errors
    assert "HttpSettings" in settings
    assert errors | settings <= set(netres.__all__)
