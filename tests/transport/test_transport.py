"""Transports without a network: the fake one, the awaited one, retries, deadlines, and the choice among them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from netres.driver import CliShell, Driver, Facts
from netres.errors import AuthFailed, ConnectFailed, NetresError, Rejected, TransportError, UsageError
from netres.flow import AsyncTransport, Cli, Exec, Flow, Operation, Reconnect, Reply, Transport, arun, run, show
from netres.inventory.entry import Entry
from netres.model.secret import Secret
from netres.plan import Guarantee
from netres.transport import open_transport
from netres.transport.deadline import Deadline
from netres.transport.fake import FakeTransport
from netres.transport.retry import retried
from netres.transport.ssh import SshTransport
from netres.transport.threads import ThreadedTransport

if TYPE_CHECKING:
    from tests.transport.conftest import Server

ENTRY = Entry.model_validate({"name": "r1", "platform": "test", "host": "127.0.0.1", "username": "u"})


def read(line: str) -> Cli:
    return Cli((line,), writes=False)


# --- fake ------------------------------------------------------------------------------------------------------------


def test_a_fake_transport_answers_from_a_table_and_remembers() -> None:
    fake: Transport = FakeTransport({"show x": "one", "key ********": Rejected("key ********", "no")})
    assert run(show("show x"), fake.execute).text == "one"
    with pytest.raises(Rejected, match="the device refused"):
        fake.execute(Cli(("key ", Secret.observed("hidden"))))
    with pytest.raises(UsageError, match=r"no answer to 'show y'; it has: show x, key \*\*\*\*\*\*\*\*"):
        fake.execute(read("show y"))
    assert isinstance(fake, FakeTransport)
    assert fake.sent == ["show x", "key ********", "show y"]
    fake.close()
    with pytest.raises(UsageError, match=r"'show x' was sent after close\(\)"):
        fake.execute(read("show x"))


def test_a_fake_transport_answers_by_a_function() -> None:
    fake = FakeTransport(lambda operation: Reply(str(operation).upper(), 7))
    assert fake.execute(read("show x")) == Reply("SHOW X", 7)


# --- threads ---------------------------------------------------------------------------------------------------------


class Slow:
    """Waits in every operation until it is let go; notes what overlaps."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.let_go = threading.Event()
        self.inside = 0
        self.done: list[str] = []

    def execute(self, operation: Operation) -> Reply:
        assert self.inside == 0, "two operations at once"
        self.inside += 1
        self.started.set()
        assert self.let_go.wait(10)
        self.inside -= 1
        self.done.append(str(operation))
        if str(operation) == "fail":
            raise ConnectFailed("no")
        return Reply(str(operation))

    def close(self) -> None:
        assert self.inside == 0, "closed in the middle of an operation"
        self.done.append("close")


async def begun(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 10)


def test_operations_in_threads_never_overlap() -> None:
    async def main() -> list[str]:
        slow = Slow()
        transport: AsyncTransport = ThreadedTransport(slow)
        first = asyncio.create_task(transport.execute(read("one")))
        await begun(slow.started)
        second = asyncio.create_task(transport.execute(read("two")))
        third = asyncio.create_task(transport.execute(read("fail")))
        slow.let_go.set()
        assert [(await first).text, (await second).text] == ["one", "two"]
        with pytest.raises(ConnectFailed):
            await third
        await transport.close()
        await transport.close()
        with pytest.raises(UsageError, match=r"'one' was sent after close\(\)"):
            await transport.execute(read("one"))
        return slow.done

    assert asyncio.run(main()) == ["one", "two", "fail", "close"]


@pytest.mark.parametrize("line", ["one", "fail"])
def test_what_follows_a_cancelled_operation_waits_for_its_thread(line: str) -> None:
    async def main() -> list[str]:
        slow = Slow()
        transport = ThreadedTransport(slow)
        task = asyncio.create_task(transport.execute(read(line)))
        await begun(slow.started)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        following = asyncio.create_task(transport.execute(Reconnect()))
        closing = asyncio.create_task(transport.close())
        slow.let_go.set()
        assert (await following).text == "reconnect"
        await closing
        return slow.done

    assert asyncio.run(main()) == [line, "reconnect", "close"]


def test_a_transport_that_opens_after_the_cancellation_is_closed() -> None:
    slow = Slow()
    closed = threading.Event()

    def opened(error: NetresError | None = None) -> Slow:
        slow.started.set()
        assert slow.let_go.wait(10)
        closed.set()
        if error:
            raise error
        return slow

    async def main(opener: Callable[[], Slow]) -> None:
        slow.started.clear()
        slow.let_go.clear()
        closed.clear()
        task = asyncio.create_task(ThreadedTransport.open(opener))
        await begun(slow.started)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        slow.let_go.set()
        await begun(closed)

    asyncio.run(main(opened))
    asyncio.run(main(lambda: opened(ConnectFailed("no"))))
    deadline = Deadline(5)
    while slow.done != ["close"] and not deadline.expired:
        time.sleep(0.01)
    assert slow.done == ["close"]


