"""Reports of a run: what stands in them, in what order, and that no value of a run becomes markup or a control."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from needed import need
from rich.console import Console

from netres.change import Change
from netres.errors import UsageError
from netres.fleet.report import shown, write
from netres.fleet.report_html import html
from netres.fleet.report_junit import junit
from netres.fleet.report_lines import lines
from netres.fleet.report_table import table
from netres.fleet.rows import STATUSES, Row, RunReport, Status, counted
from netres.model import BgpNeighbor, Secret, Vlan
from netres.plan import ApplyResult, Outcome

BEGAN: Final = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
# What Jenkins's junit-10.xsd lets stand where, of what is written here: element, attributes, children.
ALLOWED: Final = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
        {"testcase", "system-out"},
    ),
    "testcase": ({"name", "classname", "time"}, {"failure", "error", "skipped", "system-out"}),
    "failure": ({"type", "message"}, set[str]()),
    "error": ({"type", "message"}, set[str]()),
    "skipped": ({"type", "message"}, set[str]()),
    "system-out": (set[str](), set[str]()),
}
HOSTILE: Final = "</pre><script>alert(1)</script><b a=\"'&amp;]]>{{ 7*7 }}\x00\x1b[31m\x85\u202e\ud800\ufffe"


def _report(*rows: Row, task: str = "apply 2 items", stopped: str = "") -> RunReport:
    found: dict[Status, int] = {status: sum(row.status == status for row in rows) for status in STATUSES}
    return RunReport(
        id="4f2a", task=task, began=BEGAN, ended=BEGAN + timedelta(seconds=12.5), rows=rows, stopped=stopped
    ).model_copy(update={"counts": counted(found)})


def _changed(device: str, name: str = "voice") -> Row:
    changes = (
        Change.of(Vlan(id=20, name="old"), Vlan(id=20).model_copy(update={"name": name})),
        Change.of(None, Vlan(id=30, name="cameras")),
        Change.of(Vlan(id=40, name="gone"), None),
    )
    result = ApplyResult(device="r1", platform="memory", outcome=Outcome.APPLIED, plan="d1", changes=changes)
    return Row(device=device, platform="memory", status="done", seconds=1.25, result=result, transaction="01tx")


def _mixed() -> RunReport:
    return _report(
        Row(device="r1", platform="memory", status="unchanged"),
        _changed("r2"),
        Row(device="r3", platform="frr", status="failed", error="refused: % Unknown command", error_type="Refused"),
        Row(device="r4", platform="frr", status="skipped", error="the run was stopped"),
        Row(device="r5", platform="frr", status="unknown", error="no answer", error_type="Timeout"),
        Row(device="r6", platform="frr", status="done", answers=(("show version", "FRRouting 8.4"),)),
        Row(device="r7", platform="frr", status="cancelled", error="taken back", value=None),
        stopped="1 of 1 failures",
    )


class _Page(HTMLParser):
    """The tags of a page with the names of their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.sources: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.sources += [value or "" for name, value in attrs if name in {"src", "href", "action", "data"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_shows_failures_first_and_loads_nothing() -> None:
    page = _Page(html(_mixed()))
    main = page.text[page.text.index("unknown (1)") :]
    order = [main.index(f"{device} ") for device in ("r5", "r3", "r7", "r4", "r2", "r6", "r1")]
    assert order == sorted(order)
    assert "- vlan" in page.text
    assert "name: 'old' → 'voice'" in page.text
    assert "FRRouting 8.4" in page.text
    assert "1 of 1 failures" in page.text
    assert not page.sources
    assert "url(" not in html(_mixed())
    assert "@import" not in html(_mixed())


def _hostile(text: str) -> RunReport:
    row = Row(device="d", platform="p", status="failed", value={"k": "v"}).model_copy(
        update={"device": text, "platform": text, "error": text, "error_type": text, "answers": ((text, text),)}
    )
    report = _report(row.model_copy(update={"transaction": text}), _changed("r2", text))
    return report.model_copy(update={"task": text, "stopped": text, "id": text})


TEXTS = st.text(min_size=1) | st.text(alphabet="<>&\"'`]/!-={}%\x00\x0b\x1b\r\n\u2028\ud800", min_size=1)


@settings(max_examples=30, deadline=None)
@given(TEXTS)
def test_no_value_becomes_markup(text: str) -> None:
    page, plain = _Page(html(_hostile(text))), _Page(html(_hostile("x")))
    assert page.tags == plain.tags
    assert shown(text).strip() in page.text
    tree = ET.fromstring(junit(_hostile(text)))
    case = tree.find("testsuite/testcase")
    assert case is not None
    assert case.get("name") == shown(text)
    assert [one.tag for one in tree.iter()] == [one.tag for one in ET.fromstring(junit(_hostile("x"))).iter()]


@settings(max_examples=20, deadline=None)
@given(TEXTS)
def test_no_value_controls_a_terminal(text: str) -> None:
    console = Console(width=200, force_terminal=True, record=True)
    with console.capture():
        console.print(table(_hostile(text)))
    told = console.export_text()
    assert all(char.isprintable() or char == "\n" for char in told.replace("\t", " "))


def test_junit_is_what_jenkins_and_gitlab_read() -> None:
    tree = ET.fromstring(junit(_mixed()))
    for one in tree.iter():
        attributes, children = ALLOWED[one.tag]
        assert set(one.keys()) <= attributes
        assert {child.tag for child in one} <= children
    suite = tree.find("testsuite")
    assert suite is not None
    numbers = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
    assert numbers == {"tests": "7", "failures": "1", "errors": "2", "skipped": "1", "time": "12.500"}
    failure = suite.find("testcase[@name='r3']/failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("Refused", "refused: % Unknown command")


def test_lines_can_be_read_back() -> None:
    report = _mixed()
    *rows, last = lines(report).splitlines()
    assert tuple(Row.model_validate_json(one) for one in rows) == report.rows
    assert RunReport.model_validate_json(last) == report.model_copy(update={"rows": ()})


def test_a_table_shows_every_failure_and_says_what_it_leaves_out() -> None:
    console = Console(width=160, no_color=True)
    with console.capture() as captured:
        console.print(table(_mixed(), most=1))
    told = captured.get()
    assert told.index("r5") < told.index("r3") < told.index("r7") < told.index("r4")
    assert "r2" not in told
    assert "3 more are not shown" in told


@pytest.mark.parametrize("name", ["run.html", "run.xml", "run.jsonl"])
def test_the_name_of_a_file_tells_its_form(tmp_path: Path, name: str) -> None:
    write(_hostile(HOSTILE).model_copy(update={"rows": _mixed().rows}), tmp_path / name)
    assert (tmp_path / name).read_text(encoding="utf-8").endswith("\n")


def test_another_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"run\.pdf.*\*\.html, \*\.xml, \*\.jsonl"):
        write(_mixed(), tmp_path / "run.pdf")
    assert not list(tmp_path.iterdir())


def test_no_secret_is_shown() -> None:
    before = BgpNeighbor(address="192.0.2.2", remote_as=65002, password=Secret.observed("old-pass"))
    after = before.model_copy(update={"password": Secret.observed("new-pass")})
    result = ApplyResult(
        device="r1", platform="frr", outcome=Outcome.APPLIED, plan="d1", changes=(Change.of(before, after),)
    )
    report = _report(Row(device="r1", platform="frr", status="done", result=result))
    for told in (html(report), junit(report), lines(report)):
        assert "192.0.2.2" in told
        assert "password" in told
        assert "old-pass" not in told
        assert "new-pass" not in told


@pytest.mark.real
def test_a_browser_shows_it(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    need(None if browser else "chromium is not installed; scripts/system-packages.sh installs it")
    write(_hostile(HOSTILE), tmp_path / "run.html")
    asked = [browser or "", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    asked += ["--dump-dom", (tmp_path / "run.html").as_uri()]
    dom = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True, env=os.environ).stdout
    assert '<p class="search">' in dom  # its own script ran, since the policy lets it: the search is no longer hidden
    assert dom.count("<script") == 1
