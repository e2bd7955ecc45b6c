"""What was recorded is replayed as it was; another dialogue fails, whoever catches errors on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from netres import registry
from netres.errors import AuthFailed, Busy, NetresError, NotFound, ParseError, Rejected, Timeout
from netres.flow import Cli, Exec, Http, Operation, Reconnect, Reply, Snmp, Transport
from netres.model import STATES, Config, Secret, Vlan
from netres.model.secret import paired
from netres.plan import Outcome
from netres.resource import AsyncDevice, Device
from netres.testing.record import DialogueChanged, Recording, Redactor, Replay
from netres.testing.samples import SECRET, fitting
from netres.transport.fake import FakeTransport
from netres.transport.threads import ThreadedTransport
from netres_drivers.memory.device import MemoryDevice

MEMORY = registry.get("memory")
KEPT = ("edge-1", "edge-2", "noc")  # names in the samples


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "device.yaml"


def on(transport: Transport) -> Device:
    return Device("r1", MEMORY, transport)


def known(config: Config, secret: str = SECRET) -> str:
    """A config in JSON, its secret under another value."""
    return config.model_dump_json().replace(Secret.observed(secret).fingerprint(), "the secret")


@pytest.mark.parametrize("number", range(4))
def test_what_is_read_is_read_again(number: int, file: Path) -> None:
    device = MemoryDevice()
    sample = fitting(MEMORY)[number]
    on(device.session()).apply(on(device.session()).plan(sample))
    with Recording(device.session(), MEMORY, file, Redactor(keep=KEPT)) as recording:
        seen, facts = on(recording).observe(), on(recording).facts()
    with Replay(file) as replay:
        again = on(replay)
        assert replay.platform == "memory"
        assert known(again.observe(), "redacted-1") == known(seen)
        assert again.facts() == facts
    assert SECRET not in file.read_text()


def test_a_change_and_its_way_back_are_replayed(file: Path) -> None:
    desired = fitting(MEMORY)[2]
    with Recording(MemoryDevice().session(), MEMORY, file, Redactor(keep=KEPT)) as recording:
        result = on(recording).apply(on(recording).plan(desired))
        assert on(recording).rollback(result).outcome is Outcome.APPLIED
    assert SECRET not in file.read_text()
    as_recorded = Config.of(paired(desired.items, desired.items, lambda _mine, _its: Secret.observed("redacted-1")))
    with Replay(file) as replay:
        result = on(replay).apply(on(replay).plan(as_recorded))
        assert result.outcome is Outcome.APPLIED
        assert on(replay).rollback(result).outcome is Outcome.APPLIED


def recorded_change(file: Path) -> None:
    with Recording(MemoryDevice().session(), MEMORY, file) as recording:
        on(recording).apply(on(recording).plan(Config.of([Vlan(id=20, name="voice")])))


def test_another_change_fails_with_a_diff_though_the_engine_catches_errors(file: Path) -> None:
    recorded_change(file)
    with pytest.raises(DialogueChanged) as failed, Replay(file) as replay:
        on(replay).apply(on(replay).plan(Config.of([Vlan(id=20, name="video")])))
    assert str(failed.value).splitlines()[0].startswith("operation ")
    assert '-  "name": "voice"\n+  "name": "video"' in str(failed.value)
    assert "netres lab record" in str(failed.value)


def test_another_read_fails_though_a_driver_s_errors_become_parse_errors(file: Path) -> None:
    recorded_change(file)
    with pytest.raises(DialogueChanged, match=r"(?s)-http: GET /config.*\+http: GET /state/access_point"):
        on(Replay(file)).state(STATES["access_point"])


def test_whoever_swallows_it_meets_it_again(file: Path) -> None:
    recorded_change(file)
    replay = Replay(file)
    with pytest.raises(DialogueChanged) as first:
        replay.execute(Cli(("reload",)))
    with pytest.raises(DialogueChanged) as second:
        replay.execute(Http("GET", "/config"))
    assert second.value is first.value
    with pytest.raises(DialogueChanged):
        replay.assert_finished()
    with pytest.raises(DialogueChanged), Replay(file) as swallowing:
        misunderstood(swallowing)


def misunderstood(replay: Replay) -> None:
    try:
        replay.execute(Reconnect())
    except BaseException as error:
        raise ParseError("the answer was not understood") from error


def test_what_was_not_asked_is_told(file: Path) -> None:
    recorded_change(file)
    with pytest.raises(DialogueChanged, match=r"(?s)0 of .* were asked; not asked:\n  http: GET /config\n.*more"):
        Replay(file).assert_finished()
    with pytest.raises(DialogueChanged, match="not asked"), Replay(file) as replay:
        replay.execute(Http("GET", "/config"))
    with pytest.raises(ZeroDivisionError), Replay(file):  # another failure comes first
        raise ZeroDivisionError


def test_nothing_is_answered_after_the_end(file: Path) -> None:
    with Recording(FakeTransport({"show version": "1"}), MEMORY, file) as recording:
        recording.execute(Cli(("show version",)))
    replay = Replay(file)
    assert replay.execute(Cli(("show version",))).text == "1"
    with pytest.raises(DialogueChanged, match=r"operation 2 of 1 .*"):
        replay.execute(Cli(("show version",)))


OPERATIONS: dict[str, Operation] = {
    "a line": Cli(("neighbor 192.0.2.2 password ", Secret.observed(SECRET)), writes=True),
    "a program": Exec("cat >/etc/x", ("psk=", Secret.observed(SECRET), "\n")),
    "a program that reads": Exec("cat /etc/x"),
    "a request": Http("PUT", "/wlan/it%2Fs", {"key": Secret.observed(SECRET), "a": [1, None]}, (("x", "a b"),)),
    "SNMP": Snmp("set", ("1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.7.0"), ("r1", 7)),
    "a new session": Reconnect(),
}
REPLIES: dict[str, Reply] = {
    "nothing": Reply(),
    "text": Reply("line 1  \n\n\tline 3\n", 3),
    "no last line end": Reply("a\nb"),
    "blank lines": Reply("\n\n  a\n\n\n"),
    "one line end": Reply("\n"),
    "windows": Reply("a\r\nb\\r\r\n"),
    "no UTF-8": Reply(b"ssid=\xff\xfe\x00\xc3\xa9\n".decode(errors="surrogateescape")),
    "colours": Reply("\x1b[31mred\x1b[0m\u2028\u0085\ufeff"),
    "a body": Reply('{"a":[1,2.5,null,true,"\\u0000 \\u007f é 🛜"]}', 200, {"a": [1, 2.5, None, True, "\0 \x7f é 🛜"]}),
    "a body without text": Reply("", 200, {"": {}}),
    "text and body": Reply("[]", 201, {"x": "y"}, {"etag": '"7"'}),
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_operation_and_every_reply_survives(operation: Operation, reply: Reply, file: Path) -> None:
    with Recording(FakeTransport(lambda _: reply), MEMORY, file) as recording:
        recording.execute(operation)
    with Replay(file) as replay:
        again = replay.execute(operation)
    assert (again.status, again.body, again.headers) == (reply.status, reply.body, reply.headers)
    if reply.text.startswith("{"):
        assert again.text == '{"a": [1, 2.5, null, true, "\\u0000 \\u007f \\u00e9 \\ud83d\\udedc"]}'  # its body as JSON
    else:
        assert again.text == reply.text
    assert SECRET not in file.read_text()


class Late(Busy):
    """An error of somebody else's."""


