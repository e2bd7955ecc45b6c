"""What is no recording, or has a secret left in it, is refused with the place and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from netres import files, registry
from netres.cli.record import record
from netres.errors import InvalidConfig
from netres.flow import Reply
from netres.model import Config, Interface, Secret, System, Vlan, Wlan, WlanSecurity
from netres.resource import Device
from netres.testing.record import Replay
from netres.testing.record.dialogue import Step, Told
from netres.testing.record.escape import escaped, unescaped
from netres.testing.record.render import dump
from netres_drivers.memory.device import at

HEAD = 'recording: 1\nplatform: frr\nnetres: "0.1.0"\ndate: "2026-11-24"\n'
ONE = "dialogue:\n  - send:\n      cli: show\n"


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "r.yaml"
    path.write_text(text)
    with pytest.raises(InvalidConfig) as error:
        Replay(path)
    message = str(error.value)
    assert message.startswith(f"{path}")
    assert "\n" not in message
    assert "hunter" not in message
    return message.removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", " is empty; write 'name: value' pairs"),
        ("a: [", "1: is not YAML: "),
        ("dialogue: []\n", " does not say its format; this netres reads 'recording: 1'"),
        ("platform: frr\nrecording: 2\n", "2: is of format 2; this netres reads 'recording: 1'"),
        ("recording: 1\nplatform: frr\ndate: x\ndialogue: []\n", " field 'netres' is missing (and 1 more); mend it"),
        (HEAD.replace("2026-11-24", "today") + "dialogue: []\n", "4: date: "),
        (HEAD, " field 'dialogue' is missing"),
        (HEAD + ONE + "    reply: {}\n    answer: {}\n", "9: dialogue.0.answer: unknown field 'answer'"),
        (HEAD + ONE, "6: dialogue.0: must have a reply or an error"),
        (
            HEAD + ONE.replace("cli", "clii") + "    reply: {}\n",
            "7: dialogue.0.send.clii: unknown operation 'clii'; did",
        ),
        (HEAD + ONE + "      http: GET /\n    reply: {}\n", "6: dialogue.0.send: must name one operation: cli, exec"),
        (HEAD + ONE + "    reply: {status: up}\n", "8: dialogue.0.reply.status: "),
        (HEAD + ONE + "    error: {class: Timeoutt}\n", "8: dialogue.0.error: unknown class of error 'Timeoutt'; did"),
        (
            HEAD + ONE + "    reply:\n      text:\n        escaped: a\\q\n",
            "9: dialogue.0.reply.text: a backslash begins",
        ),
        (
            HEAD + ONE + "    reply: {text: password hunter22}\n",
            "8: holds what looks like a password, key or community",
        ),
        (
            HEAD + ONE + "    reply:\n      text: |\n        !\n        !\n        enable secret 5 hunter22\n",
            "12: holds",
        ),
        (HEAD + ONE + "    reply: {body: {psk: hunter22}}\n", "8: holds what looks like a"),
        (HEAD + ONE + "    reply: {body: [1, {a: {psk: [hunter22]}}]}\n", "8: holds what looks like a"),
        (HEAD + ONE.replace("show", "key-string hunter22") + "    reply: {}\n", "7: holds what looks like a password"),
        (HEAD + ONE + "    reply: {text: '$6$hunter22$hunter22'}\n", "8: holds what looks like a hash, key or token"),
        ("# password hunter22\n" + HEAD + ONE + "    reply: {}\n", "1: holds what looks like a password"),
        (
            HEAD + ONE + "    reply:\n      text:\n        escaped: 'password hunter22\\r'\n",
            "10: holds what looks like a",
        ),
        (
            HEAD + ONE + "    reply:\n      text: |\n        -----BEGIN RSA PRIVATE KEY-----\n        MIIhunter\n"
            "        -----END RSA PRIVATE KEY-----\n",
            "11: holds what looks like a PEM block (rsa private key)",
        ),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str, told: str) -> None:
    message = refused(tmp_path, text)
    assert message.startswith(told), message
    if "holds what" in message:
        assert message.endswith(
            "write redacted-1 (or -2, …) in its place, or record again; then change the secret on the device"
        )


TEXT = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\n\r\t \\\x1b\x00\udc80\udcff\ufeff\u2028|-#:")
)


@given(st.lists(TEXT, max_size=4))
def test_every_text_survives_the_file(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "texts.yaml"
    steps = [Step(Told("exec", text), Reply(text, 1)) for text in texts]
    path.write_text(dump({"recording": 1}, steps), encoding="utf-8")
    data = cast("list[dict[str, dict[str, Any]]]", files.load(path)["dialogue"])
    shown = [(one["send"]["exec"], one["reply"].get("text", "")) for one in data]
    assert [tuple(map(_meant, pair)) for pair in shown] == [(text, text) for text in texts]


def _meant(text: str | dict[str, str]) -> str:
    return text if isinstance(text, str) else unescaped(text["escaped"])


@given(TEXT)
def test_escapes_are_undone(text: str) -> None:
    shown = escaped(text)
    assert unescaped(shown) == text
    assert shown.replace("\n", "").isprintable()


@pytest.fixture
def inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_PASSWORD", "hunter22")
    path = tmp_path / "inventory.yaml"
    path.write_text(
        "devices:\n  lon-r1:\n    platform: memory\n    host: lon-r1.acme.example.org\n"
        "    username: bob7\n    password: env:LAB_PASSWORD\n"
    )
    return path


def test_the_command(inventory: Path, tmp_path: Path) -> None:
    device = at("lon-r1.acme.example.org", {})
    driver = registry.get("memory")
    security = WlanSecurity(mode="psk", passphrase=Secret.observed("correct horse"))
    desired = Config.of(
        [
            System(hostname="lon-r1", login_banner="bob7, hunter22, acme"),
            Vlan(id=20, name="voice"),
            Interface(name="eth0", addresses=("10.2.3.4/24",)),
            Wlan(name="corp", ssid="Corp", security=security),
        ]
    )
    with Device("lon-r1", driver, device.session()) as resource:
        resource.apply(resource.plan(desired))
    app = typer.Typer()
    app.command()(record)
    file = tmp_path / "r.yaml"
    options = [
        "lon-r1",
        str(file),
        "-i",
        str(inventory),
        "--name",
        "acme",
        "--name",
        "corp",
        "--secret",
        "env:LAB_PASSWORD",
    ]
    ran = CliRunner().invoke(app, options, catch_exceptions=False)
    assert ran.exit_code == 0
    assert f"{file}: " in ran.output
    assert "    1 addresses\n" in ran.output
    assert "    2 secrets\n" in ran.output
    text = file.read_text()
    for word in ("hunter22", "lon-r1", "bob7", "acme", "Corp", "10.2.3", "correct horse"):
        assert word not in text
    with Replay(file) as replay:
        again = Device("r1", driver, replay)
        again.facts()
        seen = again.observe()
    system = seen.find("system")
    assert isinstance(system, System)
    assert (system.hostname, system.login_banner) == ("host-1", "user-1, redacted-1, name-1")
    assert seen.find("vlan", "20") == Vlan(id=20, name="voice")


def test_the_command_refuses_before_it_connects(inventory: Path, tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(record)
    ran = CliRunner().invoke(app, ["lon-r1", str(tmp_path / "nowhere" / "r.yaml"), "-i", str(inventory)])
    assert isinstance(ran.exception, InvalidConfig)
    assert "cannot be written" in str(ran.exception)
