"""What is sent one after the other is recorded before the first of it is sent, and told apart from what is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from netres.errors import JournalFailed, LeaseLost, Rejected
from netres.flow import Cli, Http, Note, Operation, Reply
from netres.transport.session import NOT_SENT, Session

LINES = (Cli(("configure terminal",)), Cli(("show it",), writes=False), Cli(("vlan 20",)), Cli(("vlan 20",)))


@dataclass
class Book:
    """A ledger, and the device behind it: in which order it hears of what."""

    heard: list[str] = field(default_factory=list[str])
    stored: list[str] = field(default_factory=list[str])
    answers: dict[int, str] = field(default_factory=dict[int, str])
    refuses: str = ""
    full: bool = False
    lost: bool = False

    def note(self, note: Note) -> str:
        return note.about

    def close(self) -> None: ...

    def steps(self, operations: Sequence[str]) -> Sequence[int]:
        if self.full:
            raise JournalFailed("full")
        self.heard.append(f"stored {len(operations)}")
        self.stored += operations
        return range(len(self.stored) - len(operations) + 1, len(self.stored) + 1)

    def require(self) -> None:
        if self.lost:
            raise LeaseLost("lost")

    def answer(self, step: int, answer: str, error: str = "", seconds: float = 0.0) -> None:
        assert seconds >= 0
        self.answers[step] = error or answer

    def execute(self, operation: Operation) -> Reply:
        if str(operation) == self.refuses:
            raise Rejected(self.refuses, "no")
        self.heard.append(str(operation))
        return Reply("ok")


@dataclass
class Line:
    """The transport."""

    book: Book

    def execute(self, operation: Operation) -> Reply:
        return self.book.execute(operation)

    def close(self) -> None: ...


def session(book: Book) -> Session:
    return Session(Line(book), book)


def test_all_is_recorded_before_the_first_is_sent() -> None:
    book = Book()
    shell = session(book)
    shell.execute(Note("steps", steps=LINES))
    for line in LINES:
        shell.execute(line)
    assert book.heard == ["stored 3", *map(str, LINES)]
    assert book.answers == {1: "ok", 2: "ok", 3: "ok"}


def test_what_comes_in_between_is_recorded_by_itself_and_the_rest_was_not_sent() -> None:
    book = Book()
    shell = session(book)
    shell.execute(Note("steps", steps=LINES))
    shell.execute(LINES[0])
    shell.execute(Cli(("abort",)))
    assert book.heard == ["stored 3", "configure terminal", "stored 1", "abort"]
    assert book.answers == {1: "ok", 2: NOT_SENT, 3: NOT_SENT, 4: "ok"}
    shell.execute(LINES[2])
    assert book.heard[-2:] == ["stored 1", "vlan 20"]


@pytest.mark.parametrize("next_", [Note("after"), Note("steps", steps=LINES[:1]), Note("before", "rollback")])
def test_a_refusal_ends_what_was_to_be_sent(next_: Note) -> None:
    book = Book(refuses="vlan 20")
    shell = session(book)
    shell.execute(Note("steps", steps=LINES))
    shell.execute(LINES[0])
    with pytest.raises(Rejected):
        shell.execute(LINES[2])
    shell.execute(next_)
    assert book.answers[2].startswith("Rejected: ")
    assert book.answers[3] == NOT_SENT


def test_nothing_is_sent_once_the_device_is_no_more_ours() -> None:
    book = Book()
    shell = session(book)
    shell.execute(Note("steps", steps=LINES))
    shell.execute(LINES[0])
    book.lost = True
    with pytest.raises(LeaseLost):
        shell.execute(LINES[2])
    assert book.heard == ["stored 3", "configure terminal"]


def test_what_cannot_be_recorded_is_not_sent_but_the_way_back_is() -> None:
    book = Book(full=True)
    shell = session(book)
    with pytest.raises(JournalFailed):
        shell.execute(Note("steps", steps=LINES))
    shell.execute(Note("steps", steps=LINES))  # the way back
    shell.execute(LINES[0])
    assert book.heard == ["configure terminal"]


def test_requests_that_learn_from_each_other_are_recorded_one_by_one() -> None:
    book = Book()
    shell = session(book)
    requests = (Http("POST", "/wlans", learns="wlan"), Http("PUT", "/wlans/1"))
    shell.execute(Note("steps", steps=requests))
    for request in requests:
        shell.execute(request)
    assert book.heard == ["stored 1", "POST /wlans", "stored 1", "PUT /wlans/1"]
