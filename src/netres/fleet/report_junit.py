"""A run as JUnit XML, as Jenkins and GitLab read it: a device is a test case.

Jenkins: ``junit-10.xsd`` of its xUnit plugin; GitLab: "Unit test report examples", what it reads of them.
"""

from __future__ import annotations

from collections import Counter
from typing import Final
from xml.etree import ElementTree as ET

from netres.fleet.report import changed, ordered, shown, summary, told
from netres.fleet.rows import Row, RunReport, Status

_CHILD: Final[dict[Status, str]] = {
    "failed": "failure",
    "unknown": "error",
    "cancelled": "error",
    "skipped": "skipped",
}


def junit(report: RunReport) -> str:
    """The XML, failures first. ``unknown`` and ``cancelled`` are errors, ``skipped`` is skipped."""
    found = Counter(_CHILD.get(row.status, "") for row in report.rows)
    numbers = {
        "tests": str(len(report.rows)),
        "failures": str(found["failure"]),
        "errors": str(found["error"]),
        "skipped": str(found["skipped"]),
        "time": f"{(report.ended - report.began).total_seconds():.3f}",
    }
    suites = ET.Element("testsuites", {"name": "netres"})
    suite = ET.SubElement(
        suites,
        "testsuite",
        {"name": shown(report.task), "timestamp": report.began.strftime("%Y-%m-%dT%H:%M:%S"), **numbers},
    )
    for row in ordered(report.rows):
        _case(suite, row)
    stopped = f"; stopped: {report.stopped}" if report.stopped else ""
    ET.SubElement(suite, "system-out").text = shown(f"run {report.id}: {summary(report)}{stopped}")
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=False) + "\n"


def _case(suite: ET.Element, row: Row) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        {"name": shown(row.device), "classname": shown(f"netres.{row.platform}"), "time": f"{row.seconds:.3f}"},
    )
    if child := _CHILD.get(row.status):
        about = {"message": shown(row.error or row.status), "type": shown(row.error_type or row.status)}
        ET.SubElement(case, child, about).text = shown(row.error)
    parts = ["\n".join(line for _, line in changed(row)), *(f"{head}:\n{text}" for head, text in told(row))]
    if out := "\n\n".join(filter(None, parts)):
        ET.SubElement(case, "system-out").text = out
