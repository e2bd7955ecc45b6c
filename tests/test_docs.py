"""Runs every block of README.md, CONTRIBUTING.md and docs/: a page is one story, told from top to bottom.

Each page has a directory of its own to run in. What a block is, its language says:

- ``python`` is executed; all blocks of a page share their names. ``bash`` is run as a script, and must succeed.
- ``console`` holds ``$ command`` lines, each followed by what it prints, both streams; ``...`` stands for any text. A
  command with nothing under it may print what it likes. One that ends in ``# exit 2`` must exit with 2, else with 0.
- ``yaml``, ``json`` and ``toml`` must parse. With ``# file: name`` as first line, they, and ``python``, are written to
  that file instead.
- ``sh`` is for the reader: lines of `NOT_RUN`, and ``make`` with targets that the Makefile has. ``text`` is text.
"""

from __future__ import annotations

import ast
import doctest
import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
NOT_RUN = frozenset({"pip install .", "pip install 'netres[testing]'", "netres --help"})
LOAD: dict[str, Callable[[str], object]] = {
    "yaml": yaml.safe_load,
    "json": json.loads,
    "toml": tomllib.loads,
    "python": ast.parse,
}
FENCE = re.compile(
    r"(?ms)^(?P<indent> *)(?P<ticks>```+)(?P<language>\S*)[^\n]*\n(?P<body>.*?)^(?P=indent)(?P=ticks) *$"
)
FILE = re.compile(r"# file: (\S+)\n")


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    content = page.read_text(encoding="utf-8")
    found = [
        Block(page, content.count("\n", 0, fence.start("body")) + 1, fence["language"], textwrap.dedent(fence["body"]))
        for fence in FENCE.finditer(content)
    ]
    assert len(re.findall(r"^ *```", content, re.MULTILINE)) == 2 * len(found), f"{page}: a block does not end"
    return found


def shell(block: Block, script: str, expected: int = 0) -> str:
    command = ["bash", "-c", f"exec 2>&1\n{script}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=120, check=False)
    assert done.returncode == expected, f"{block}: exit {done.returncode}, not {expected}\n{script}\n{done.stdout}"
    return done.stdout


def console(block: Block) -> None:
    preamble, *steps = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert not preamble, f"{block}: a console block begins with `$ `"
    for step in steps:
        command, _, wanted = step.partition("\n")
        exit_code = re.search(r"# exit (\d+)$", command)
        found = shell(block, command, int(exit_code[1]) if exit_code else 0)
        same = doctest.OutputChecker().check_output(wanted.rstrip() + "\n", found.rstrip() + "\n", doctest.ELLIPSIS)
        assert not wanted.strip() or same, f"{block}: {command}\n--- page\n{wanted}\n--- found\n{found}"


def data(block: Block) -> None:
    name = FILE.match(block.text)
    text = block.text[name.end() :] if name else block.text
    LOAD[block.language](text)
    if name:
        Path(name[1]).parent.mkdir(parents=True, exist_ok=True)
        Path(name[1]).write_text(text, encoding="utf-8")


def reader(block: Block) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for line in block.text.splitlines():
        assert line in NOT_RUN or line.removeprefix("make ") in targets, f"{block}: {line!r} is not known here"


def run(block: Block, names: dict[str, object]) -> None:
    match block.language:
        case "python" if FILE.match(block.text):
            data(block)
        case "python":
            source = "\n" * (block.line - 1) + block.text  # so that a traceback names the page's own line
            exec(compile(source, str(block.page), "exec", dont_inherit=True), names)
        case "bash":
            shell(block, f"set -euo pipefail\n{block.text}")
        case "console":
            console(block)
        case "yaml" | "json" | "toml":
            data(block)
        case "sh":
            reader(block)
        case language:
            assert language == "text", f"{block}: a block in {language!r} is not run; say what it is"


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_block_does_what_it_shows(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = types.ModuleType("story")  # a real module: pydantic and pickle look names up in sys.modules
    monkeypatch.setitem(sys.modules, "story", story)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    for name, value in {"HOME": str(tmp_path), "COLUMNS": "120", "NO_COLOR": "1", "TERM": "dumb"}.items():
        monkeypatch.setenv(name, value)
    with mock.patch.dict(os.environ):  # what a page sets is gone with it
        for block in blocks(page):
            run(block, vars(story))


def test_the_site_builds(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(build, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "connect_async" in (tmp_path / "reference" / "index.html").read_text()
