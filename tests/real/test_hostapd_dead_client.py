"""A program that goes on at a real hostapd after the client died that sent it, and who comes next."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from needed import need

from netres import engine
from netres.errors import TransportError
from netres.flow import Operation
from netres.model import Config, Radio, Wlan
from netres.plan import Outcome
from netres.resource import Device
from netres.terms import Terms
from netres.testing.netns import wait_until
from netres.transport import open_transport
from netres.transport.ssh import SshTransport
from netres_drivers.hostapd.lab import RADIOS, HostapdLab, available

pytestmark = pytest.mark.real


def wanted(ssid: str, low: int, high: int) -> Config:
    radios = Radio(name="wlan0", band="2.4ghz", channel=low), Radio(name="wlan1", band="5ghz", channel=high)
    return Config.of([*radios, Wlan(name="corp", ssid=ssid)])


@pytest.fixture
def lab() -> Iterator[HostapdLab]:
    need(available())
    with HostapdLab() as running:
        yield running


def channels(lab: HostapdLab) -> list[str]:
    """On which hostapd runs, not those in its files."""
    told = [line for name in RADIOS for line in lab.cli(name, "status").splitlines()]
    return [line for line in told if line.startswith(("channel=", "state="))]


def abandoned(lab: HostapdLab, device: Device, swap: Operation) -> None:
    """Have a client send what changes the files, and die when they are changed."""
    before = lab.native()
    client = open_transport(lab.entry(), device.driver)
    assert isinstance(client, SshTransport)

    def send() -> None:
        with suppress(TransportError):
            client.execute(swap)

    sender = threading.Thread(target=send)
    sender.start()
    wait_until(lambda: lab.native() != before, "the change of the files")
    client.interrupt()
    sender.join()
    client.close()


@pytest.mark.parametrize("time", [1, 2])
def test_who_takes_a_change_back_waits_for_the_program_that_still_makes_it(lab: HostapdLab, time: int) -> None:
    """Without that hostapd was left, most times, with channels of both changes, and nobody noticed."""
    with lab.entry().connect() as device:
        device.apply(device.plan(wanted("Corp", 6, 36))).raise_for_outcome()
        before, runs = lab.native(), channels(lab)
        plan = device.plan(wanted("Corporation", 11, 40))
        ready = device.drive(lambda driver: engine.prepare(driver, plan, Terms()))
        *staging, swap = ready.operations
        client = open_transport(lab.entry(), device.driver)
        for operation in staging:
            client.execute(operation)
        client.close()
        daemon = int(Path(str(lab.entry().options["pid"])).read_text())
        os.kill(daemon, signal.SIGSTOP)  # as while a radio takes its time to start
        abandoned(lab, device, swap)
        goes_on = threading.Timer(1, os.kill, (daemon, signal.SIGCONT))
        goes_on.start()
        lost = ready.blank.model_copy(update={"outcome": Outcome.UNKNOWN})
        back = device.rollback(lost, force=True)
        goes_on.join()
    assert (back.outcome, back.exact) == (Outcome.APPLIED, True)
    assert (lab.native(), channels(lab), lab.left_behind()) == (before, runs, [])