ERRORS: tuple[NetresError, ...] = (
    Rejected("vlan 5000", "% Invalid VLAN\nid"),
    NotFound("GET /x", "404"),
    Busy("locked", 2.5),
    Late("later"),
    Timeout("no answer"),
    AuthFailed("refused\r"),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_are_replayed(error: NetresError, file: Path) -> None:
    with Recording(FakeTransport({"x": error}), MEMORY, file) as recording, pytest.raises(type(error)):
        recording.execute(Cli(("x",)))
    with Replay(file) as replay, pytest.raises(NetresError) as raised:
        replay.execute(Cli(("x",)))
    assert str(raised.value) == str(error)
    assert isinstance(error, type(raised.value))
    assert vars(raised.value) == vars(error)


def test_a_block_that_fails_writes_nothing(file: Path) -> None:
    with pytest.raises(ParseError), Recording(FakeTransport({"x": ParseError("no")}), MEMORY, file) as recording:
        recording.execute(Cli(("x",)))
    assert not file.exists()


def test_the_file_is_for_people(file: Path) -> None:
    answers = {
        "show version": "r7 uptime is 3 days\nProcessor board ID FOC1234ABCD\n",
        "show running-config": "hostname r7\nenable secret 9 $9$abcdefgh$ijklmnop\nip address 10.1.2.3 255.255.255.0\n",
    }
    with Recording(FakeTransport(answers), MEMORY, file) as recording:
        for command in answers:
            recording.execute(Cli((command,), writes=False))
    text = file.read_text()
    assert (
        text.partition("dialogue:\n")[2]
        == """
  - send:
      cli: show version
    reply:
      text: |
        host-1 uptime is 3 days
        Processor board ID SN000000001

  - send:
      cli: show running-config
    reply:
      text: |
        hostname host-1
        enable secret 9 $9$redacted-1
        ip address 192.0.2.3 255.255.255.0
"""
    )


def test_what_is_sent_is_redacted_as_what_is_answered(file: Path) -> None:
    def answer(operation: Operation) -> Reply:
        inner = {"hostname": "lon-r1", "password": "hunter2!", "psk": "none", "host_name": "10.7.7.8"}
        return Reply("", 200, {"10.7.7.1": inner, "r": ["lon-r1 (10.7.7.1)"], "set_community": ["65001:1"]})

    with Recording(FakeTransport(answer), MEMORY, file) as recording:
        recording.execute(Http("GET", "/peer/10.7.7.1%2F24/lon-r1", query=(("of", "10.7.7.9"),)))
        recording.execute(Cli(("ping 10.7.7.9",)))
    with Replay(file) as replay:
        reply = replay.execute(Http("GET", "/peer/192.0.2.1%2F24/host-1", query=(("of", "192.0.2.9"),)))
        replay.execute(Cli(("ping 192.0.2.9",)))
    inner = {"hostname": "host-1", "password": "redacted-1", "psk": "none", "host_name": "192.0.2.8"}
    assert reply.body == {"192.0.2.1": inner, "r": ["host-1 (192.0.2.1)"], "set_community": ["65001:1"]}


def test_a_secret_is_masked_where_it_was_shown_before_it_was_known(file: Path) -> None:
    with Recording(
        FakeTransport(lambda _: Reply(f"the word is {SECRET}, as in /x?{SECRET}")), MEMORY, file
    ) as recording:
        recording.execute(Cli(("show word",), writes=False))
        recording.execute(Cli(("word ", Secret.observed(SECRET))))
    assert SECRET not in file.read_text()


def test_a_session_below_threads_is_recorded_too(file: Path) -> None:
    recording = Recording(MemoryDevice().session(), MEMORY, file)

    async def ask(open_: Callable[[], Transport]) -> None:
        async with AsyncDevice("r1", MEMORY, await ThreadedTransport.open(open_)) as device:
            await device.observe()

    asyncio.run(ask(lambda: recording))
    recording.save()
    with Replay(file) as replay:
        on(replay).observe()


def test_a_changed_dialogue_below_threads_fails_too(file: Path) -> None:
    recorded_change(file)

    async def ask() -> None:
        async with AsyncDevice("r1", MEMORY, await ThreadedTransport.open(lambda: Replay(file))) as device:
            await device.state(STATES["access_point"])

    with pytest.raises(DialogueChanged):
        asyncio.run(ask())