def test_a_cancelled_ssh_operation_ends_at_once(server: Server, shell: CliShell) -> None:
    def flow() -> Flow[str]:
        try:
            yield read("hang")
        except asyncio.CancelledError:
            with pytest.raises(TransportError):
                yield read("show x")
            yield Reconnect()
            return (yield from show("show x")).text
        raise AssertionError

    async def main() -> str:
        transport = await ThreadedTransport.open(
            lambda: SshTransport.open(server.entry(timeouts={"command": 60}), shell)
        )
        task = asyncio.create_task(arun(flow(), transport.execute))
        await asyncio.sleep(0.2)
        task.cancel()
        try:
            return await task
        finally:
            await transport.close()

    started = time.monotonic()
    assert asyncio.run(main()) == "x of r1\n  second line\n"
    assert time.monotonic() - started < 5


# --- retries and deadlines -------------------------------------------------------------------------------------------


def failing(*errors: Exception) -> tuple[Callable[[], str], list[float]]:
    """What fails with each error in turn and then succeeds; and when it was tried."""
    left = list(errors)
    times: list[float] = []

    def attempt() -> str:
        times.append(time.monotonic())
        if left:
            raise left.pop(0)
        return "done"

    return attempt, times


def test_what_may_succeed_later_is_tried_again() -> None:
    attempt, times = failing(ConnectFailed("one"), ConnectFailed("two"))
    assert retried(attempt, Deadline(5)) == "done"
    assert len(times) == 3


@pytest.mark.parametrize("error", [AuthFailed("no"), UsageError("no"), KeyError("no")])
def test_what_cannot_succeed_later_is_not(error: Exception) -> None:
    attempt, times = failing(error)
    with pytest.raises(type(error)):
        retried(attempt, Deadline(5))
    assert len(times) == 1


def test_tries_end_with_their_number_or_the_deadline_and_the_last_error_is_raised() -> None:
    attempt, times = failing(ConnectFailed("one"), ConnectFailed("two"), ConnectFailed("three"))
    with pytest.raises(ConnectFailed, match="two"):
        retried(attempt, Deadline(5), attempts=2)
    attempt, times = failing(*[ConnectFailed("again")] * 100)
    started = time.monotonic()
    with pytest.raises(ConnectFailed):
        retried(attempt, Deadline(0.5))
    assert time.monotonic() - started < 8
    assert len(times) > 1


def test_a_deadline_stops_what_waits_for_ever() -> None:
    stopped = threading.Event()
    deadline = Deadline(0.05)
    with deadline.guard(stopped.set):
        assert stopped.wait(5)
    assert deadline.expired
    assert deadline.remaining == 0

    deadline = Deadline(60)
    with deadline.guard(pytest.fail):
        pass
    assert not deadline.expired


# --- the choice ------------------------------------------------------------------------------------------------------


def driver(transport: Callable[[Entry, Driver], Transport] | str = "ssh", shell: CliShell | None = None) -> Driver:
    def native() -> Flow[Reply]:
        return (yield from show("show"))

    def facts() -> Flow[Facts]:
        yield from show("show")
        return Facts(vendor="none")

    return Driver(
        platform="test",
        title="Test",
        vendor="None",
        families=("router",),
        features=(),
        native=native,
        facts=facts,
        guarantee=Guarantee.COMPENSATED,
        guarantee_why="for tests",
        transport=transport,
        shell=shell,
    )


def test_a_driver_may_open_its_own_transport() -> None:
    fake = FakeTransport({})

    def opener(entry: Entry, driver: Driver) -> Transport:
        assert (entry, driver) == (ENTRY, own)
        return fake

    own = driver(opener)
    assert open_transport(ENTRY, own) is fake


def test_a_driver_names_its_transport(server: Server, shell: CliShell) -> None:
    transport = open_transport(server.entry(), driver(shell=shell))
    assert transport.execute(read("show x")).text == "x of r1\n  second line\n"
    transport.close()
    with pytest.raises(UsageError, match="driver 'test' names transport 'pigeon'; there are: ssh, http, snmp"):
        open_transport(ENTRY, driver(transport="pigeon"))


def test_without_a_shell_there_are_only_programs(server: Server) -> None:
    transport = open_transport(server.entry(), driver())
    assert transport.execute(Exec("echo $((1 + 1))")).text == "2\n"
    with pytest.raises(UsageError, match="'show x' needs a command line; the driver names no CliShell"):
        transport.execute(read("show x"))
    transport.execute(Reconnect())
    assert transport.execute(Exec("cat", ("fed",))).text == "fed"
    transport.close()
