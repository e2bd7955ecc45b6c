"""A command line as a terminal shows it: every byte of it."""

from __future__ import annotations

import pytest
from toydevice import toy

from netres.testing.sim.terminal import Terminal
from netres.testing.sim.wire import Act, Cut, End, Send, Stall


class Screen:
    """What a terminal has shown so far."""

    def __init__(self) -> None:
        self.device = toy()
        assert self.device.cli is not None
        self.session = self.device.cli()
        self.terminal = Terminal(self.session)
        self.acts: list[Act] = list(self.terminal.start())

    def type(self, keys: str) -> str:
        """What is shown for what is typed."""
        made = list(self.terminal.feed(keys.encode()))
        self.acts.extend(made)
        return "".join(act.data.decode(errors="replace") for act in made if isinstance(act, Send))


@pytest.fixture
def screen() -> Screen:
    return Screen()


def test_it_greets_and_prompts(screen: Screen) -> None:
    assert screen.acts == [Send(b"Welcome.\r\ntoy# ")]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_what_is_typed_is_echoed_and_every_line_end_is_one(screen: Screen, end: str) -> None:
    assert screen.type(f"add x{end}") == "add x\r\ntoy# "
    assert screen.type(f"show{end}") == "show\r\nx\r\ntoy# "
    assert screen.type(end) == "\r\ntoy# "


def test_keys_in_pieces_and_in_bulk_are_the_same(screen: Screen) -> None:
    pieces = "".join(screen.type(key) for key in "add x\radd y\rshow\r")
    assert pieces == Screen().type("add x\radd y\rshow\r")


def test_keys_edit_the_line(screen: Screen) -> None:
    screen.type("add wrong\x15add rixx\x08\x7fght\r")
    assert screen.device.native() == "right\n"
    assert screen.type("add x\x03") == "add x^C\r\ntoy# "
    assert screen.type("\x01") == "\x07"


def test_a_long_answer_waits_for_a_key(screen: Screen) -> None:
    first = screen.type("long\r")
    assert first.startswith("long\r\nline 0\r\n")
    assert first.endswith("line 22\r\n --More-- ")
    assert "line 23\r\n --More-- " in screen.type("\r")
    assert screen.type("x") == ""
    assert screen.type(" ").count("line ") == 23
    assert screen.type("q").endswith("\b \btoy# ")
    assert screen.type("show\r") == "show\r\ntoy# "


def test_without_a_page_it_does_not_wait(screen: Screen) -> None:
    screen.session.page = 0
    assert screen.type("long\r").count("line ") == 60


def test_an_answer_that_was_asked_for_whole_does_not_wait(screen: Screen) -> None:
    assert screen.type("long whole\r").count("line ") == 60
    assert "More" in screen.type("long\r")


def test_a_question_takes_the_next_line(screen: Screen) -> None:
    screen.type("add x\r")
    assert screen.type("erase\r") == "erase\r\nErase? [confirm]"
    assert screen.type("n\r") == "n\r\ntoy# "
    assert screen.device.native() == "x\n"
    assert screen.type("erase\r\r") == "erase\r\nErase? [confirm]\r\n[OK]\r\ntoy# "
    assert screen.device.native() == ""


def test_a_password_is_not_shown(screen: Screen) -> None:
    assert screen.type("secret\rhush\r") == "secret\r\nPassword: \r\nit has 4 characters\r\ntoy# "
    assert [exchange.sent for exchange in screen.device.dialogue] == ["secret", "********"]


def test_a_session_that_is_left_ends(screen: Screen) -> None:
    screen.type("exit\r")
    assert screen.acts[-1] == End()
    assert screen.type("add x\r") == ""


def test_a_refused_line_is_told_in_the_platforms_words(screen: Screen) -> None:
    assert screen.type("nonsense\r") == "nonsense\r\n% no: nonsense\r\ntoy# "
    screen.device.fail("rejected", on="^add")
    assert screen.type("add x\r") == "add x\r\n% no: add x\r\ntoy# "
    assert screen.type("add x\r") == "add x\r\ntoy# "


@pytest.mark.parametrize(
    ("kind", "last", "held"),
    [
        ("cut-before", Cut(), ""),
        ("cut-after", Cut(), "x\n"),
        ("hang", Stall(), "x\n"),
        ("truncated", Cut(), "x\n"),
        ("garbage", Stall(), "x\n"),
        ("reboot", Cut(), "saved\n"),
    ],
)
def test_a_fault_strikes_where_it_should(screen: Screen, kind: str, last: Act, held: str) -> None:
    screen.type("show\r")
    if kind == "reboot":
        screen.type("add saved\rsave\radd unsaved\r")
    screen.device.fail(kind, on="^add")
    screen.type("show\radd x\r")
    assert screen.acts[-1] == last
    assert screen.device.native() == held
    assert [fault.kind for _, fault in screen.device.faults.struck] == [kind]
