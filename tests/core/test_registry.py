"""Drivers are found by name: netres's own, and those of other packages."""

from __future__ import annotations

import re
import sys
import types
from dataclasses import replace
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from netres import registry
from netres.errors import UnknownDriver, UsageError
from netres.testing import demo


@pytest.fixture
def another(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A driver in somebody else's package."""
    module = types.ModuleType("acme_netres")
    vars(module)["__path__"] = []
    vars(module)["DRIVER"] = replace(registry.get("memory"), platform="acme")
    monkeypatch.setitem(sys.modules, "acme_netres", module)
    points = EntryPoints([EntryPoint("acme", "acme_netres", registry.GROUP)])

    def entry_points(group: str) -> EntryPoints:
        return points.select(group=group)

    monkeypatch.setattr(registry, "entry_points", entry_points)
    return module


def test_drivers_of_others_stand_beside_our_own(another: types.ModuleType) -> None:
    assert registry.platforms() == tuple(sorted(("acme", *registry.own())))
    assert registry.get("acme").platform == "acme"
    assert next(registry.drivers()).platform == "acme"
    assert registry.families("frr") == ("router",)
    assert {"frr", "memory"} <= dict(demo.demos()).keys()


def test_what_is_no_driver_is_refused(another: types.ModuleType) -> None:
    vars(another)["DRIVER"] = "a driver"
    with pytest.raises(UsageError, match="the module of driver 'acme' has no Driver named DRIVER"):
        registry.get("acme")
    with pytest.raises(UnknownDriver, match=r"unknown platform 'frrr'; did you mean 'frr'\?; known: acme, "):
        registry.get("frrr")


def test_where_real_software_cannot_run_the_memory_driver_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    known = dict(demo.demos())
    for platform, one in known.items():
        if one.real:
            monkeypatch.setattr(f"netres_drivers.{platform}.demo.available", lambda: "needs root")
    assert demo.cast_of(False, heard.append) == dict.fromkeys(demo.FAMILIES, known["memory"])
    assert "frr cannot run here: needs root." in heard
    with pytest.raises(UsageError, match="the demo of frr cannot run here: needs root"):
        demo.play("frr")
    with pytest.raises(UsageError, match="'memory' has no demo of its own; there are: frr"):
        demo.play("memory")
    monkeypatch.setattr("netres_drivers.memory.demo.available", lambda: "no")
    with pytest.raises(UsageError, match="no driver can show here: access-point, router, sbc, wireless-controller"):
        demo.cast_of(False, heard.append)


def test_real_software_plays_where_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netres_drivers.frr.demo.available", lambda: None)
    known = dict(demo.demos())
    assert demo.cast_of(False, print)["router"] is known["frr"]
    assert demo.cast_of(True, print)["router"] is known["memory"]


def test_without_our_own_drivers_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    registry.own.cache_clear()
    monkeypatch.setitem(sys.modules, "netres_drivers", None)
    try:
        assert registry.platforms() == ()
    finally:
        registry.own.cache_clear()


def test_a_demo_plays(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from netres.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["demo", "--stand-ins"]) == 0
    told = capsys.readouterr().out
    for family, name in demo.FAMILIES.items():
        assert re.search(rf"{name} +{family} +memory +STAND-IN: a device in memory", told)
        assert f"{name}: the device's own configuration is byte for byte as before" in told
    assert "$ netres capabilities r1 ap1 wlc1 sbc1" in told
    assert "name: 'by-hand' → 'voice'" in told
    assert told.count(": applied") == 3 * len(demo.FAMILIES)
    assert "made-up" not in told
    assert Path.cwd() == tmp_path
