"""Fewer round trips: what goes out together, how answers are matched to lines, and what becomes of a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from setline_driver import DRIVER

from netres.batches import pipelined
from netres.errors import DeviceError, ParseError, Rejected, TransportError
from netres.flow import Batch, Cli, Exec, Flow, Note, Operation, Reply, run, show
from netres.model import Item, Key
from netres.observation import observe
from netres.operation import Part
from netres.transport.screen import Answers
from netres.transport.session import NOT_SENT, Session

PROMPT = re.compile(r"r1(\([a-z]+\))?# ")
WORDS = st.text("ab-c é1", min_size=1, max_size=12).filter(lambda text: bool(text.strip()))


def cli(*parts: Part, writes: bool = True) -> Cli:
    return Cli(parts, writes)


# Matching answers to lines


@st.composite
def dialogues(draw: st.DrawFn) -> tuple[list[str], list[str], list[bytes]]:
    """Lines, their answers, and what the device sends, in pieces. An answer may repeat any of the lines."""
    lines = draw(st.lists(WORDS, min_size=1, max_size=6))
    shown = st.one_of(WORDS, st.sampled_from(lines), st.just(""))
    answers = ["".join(f"{line}\n" for line in draw(st.lists(shown, max_size=4))) for _ in lines]
    modes = [draw(st.sampled_from(["r1# ", "r1(config)# ", "\x1b[?2004hr1# "])) for _ in lines]
    text = "".join(f"{line}\n{answer}{mode}" for line, answer, mode in zip(lines, answers, modes, strict=True))
    stream = text.replace("\n", "\r\n").encode()
    cuts = sorted({0, len(stream), *draw(st.lists(st.integers(0, len(stream)), max_size=12))})
    return lines, answers, [stream[start:end] for start, end in pairwise(cuts)]


@settings(max_examples=300)
@given(dialogues())
def test_each_line_gets_its_own_answer_however_the_bytes_arrive(
    dialogue: tuple[list[str], list[str], list[bytes]],
) -> None:
    lines, answers, pieces = dialogue
    found = Answers(PROMPT, lines)
    shown = "".join(found.feed(piece) for piece in pieces)
    assert found.prompted
    assert found.all == answers
    assert found.size == sum(map(len, pieces))
    assert shown.replace("\ufffd", "").startswith(lines[0])


def test_until_the_last_prompt_there_is_no_end() -> None:
    found = Answers(PROMPT, ["one", "two"])
    ended: list[bool] = []
    for piece in (b"one\r\nr1# ", b"two\r\n% no\r\n", b"r1# "):  # at first the second line may not be read yet
        found.feed(piece)
        ended.append(found.prompted)
    assert ended == [False, False, True]
    assert found.all == ["", "% no\n"]


# What goes out together


OPERATIONS = st.lists(
    st.one_of(
        st.text("ab", min_size=1, max_size=900).map(cli),
        st.just(cli("show", writes=False)),
        st.just(Exec("true", writes=True)),
    ),
    max_size=40,
)


def flat(operations: Sequence[Operation]) -> Iterator[Operation]:
    for operation in operations:
        yield from operation.operations if isinstance(operation, Batch) else (operation,)


@given(OPERATIONS, st.integers(1, 9), st.booleans())
def test_batches_change_no_order_and_are_bounded(operations: list[Operation], ahead: int, pipelines: bool) -> None:
    assert DRIVER.shell is not None
    driver = replace(DRIVER, shell=replace(DRIVER.shell, ahead=ahead, pipelines=pipelines))
    found = tuple(pipelined(driver, operations))
    assert list(flat(found)) == operations
    batches = [one for one in found if isinstance(one, Batch)]
    assert pipelines or not batches
    assert all(2 <= len(one.operations) <= ahead for one in batches)
    assert all(sum(line.width + 1 for line in one.operations) <= 2048 for one in batches)
    assert all(line.writes for one in batches for line in one.operations)


# Where a transport takes no batches


class Refusing:
    """Refuses the lines that begin with ``no``."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def execute(self, operation: Operation) -> Reply:
        self.sent.append(str(operation))
        if str(operation).startswith("no"):
            raise Rejected(str(operation), "% no")
        if str(operation) == "lose":
            raise TransportError("lost")
        return Reply(f"answer to {operation}")

    def close(self) -> None:
        """Nothing is open."""


def sending(lines: Sequence[str], writes: bool) -> tuple[list[int], list[int], Flow[Reply]]:
    sent: list[int] = []
    answered: list[int] = []

    def flow() -> Flow[Reply]:
        operations = tuple(cli(line, writes=writes) for line in lines)
        return (yield Batch(operations, sent.append, lambda place, _: answered.append(place)))

    return sent, answered, flow()


def test_one_by_one_nothing_is_sent_after_a_refused_line() -> None:
    device = Refusing()
    sent, answered, flow = sending(["a", "no b", "c"], writes=True)
    with pytest.raises(Rejected, match="no b"):
        run(flow, device.execute)
    assert device.sent == ["a", "no b"]
    assert sent == answered == [0, 1]


