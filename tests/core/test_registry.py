"""Drivers are found by name: netres's own, and those of other packages."""

from __future__ import annotations

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


def test_a_demo_that_cannot_run_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr("netres_drivers.frr.demo.available", lambda: "needs root")
    assert demo.choose(None, heard.append) is dict(demo.demos())["memory"]
    assert heard == ["The demo of frr cannot run here: needs root."]
    with pytest.raises(UsageError, match="the demo of frr cannot run here: needs root"):
        demo.choose("frr", heard.append)
    with pytest.raises(UsageError, match="'toaster' has no demo; there are: frr, "):
        demo.choose("toaster", heard.append)
    monkeypatch.setattr("netres_drivers.memory.demo.available", lambda: "no")
    with pytest.raises(UsageError, match="no demo can run here"):
        demo.choose(None, heard.append)


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
    assert main(["demo", "memory"]) == 0
    told = capsys.readouterr().out
    assert "$ netres plan m1 m1.yaml" in told
    assert "name: 'by-hand' → 'voice'" in told
    assert told.count("outcome: applied") == 4
    assert "native configuration as before: to the byte" in told
    assert Path.cwd() == tmp_path
