"""A run as one HTML file that needs nothing else: for a browser, and for the paper of a change ticket."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Final

from netres.fleet.report import ORDER, changed, ordered, shown, told
from netres.fleet.rows import Row, RunReport

_HERE: Final = Path(__file__).parent
_CLASSES: Final = {"+": "add", "-": "del", "~": "mod"}


def html(report: RunReport) -> str:
    """The page. No value of the run becomes markup; no script but its own runs, and nothing is loaded (CSP)."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.keep_trailing_newline = True
    environment.filters["shown"] = shown
    style, script = ((_HERE / f"report.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    rows = ordered(report.rows)
    groups = [(status, [_told(row) for row in rows if row.status == status]) for status in ORDER]
    return environment.get_template("report.html.j2").render(
        report=report,
        groups=[(status, mine) for status, mine in groups if mine],
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src {_pinned(style)}; script-src {_pinned(script)}",
        seconds=(report.ended - report.began).total_seconds(),
    )


def _told(row: Row) -> dict[str, object]:
    """What the template shows of a row."""
    return {
        "row": row,
        "diff": [(_CLASSES.get(sign, "same"), line) for sign, line in changed(row)],
        "parts": list(told(row)),
    }


def _pinned(text: str) -> str:
    """A source of Content Security Policy level 2: this text and no other."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
