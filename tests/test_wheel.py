"""The wheel, installed where there is no checkout: what a user gets works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
USE = """
import importlib.metadata, json, netres, netres_drivers
from netres import registry, schemas

found = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in schemas.folder().iterdir()}
print(json.dumps({
    "places": [netres.__file__, netres_drivers.__file__, str(schemas.folder())],
    "versions": [netres.__version__, importlib.metadata.version("netres")],
    "platforms": [registry.get(platform).platform for platform in registry.platforms()],
    "schemas": found,
}))
"""


def call(*command: str | Path, cwd: Path | None = None) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def home(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it; its dependencies are this environment's, without the editable netres."""
    place = tmp_path_factory.mktemp("home")
    venv.create(place, symlinks=True, with_pip=False)
    python = place / "bin" / "python"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    call(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel)
    site = call(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    Path(site, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return place


def test_it_holds_both_packages_and_no_recording(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"netres/py.typed", "netres_drivers/py.typed"} <= set(names)
    assert not [name for name in names if "captures" in name or name.endswith("ruff.toml")]
    assert {name.partition("/")[0] for name in names} == {"netres", "netres_drivers", "netres-0.1.0.dist-info"}


def test_every_driver_and_schema_is_there(home: Path, tmp_path: Path) -> None:
    answer = json.loads(call(home / "bin" / "python", "-c", USE, cwd=tmp_path))
    assert [place for place in answer["places"] if not place.startswith(str(home))] == []
    assert answer["versions"] == ["0.1.0", "0.1.0"]
    folders = (ROOT / "drivers" / "netres_drivers").glob("*/__init__.py")
    assert sorted(answer["platforms"]) == sorted(file.parent.name for file in folders)
    here = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in (ROOT / "schemas" / "v1").iterdir()}
    assert answer["schemas"] == here
    assert "catalog.json" in here


def test_the_command_lists_the_drivers(home: Path, tmp_path: Path) -> None:
    drivers = json.loads(call(home / "bin" / "netres", "drivers", "--json", cwd=tmp_path))
    assert {driver["platform"] for driver in drivers} >= {"frr", "memory"}
    assert all(driver["families"] and driver["capabilities"] for driver in drivers)
