"""A run as JSON lines: one per device, and at last one that sums them up."""

from __future__ import annotations

import json

from netres.fleet.rows import Row, RunReport


def row(one: Row) -> str:
    """A device's line, in ASCII, with its line end: the fields of `Row`."""
    return json.dumps(one.model_dump(mode="json")) + "\n"


def last(report: RunReport) -> str:
    """The last line: the fields of `RunReport` without the rows; it has ``task``, where a device's has ``device``."""
    return json.dumps(report.model_dump(mode="json", exclude={"rows"})) + "\n"


def lines(report: RunReport) -> str:
    """All lines, the devices in the order in which they came."""
    return "".join([*map(row, report.rows), last(report)])