def test_one_by_one_a_read_that_is_refused_does_not_end_the_others() -> None:
    device = Refusing()
    _, answered, flow = sending(["a", "no b", "c"], writes=False)
    parts = run(flow, device.execute).parts
    assert [part.text if isinstance(part, Reply) else str(part) for part in parts] == [
        "answer to a",
        "the device refused 'no b': % no",
        "answer to c",
    ]
    assert answered == [0, 1, 2]


def test_one_by_one_a_lost_line_ends_it() -> None:
    sent, answered, flow = sending(["a", "lose", "c"], writes=False)
    with pytest.raises(TransportError, match="lost"):
        run(flow, Refusing().execute)
    assert (sent, answered) == ([0, 1], [0])


# The journal


class Ahead(Refusing):
    """Takes batches: every line is sent, whatever was said to those before; ``lose`` and what follows get no answer."""

    batches = True

    def execute(self, operation: Operation) -> Reply:
        if not isinstance(operation, Batch):
            return super().execute(operation)
        told: list[Reply | DeviceError] = []
        for place in range(len(operation.operations)):
            operation.sending(place)
        for place, line in enumerate(operation.operations):
            try:
                told.append(super().execute(line))
            except DeviceError as error:
                told.append(error)
            operation.answered(place, told[-1])
        if operation.writes:
            for one in told:
                if isinstance(one, DeviceError):
                    raise one
        return Reply(parts=tuple(told))


class Pen:
    """A ledger on paper."""

    def __init__(self) -> None:
        self.commits: list[list[str]] = []
        self.answers: dict[int, tuple[str, str]] = {}

    def note(self, note: Note) -> str:
        return ""

    def steps(self, operations: Sequence[str]) -> Sequence[int]:
        first = sum(map(len, self.commits))
        self.commits.append(list(operations))
        return range(first, first + len(operations))

    def require(self) -> None:
        """It is ours."""

    def answer(self, step: int, answer: str, error: str = "", seconds: float = 0.0) -> None:
        self.answers[step] = (answer, error)

    def close(self) -> None:
        """Nothing is open."""


def recorded(lines: Sequence[str]) -> tuple[Pen, BaseException | None]:
    """What is written of a batch whose steps were announced."""
    pen = Pen()
    session = Session(Ahead(), pen)
    operations = tuple(map(cli, lines))

    def flow() -> Flow[None]:
        yield Note("steps", steps=operations)
        yield Batch(operations)

    try:
        run(flow(), session.execute, batches=session.batches)
    except (DeviceError, TransportError) as error:
        return pen, error
    return pen, None


def test_every_line_of_a_batch_is_recorded_before_the_first_and_answered_for_itself() -> None:
    pen, error = recorded(["a", "no b", "c"])
    assert pen.commits == [["a", "no b", "c"]]
    refused = "Rejected: the device refused 'no b': % no"
    assert pen.answers == {0: ("answer to a", ""), 1: ("", refused), 2: ("answer to c", "")}
    assert isinstance(error, Rejected)


def test_lines_without_an_answer_are_told_apart() -> None:
    pen, error = recorded(["a", "lose", "c"])
    assert isinstance(error, TransportError)
    assert pen.answers == {0: ("answer to a", ""), 1: ("", "TransportError: lost"), 2: ("", "TransportError: lost")}
    assert NOT_SENT not in str(pen.answers)


# Reads


def nothing(native: Reply) -> dict[Key, tuple[str, ...]]:
    """No lines are nobody's."""
    return {}


def reading(commands: Sequence[str], replies: Sequence[Reply | DeviceError]) -> tuple[list[Operation], object]:
    """What is sent to observe a device whose features each read with a command of their own; what comes of it."""
    assert DRIVER.shell is not None

    def reader(command: str) -> Callable[[], Flow[Iterable[Item]]]:
        def read() -> Flow[Iterable[Item]]:
            yield from show(command)
            return ()

        return read

    found = zip(DRIVER.features, commands, strict=False)
    features = tuple(replace(feature, read=reader(command)) for feature, command in found)
    driver = replace(DRIVER, shell=replace(DRIVER.shell, ahead=9), features=features, foreign=nothing)
    sent: list[Operation] = []

    def execute(operation: Operation) -> Reply:
        sent.append(operation)
        return Reply(parts=tuple(replies)) if isinstance(operation, Batch) else Reply("later")

    try:
        return sent, run(observe(driver), execute, batches=True)
    except (DeviceError, ParseError) as error:
        return sent, error


def test_reads_that_are_known_ahead_go_out_together() -> None:
    sent, seen = reading(["one", "two", "one"], [Reply(), Reply("1"), Reply("2")])
    assert [str(operation) for operation in sent] == ["show configuration | display set; one; two"]
    assert not isinstance(seen, Exception)


def test_a_read_that_is_refused_is_raised_where_it_is_needed() -> None:
    refusal = Rejected("two", "% no")
    _, seen = reading(["one", "two"], [Reply(), Reply("1"), refusal])
    assert seen is refusal
