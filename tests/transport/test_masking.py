"""No secret reaches a session log, an error or a debugging log."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netres.errors import InvalidConfig, Rejected, Timeout
from netres.flow import Cli, Exec
from netres.inventory.entry import Entry
from netres.model.secret import Secret
from netres.transport import masking
from netres.transport.masking import Masker, SessionLog
from netres.transport.ssh import SshTransport

if TYPE_CHECKING:
    from tests.transport.conftest import Server

LETTERS = st.text("abcdefghij0123456789", min_size=4, max_size=40)
PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4, max_size=40)


def show(line: str) -> Cli:
    return Cli((line,), writes=False)


def dialogue(session: SshTransport) -> None:
    """Every way in which a secret can pass."""
    session.execute(Cli(("description ", Secret.observed("first-secret"))))
    session.execute(Cli(("description ", Secret.observed("long-secret-" + "z" * 600))))
    session.execute(show("pieces username_admin_pass word_third -sec ret \\nnext"))
    session.execute(Exec("cat", (Secret.observed("fourth-secret"),)))
    with pytest.raises(Rejected):
        session.execute(Cli(("nonsense ", Secret.observed("fifth-secret"))))
    with pytest.raises(Timeout):
        session.execute(Cli(("hang ", Secret.observed("sixth-secret"))))


def test_a_session_log_has_the_dialogue_without_its_secrets(
    server: Server, opened: Callable[[Entry], SshTransport], tmp_path: Path
) -> None:
    path = tmp_path / "session.log"
    path.touch(mode=0o644)
    entry = server.entry(ssh={"session_log": path}, timeouts={"command": 1.5})
    session = opened(entry)
    dialogue(session)
    session.close()
    text = path.read_text()
    assert "Welcome\n" in text
    assert "r1# description ********\n" in text
    assert "username admin password ********\nnext\n" in text
    assert "$ cat\n********\n" in text
    assert "% Unknown command: nonsense ********\n" in text
    assert "secret" not in text
    assert "zzzz" not in text
    assert "\x1b" not in text
    assert path.stat().st_mode & 0o777 == 0o600


def test_debugging_logs_show_no_secret(
    server: Server,
    opened: Callable[[Entry], SshTransport],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PASSWORD", "never-to-be-seen")
    with caplog.at_level(logging.DEBUG):
        dialogue(opened(server.entry(timeouts={"command": 1.5})))
        with pytest.raises(Exception, match="login refused") as caught:
            opened(server.entry(password="env:PASSWORD"))
    assert {"paramiko.transport", "asyncssh"} & {record.name for record in caplog.records}
    assert "secret" not in caplog.text
    assert "never-to-be-seen" not in caplog.text + str(caught.value) + repr(caught.value.__cause__)


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match=r"ssh.session_log '.*' cannot be written: Is a directory"):
        SessionLog(tmp_path, Masker())


def test_a_full_disk_does_not_end_a_session(caplog: pytest.LogCaptureFixture) -> None:
    log = SessionLog(Path("/dev/full"), Masker())
    log.feed("a line\n")
    log.close()
    assert [record.getMessage() for record in caplog.records] == [
        "the session log /dev/full ends here: No space left on device"
    ]


def test_a_line_without_end_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "_LINE", 100)
    log = SessionLog(tmp_path / "log", Masker())
    log.feed("x" * 60)
    log.feed("y" * 60)
    log.feed("z")
    log.close()
    assert (tmp_path / "log").read_text() == "(a line without end is left out)\nz\n"


@given(secret=PRINTABLE, before=PRINTABLE, after=PRINTABLE, cuts=st.lists(st.integers(0, 130), max_size=8))
def test_a_secret_is_masked_however_it_arrives(
    tmp_path_factory: pytest.TempPathFactory, secret: str, before: str, after: str, cuts: list[int]
) -> None:
    masker = Masker()
    masker.add(secret)
    log = SessionLog(path := tmp_path_factory.mktemp("log") / "log", masker)
    line = f"{before} {secret} {after}\r\n"
    edges = sorted({0, *(min(cut, len(line)) for cut in cuts), len(line)})
    for start, end in pairwise(edges):
        log.feed(line[start:end])
    log.close()
    assert secret not in path.read_text().replace("********", "")


@given(secret=LETTERS, at=st.integers(1, 39))
def test_a_secret_that_the_terminal_wraps_is_masked(secret: str, at: int) -> None:
    masker = Masker()
    masker.add(secret)
    at = min(at, len(secret) - 1)
    for wrapped in (f"{secret[:at]} \r{secret[at:]}", f"{secret[:at]}{secret[at]}\r{secret[at:]}"):
        masked = masker.mask(f"echo {wrapped}\nnext\n")
        assert masked.endswith("\nnext\n")
        assert secret not in masked.replace(" ", "")


def test_a_pattern_masks_its_group_alone() -> None:
    masker = Masker([re.compile(r"^ key (?:7 )?(\S+)|secret(?: (\w+))?$")])
    assert masker.mask(" key 7 abc end\n key abc\nsecret\n") == " key 7 ******** end\n key ********\nsecret\n"


def test_a_longer_secret_hides_a_shorter_one_within() -> None:
    masker = Masker()
    masker.add("", "pass")
    masker.add("password1")
    assert masker.mask("password1 pass") == "******** ********"
