"""The dialogue with a command line, over real sessions."""

from __future__ import annotations

import logging
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from looped import LoopedSsh, Ssh, gone, link_of

from netres.driver import CliShell
from netres.errors import ConnectFailed, HostKeyUnknown, InvalidConfig, Rejected, Timeout, TransportError, UsageError
from netres.flow import Cli, Exec, Http, Reconnect
from netres.inventory.entry import Entry
from netres.model.secret import Secret
from netres.testing.netns import wait_until
from netres.transport import ssh as blocking
from netres.transport import ssh_async
from netres.transport.ssh import SshTransport
from netres.transport.ssh_client import Link

if TYPE_CHECKING:
    from tests.transport.conftest import Relay, Server, Start

    Opened = Callable[[Entry], Ssh]


def show(line: str) -> Cli:
    return Cli((line,), writes=False)


def write(*parts: str | Secret) -> Cli:
    return Cli(parts)


def test_an_answer_is_what_stands_between_echo_and_prompt(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    assert session.execute(show("show version")).text == "version of r1\n  second line\n"
    assert session.execute(write("configure")).text == ""
    assert session.execute(show("show version")).text == "version of r1\n  second line\n"


def test_a_prompt_that_changes_is_still_a_prompt(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    session.execute(write("configure"))
    session.execute(write("hostname lon-r7"))
    assert session.execute(show("show x")).text == "x of lon-r7\n  second line\n"


def test_an_answer_may_hold_what_looks_like_a_prompt(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    assert session.execute(show(r"print r1# is\nr1# \n r1#")).text == "r1# is\nr1# \n r1#\n"


def test_terminal_control_is_no_part_of_an_answer(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    assert session.execute(show(r"print \e[1;31mred\e[0m\e[K \e(Bé\e[?2004l")).text == "red é\n"


def test_a_character_may_arrive_in_pieces_and_a_line_be_long(server: Server, opened: Opened) -> None:
    line = "print " + "é" * 3000
    session = opened(server.entry())
    assert session.execute(show(line)).text == "é" * 3000 + "\n"
    pieces = [letter * 5000 for letter in "abc"]
    assert session.execute(show(f"pieces {' '.join(pieces)}")).text == "".join(pieces) + "\n"


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_comes_unasked_is_no_answer_to_the_next_line(server: Server, opened: Opened, when: str) -> None:
    session = opened(server.entry())
    for arrived in (False, True):
        session.execute(show(f"log {when}"))
        if arrived and when == "after":
            wait_until(partial(came, session), "what comes unasked")
        assert session.execute(show("show x")).text == "x of r1\n  second line\n"


def test_what_comes_unasked_is_no_echo(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    session.execute(show("log after"))  # ends with "link down"
    with pytest.raises(Rejected, match="% Unknown command: link down"):
        session.execute(write("link down"))
    session.execute(show("log after"))
    wait_until(partial(came, session), "what comes unasked")
    with pytest.raises(Rejected, match="% Unknown command: %LOG: link down"):
        session.execute(write("%LOG: link down"))


def test_without_echo_the_answer_ends_when_the_device_is_quiet(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    session.execute(write("echo off"))
    assert session.execute(show("pieces one two")).text == "onetwo\n"
    assert len(session.execute(show("big 1")).text) == 1023 * 1024


def test_a_written_line_whose_answer_is_not_accepted_is_refused(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    with pytest.raises(Rejected) as caught:
        session.execute(write("no such line"))
    assert str(caught.value) == "the device refused 'no such line': % Unknown command: no such line"
    assert caught.value.operation == "no such line"
    assert session.execute(write("description fine")).text == ""


def test_a_read_line_is_refused_only_by_what_the_platform_calls_a_refusal(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    assert session.execute(show("print fine % not at the start")).text == "fine % not at the start\n"
    with pytest.raises(Rejected, match="% Unknown command: nonsense"):
        session.execute(show("nonsense"))


def test_a_refusal_shows_no_secret(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    with pytest.raises(Rejected) as caught:
        session.execute(write("nonsense key ", Secret.observed("tell-nobody"), " password hidden-too"))
    assert caught.value.operation == "nonsense key ******** password hidden-too"
    assert caught.value.answer == "% Unknown command: nonsense key ******** password ********"


def test_a_secret_with_a_line_break_is_never_sent(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    with pytest.raises(InvalidConfig, match=r"a secret in .* holds a control character"):
        session.execute(write("key ", Secret.observed("a\nreload")))
    assert session.execute(show("show x")).text == "x of r1\n  second line\n"


def test_a_program_runs_beside_the_command_line(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    done = session.execute(Exec("cat; echo oops >&2; exit 3", ("one ", Secret.observed("two"))))
    assert (done.text, done.status) == ("one twooops\n", 3)
    assert session.execute(Exec("exit 0", ("x" * 300_000,))).text == ""  # it need not read what it is fed
    assert session.execute(Exec("kill -9 $$")).status == -1
    assert session.execute(show("show x")).text == "x of r1\n  second line\n"


def test_a_device_that_runs_no_programs_refuses(start: Start, opened: Opened) -> None:
    server = start(options="MaxSessions 1")
    session = opened(server.entry())
    with pytest.raises(Rejected, match="the device refused 'true': no program can be run"):
        session.execute(Exec("true"))
    assert session.execute(show("show x")).text == "x of r1\n  second line\n"


def test_answers_are_bounded(server: Server, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (blocking, ssh_async):
        monkeypatch.setattr(module, "ANSWER_LIMIT", 3 << 20)
        monkeypatch.setattr(module, "EXEC_LIMIT", 1 << 20)
    session = opened(server.entry())
    assert len(session.execute(show("big 2")).text) == 2 * 1023 * 1024
    with pytest.raises(TransportError, match="an answer is longer than 3 MiB"):
        session.execute(show("big 5"))
    session.execute(Reconnect())
    with pytest.raises(TransportError, match="output is longer than 1 MiB"):
        session.execute(Exec("head -c 2000000 /dev/zero"))
    with pytest.raises(ConnectFailed):
        session.execute(show("show x"))


def test_a_program_that_writes_and_fails_is_a_refusal_and_every_byte_of_its_output_survives(
    server: Server, opened: Opened
) -> None:
    session = opened(server.entry())
    assert session.execute(Exec("exit 3")).status == 3
    with pytest.raises(Rejected, match="the device refused 'echo no; exit 3': no") as caught:
        session.execute(Exec("echo no; exit 3", ("what was fed",), writes=True))
    assert "what was fed" not in str(caught.value)
    odd = session.execute(Exec("printf '\\377'")).text
    assert session.execute(Exec("od -An -tx1", (odd,))).text.split() == ["ff"]


def test_no_answer_within_the_deadline_ends_the_session(server: Server, opened: Opened) -> None:
    session = opened(server.entry(timeouts={"command": 0.3}))
    started = time.monotonic()
    with pytest.raises(Timeout) as caught:
        session.execute(show("hang"))
    assert time.monotonic() - started < 8
    assert str(caught.value) == f"{place(server)}: no answer to 'hang' within 0.3 s; the session is given up"
    with pytest.raises(ConnectFailed, match="the session is lost; 'show x' was not sent; reconnect"):
        session.execute(show("show x"))
    session.execute(Reconnect())
    assert session.execute(show("show x")).text == "x of r1\n  second line\n"


def test_a_program_that_does_not_end_is_given_up(server: Server, opened: Opened) -> None:
    session = opened(server.entry(timeouts={"command": 0.3}))
    with pytest.raises(Timeout, match=r"no answer to 'sleep 60' within 0.3 s"):
        session.execute(Exec("sleep 60"))


def test_a_closed_connection_is_told_at_once(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    started = time.monotonic()
    with pytest.raises(
        TransportError, match="the session was lost at 'close': the device closed the connection"
    ) as caught:
        session.execute(show("close"))
    assert time.monotonic() - started < 8
    assert type(caught.value) is TransportError
    assert isinstance(caught.value.__cause__, EOFError)


def test_a_connection_that_dies_while_a_program_runs_is_told(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    with pytest.raises(TransportError, match="the session was lost at"):
        session.execute(Exec("kill -9 $PPID"))


def test_a_connection_that_died_meanwhile_is_told(server: Server, relay: Relay, opened: Opened) -> None:
    for operation in (show("show x"), Exec("true")):
        session = opened(server.entry(port=relay.port))
        link = link_of(session)
        relay.hang_up()
        wait_until(partial(gone, link), "the end of the connection")
        with pytest.raises(TransportError, match=f"the session was lost at '{operation}'"):
            session.execute(operation)


def test_an_interrupt_ends_the_session(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    main = threading.main_thread().ident or 0
    timer = threading.Timer(0.2, signal.pthread_kill, [main, signal.SIGINT])
    started = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        session.execute(show("hang"))
    assert time.monotonic() - started < 8
    timer.join()
    with pytest.raises(ConnectFailed, match="the session is lost"):
        session.execute(show("show x"))
    session.interrupt()  # nothing runs: nothing happens
    session.execute(Reconnect())
    assert session.execute(show("show x")).text == "x of r1\n  second line\n"


def test_sessions_leave_nothing_behind(transport: type[Ssh], server: Server, shell: CliShell) -> None:
    filters = len(logging.getLogger("netmiko").filters)
    threads = threading.active_count()
    for _ in range(2):
        transport.open(server.entry(), shell).close()
        with pytest.raises(Rejected):
            transport.open(server.entry(), replace(shell, prepare=("nonsense",)))
        with pytest.raises(HostKeyUnknown):
            transport.open(server.entry(ssh={"known_hosts": "/dev/null"}), shell)
    wait_until(lambda: threading.active_count() <= threads, "the threads' end")
    assert len(logging.getLogger("netmiko").filters) == filters


def test_after_close_nothing_is_sent(server: Server, opened: Opened) -> None:
    session = opened(server.entry())
    session.close()
    session.close()
    for operation in (show("show x"), Reconnect()):
        with pytest.raises(UsageError, match=f"'{operation}' was sent after close"):
            session.execute(operation)


def test_ssh_has_no_requests(server: Server, opened: Opened) -> None:
    with pytest.raises(UsageError, match="SSH has no operation 'GET /'; it has Cli, Exec and Reconnect"):
        opened(server.entry()).execute(Http("GET", "/"))


def test_a_refused_preparation_ends_the_session(transport: type[Ssh], server: Server, shell: CliShell) -> None:
    with pytest.raises(Rejected, match="the device refused 'terminal length 0'"):
        transport.open(server.entry(), replace(shell, prepare=("terminal length 0",)))


def test_a_device_that_closes_at_login_is_a_failed_connection(
    transport: type[Ssh], start: Start, shell: CliShell
) -> None:
    server = start(command="/bin/echo no lines free")
    with pytest.raises(ConnectFailed, match="the session was lost at 'the login'"):
        transport.open(server.entry(), shell)


def test_a_device_without_a_prompt_is_a_timeout(transport: type[Ssh], server: Server, shell: CliShell) -> None:
    with pytest.raises(Timeout, match=r"no answer to 'the login' within 0.6 s"):
        transport.open(server.entry(timeouts={"connect": 0.6}), replace(shell, prompt="router>"))


def test_readline_wraps_long_lines_and_they_are_still_echoes(
    transport: type[Ssh], start: Start, shell: CliShell
) -> None:
    server = start(command="/bin/bash --noprofile --norc -i")
    shell = replace(shell, prompt=r"r1# ?|.*[$#] ", prepare=("PS1='r1# '", "set +o history"))
    session = transport.open(server.entry(), shell)
    for length in (10, 400, 511, 512, 600, 1100, 3000):
        assert session.execute(show(f"echo {'x' * length}")).text == "x" * length + "\n"
    session.close()


def test_an_unknown_device_type_is_named(server: Server, shell: CliShell) -> None:
    with pytest.raises(UsageError, match="netmiko has no device type 'cisco_toaster'"):
        SshTransport.open(server.entry(), replace(shell, netmiko="cisco_toaster"))


def came(session: Ssh) -> bool:
    """Whether what comes unasked has come, whole."""
    if isinstance(session, LoopedSsh):
        return bool(re.search(r"log after\r\n.*link down\r\n\S+# \Z", "".join(session.shown), re.DOTALL))
    link = link_of(session)
    return isinstance(link, Link) and link.channel.recv_ready()


def place(server: Server) -> str:
    return f"{server.address}:{server.port}"
