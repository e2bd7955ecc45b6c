"""Redaction of what real devices showed: nothing is left, and whoever parses it still can."""

from __future__ import annotations

import os
import re
from importlib import import_module
from pathlib import Path
from typing import cast

import pytest
import yaml

from netres.testing.record import Redactor
from netres.testing.record.finds import finds

RECORDINGS = Path(os.environ.get("NETRES_RECORDINGS") or "/nowhere")
NEEDS_RECORDINGS = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="NETRES_RECORDINGS names no folder")
KINDS = frozenset({".txt", ".cfg", ".conf", ".log", ".text", ".ini", ".xml", ".yaml"})
PARSED_AS = {
    "arista_eos": "arista_eos",
    "aruba_aos8": "aruba_os",
    "cisco_aireos": "cisco_wlc_ssh",
    "cisco_c9800": "cisco_ios",
    "cisco_iosxe": "cisco_ios",
    "cisco_iosxr": "cisco_xr",
    "cisco_nxos": "cisco_nxos",
    "juniper_junos": "juniper_junos",
    "mikrotik_routeros": "mikrotik_routeros",
    "nokia_sros": "alcatel_sros",
}
PLATFORMS = (*PARSED_AS, "aruba_instant", "audiocodes", "cisco_cube", "openwrt")
SCRUBBED = (
    "aruba_instant/oxidized/arubainstant_IAP515_8.10.0.6_VWLC",
    "cisco_c9800/oxidized/ios_C9800-L-F-K9_17.06.05",
)


def redacted(text: str, redactor: Redactor | None = None) -> str:
    redactor = redactor or Redactor()
    redactor.learn(text)
    return redactor.text(text)


@NEEDS_RECORDINGS
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_real_device_s_output_keeps_its_structure(platform: str) -> None:
    files = [path for path in (RECORDINGS / platform).rglob("*") if path.suffix in KINDS]
    assert files
    for path in files:
        text = path.read_bytes().decode(errors="surrogateescape")
        redactor = Redactor()
        made = redacted(text, redactor)
        assert not list(finds(made)), path
        assert redactor.text(made) == made, path
        before, after = text.split("\n"), made.split("\n")
        assert len(after) == len(before), path
        if "oxidized" not in path.parts:  # there, made-up secrets with blanks become one word
            assert [len(line.split()) for line in after] == [len(line.split()) for line in before], path


@NEEDS_RECORDINGS
@pytest.mark.parametrize("platform", PARSED_AS)
def test_another_project_s_parsers_read_a_redacted_output_as_before(platform: str) -> None:
    for path in sorted((RECORDINGS / platform / "ntc").glob("*.txt")):
        command = re.sub(r"_?\d+$", "", path.stem.removeprefix("cisco_wlc_")).replace("_", " ")
        text = path.read_text(errors="replace")
        before = parsed(PARSED_AS[platform], command, text)
        after = parsed(PARSED_AS[platform], command, redacted(text))
        assert before
        assert [shape(row) for row in after] == [shape(row) for row in before], path


def parsed(platform: str, command: str, text: str) -> list[dict[str, str | list[str]]]:
    untyped = import_module("ntc_templates.parse")  # netmiko brings it
    return cast("list[dict[str, str | list[str]]]", untyped.parse_output(platform, command, text))


def shape(row: dict[str, str | list[str]]) -> dict[str, int]:
    """Of each field, how many values it has, 0 where it is empty."""
    return {name: len(value) if isinstance(value, list) else bool(value) for name, value in row.items()}


@NEEDS_RECORDINGS
@pytest.mark.parametrize("stem", SCRUBBED)
def test_the_secrets_that_another_tool_scrubs_are_gone(stem: str) -> None:
    secrets: list[str] = yaml.safe_load((RECORDINGS / f"{stem}.secret.yaml").read_text())["fail"]
    shown = yaml.safe_load((RECORDINGS / f"{stem}.simulation.yaml").read_text())["commands"]
    redactor = Redactor()
    texts = [str(answer).replace("\\x20", " ") for answer in shown.values()]
    for text in texts:
        redactor.learn(text)
    assert any(secret in text for secret in secrets for text in texts)
    assert not [secret for secret in secrets for text in texts if secret in redactor.text(text)]
