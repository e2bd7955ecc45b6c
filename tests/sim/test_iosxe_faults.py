"""What goes wrong at the simulated router, over its real SSH server, and what it holds then."""

from __future__ import annotations

from collections.abc import Iterator

import paramiko
import pytest

from netres.testing.sim import Lab, Simulated

LINES = (
    "configure terminal",
    "interface gi0/0/1",
    "description half done",
    "ip address 192.0.2.1 255.255.255.0",
    "end",
)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"r1": "cisco_iosxe"}) as running:
        yield running


@pytest.fixture
def device(lab: Lab) -> Simulated:
    lab["r1"].faults.clear()
    lab["r1"].store.reset()
    return lab["r1"]


class Shell:
    """A command line over SSH."""

    def __init__(self, lab: Lab) -> None:
        self.client = paramiko.SSHClient()
        self.client.load_host_keys(str(lab.folder / "known_hosts"))
        device = lab["r1"]
        self.client.connect(
            "127.0.0.1",
            lab.ports["r1"]["ssh"],
            device.username,
            device.password,
            allow_agent=False,
            look_for_keys=False,
        )
        self.channel = self.client.invoke_shell()
        self.channel.settimeout(5)
        self.said = ""
        self.until("#")

    def until(self, end: str) -> str:
        """What is shown until ``end``, or until the connection is lost."""
        text = ""
        while not text.endswith(end) and (data := self.channel.recv(65536)):
            text += data.decode(errors="replace")
        return text

    def type(self, *lines: str) -> str:
        """What is shown for these lines."""
        shown = ""
        for line in lines:
            self.channel.send(f"{line}\n".encode())
            shown += self.until("#")
            if self.channel.closed:
                break
        return shown


@pytest.fixture
def shell(lab: Lab, device: Simulated) -> Iterator[Shell]:
    made = Shell(lab)
    yield made
    made.client.close()


def test_a_cut_leaves_half_of_it_and_a_reload_takes_that_back(lab: Lab, device: Simulated, shell: Shell) -> None:
    before = device.native()
    device.fail("cut-after", on="^description")
    shell.type(*LINES)
    assert " description half done\n" in device.native()
    assert "192.0.2.1" not in device.native()
    device.fail("reboot", on="^show clock")
    again = Shell(lab)
    again.type("show clock")
    again.client.close()
    assert device.native() == before


def test_a_cut_before_leaves_nothing(device: Simulated, shell: Shell) -> None:
    before = device.native()
    device.fail("cut-before", on="^description")
    shell.type(*LINES)
    assert device.native() == before


def test_a_rejected_line_is_told_in_the_platforms_words(device: Simulated, shell: Shell) -> None:
    device.fail("rejected", on="^ip address")
    shown = shell.type(*LINES)
    assert f"r1(config-if)#ip address 192.0.2.1 255.255.255.0\r\n{' ' * 14}^\r\n% Invalid input detected" in shown
    assert "192.0.2.1" not in device.native()
    assert "half done" in device.native()


@pytest.mark.parametrize(
    ("begin", "confirm"), [("configure terminal revert timer 1", False), ("configure terminal revert timer 1", True)]
)
def test_the_timer_gives_back_the_exact_former_configuration(
    device: Simulated, shell: Shell, begin: str, *, confirm: bool
) -> None:
    before = device.native()
    shown = shell.type(begin, *LINES[1:])
    assert "Rollback Confirmed Change: Backing up current running config to bootflash:archive-" in shown
    changed = device.native()
    if confirm:
        shell.type("configure confirm")
    device.fail("clock-jump", on="^show clock", seconds=61)
    shell.type("show clock")
    assert device.native() == (changed if confirm else before)
    assert "%No Rollback Confirmed Change pending" in shell.type("configure confirm")


def test_the_timer_fires_while_a_block_is_open(device: Simulated, shell: Shell) -> None:
    before = device.native()
    shell.type("configure terminal revert timer 1", "interface Loopback7", "description gone soon")
    device.clock.advance(61)
    assert device.native() == before
    shell.type("description where am I", "end")
    assert device.native() == before


def test_an_idle_timer_waits_as_long_as_something_is_typed(device: Simulated, shell: Shell) -> None:
    before = device.native()
    shell.type("configure terminal revert timer idle 1", "hostname r2")
    for _ in range(3):
        device.clock.advance(45)
        shell.type("do show clock")
    assert device.native() != before
    device.clock.advance(61)
    assert device.native() == before


def test_a_reboot_forgets_the_timer_and_the_sessions(lab: Lab, device: Simulated, shell: Shell) -> None:
    shell.type("configure terminal revert timer 1", "hostname r2", "end", "write memory")
    device.reboot()
    assert shell.until("#") == ""
    device.clock.advance(61)
    assert "hostname r2\n" in device.native()


def test_somebody_else_holds_the_lock(device: Simulated, shell: Shell) -> None:
    device.fail("locked")
    assert "Configuration mode is locked by process" in shell.type("configure terminal")
    assert "r1(config)" not in shell.type("show clock")


def test_it_stores_something_else_than_it_was_told(device: Simulated, shell: Shell) -> None:
    device.fail("normalised", find="half done", replace="done")
    shell.type(*LINES)
    assert " description done\n" in device.native()


def test_secrets_are_shown_as_another_hash_at_each_read(device: Simulated, shell: Shell) -> None:
    device.store.load("snmp-server community s3cret RO\n")
    device.fail("salted", find=r"community (\S+)")
    one, other = (shell.type("terminal length 0", "show running-config | include community") for _ in range(2))
    assert one != other
    assert "s3cret" not in one
    assert not any("s3cret" in str(exchange) for exchange in device.dialogue)
