"""The simulated router's archive, its ways back and its files, with every question they ask."""

from __future__ import annotations

import pytest

from netres.testing.sim import Simulated, registry
from netres.testing.sim.cli import CliSession


@pytest.fixture
def device() -> Simulated:
    return registry.get("cisco_iosxe").make("r1")


@pytest.fixture
def cli(device: Simulated) -> CliSession:
    assert device.cli is not None
    return device.cli()


def typed(cli: CliSession, *lines: str) -> str:
    return "".join(cli.line(line) for line in lines)


def test_the_archive(cli: CliSession, device: Simulated) -> None:
    typed(cli, "archive config", "conf t", "archive", "maximum 2", "write-memory", "end", "wr", "wr")
    shown = cli.line("show archive")
    assert "The maximum archive configurations allowed is 2.\nThere are currently 2 archive" in shown
    assert "-2 <- Most Recent\n" in shown
    assert [line[:12].strip() for line in shown.splitlines()[3:]] == ["Archive #", "1", "2"]
    assert len(device.files) == 2


def changed(device: Simulated, line: str = "hostname r2") -> bytes:
    """The running configuration with another line."""
    return device.native().replace("hostname r1", line).encode()


def test_a_replacement_is_asked_for(device: Simulated, cli: CliSession) -> None:
    device.files["next"] = changed(device)
    before = device.native()
    cli.line("configure replace flash:next")
    assert "Enter Y if you are sure you want to proceed. ? [no]: " in cli.shown_prompt
    cli.line("")
    assert device.native() == before
    assert "Rollback Done" in typed(cli, "configure replace flash:next", "Y")
    assert "hostname r2\n" in device.native()


def test_a_replacement_that_must_be_confirmed(device: Simulated, cli: CliSession) -> None:
    device.files["next"] = changed(device)
    before = device.native()
    assert "Backing up current running config" in cli.line("configure replace flash:next force time 2")
    assert "already in progress" in cli.line("configure terminal revert timer 5")
    assert "Timer type: absolute timer\nTimer value: 2 min\n" in cli.line("show archive config rollback timer")
    device.clock.advance(100)
    typed(cli, "configure revert timer idle 2")
    device.clock.advance(100)
    assert "hostname r2\n" in device.native()
    device.clock.advance(121)
    assert device.native() == before
    for line in ("configure confirm", "configure revert now", "configure revert timer 5"):
        assert cli.line(line) == "%No Rollback Confirmed Change pending\n"


def test_a_line_that_is_refused_leaves_the_others(device: Simulated, cli: CliSession) -> None:
    device.files["next"] = changed(device, "hostname r2\nnonsense here")
    said = cli.line("configure replace flash:next force")
    assert "Rollback aborted after 5 passes" in said
    assert "********\nnonsense here\n********" in said
    assert "hostname r2\n" in device.native()


def test_half_a_configuration_replaces_nothing(device: Simulated, cli: CliSession) -> None:
    device.files["half"] = b"hostname r2\n"
    before = device.native()
    assert cli.line("configure replace flash:half force") == "%The input file is not a valid config file.\n"
    assert "%Error opening flash:none" in cli.line("configure replace flash:none force")
    device.fail("locked")
    device.files["whole"] = changed(device)
    assert "Configuration mode is locked" in cli.line("configure replace flash:whole force")
    assert "Configuration mode is locked" in typed(cli, "copy flash:half running-config", "")
    assert device.native() == before


def test_the_archive_must_be_configured(device: Simulated, cli: CliSession) -> None:
    typed(cli, "conf t", "no archive", "end")
    assert cli.line("show archive") == "Archive feature not enabled\n"
    for line in ("archive config", "configure terminal revert timer 5"):
        assert "%Please turn config archive on" in cli.line(line)
    assert cli.prompt == "r1#"


def test_differences(device: Simulated, cli: CliSession) -> None:
    assert "!No changes were found" in cli.line("show archive config differences")
    typed(cli, "conf t", "interface Loopback1", "end")
    assert cli.line("show archive config differences").splitlines()[1:3] == ["+interface Loopback1", " +no ip address"]
    device.files["add"] = b"interface Loopback1\n description x\nend\n"
    incremental = cli.line("show archive config incremental-diffs flash:add ignorecase")
    assert incremental == "!List of Commands:\ninterface Loopback1\n description x\nend\n\n"
    device.files["bad"] = b"nonsense\n"
    assert "% Invalid input" in cli.line("show archive config incremental-diffs flash:bad")
    assert "%Error" in cli.line("show archive config differences flash:bad")


def test_files_and_their_questions(device: Simulated, cli: CliSession) -> None:
    typed(cli, "copy running-config flash:", "one")
    typed(cli, "copy running-config flash:one", "")
    assert cli.shown_prompt.endswith("Do you want to over write? [confirm]")
    assert "bytes copied" in cli.line("")
    assert "Directory of bootflash:/one\n" in cli.line("dir bootflash:/one")
    assert "No such file" in cli.line("dir flash:none")
    assert "(Invalid argument)" in cli.line("dir tftp:")
    assert "(Invalid argument)" in typed(cli, "copy flash:one tftp:", "")
    typed(cli, "delete flash:one", "", "n")
    assert "one" in device.files
    typed(cli, "delete flash:one", "", "")
    assert not device.files
    assert "%Error deleting" in cli.line("delete /force flash:one")
    device.files["new"] = changed(device)
    typed(cli, "copy flash:new startup-config", "")
    device.files["new"] = b"nonsense\n"
    assert "nonsense" in typed(cli, "copy flash:new startup-config", "")
    device.reboot()
    assert "hostname r2\n" in device.native()


def test_a_file_is_taken_line_by_line(device: Simulated, cli: CliSession) -> None:
    device.files["lines"] = b"hostname r2\nnonsense\ninterface Loopback1\n description x\n"
    said = typed(cli, "conf t", "file prompt quiet", "end", "copy flash:lines running-config")
    assert "nonsense\n ^\n% Invalid input detected at '^' marker.\n" in said
    assert "hostname r2\n" in device.native()
    assert "interface Loopback1\n description x\n" in device.native()


@pytest.mark.parametrize("pipe", ["x y", "include", "include (", ""])
def test_a_pipe_that_is_none(cli: CliSession, pipe: str) -> None:
    assert cli.line(f"show version | {pipe}").lstrip(" ^\n").startswith(("% Invalid", "% Incomplete"))
