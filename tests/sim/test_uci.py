"""UCI as programs over SSH: what libuci's own command line does and says."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from needed import need
from typing_ssh import Runner, Typist, connected

from netres.testing.sim import Lab, Simulated
from netres.testing.sim.shell import Shell, ShellError, parsed
from netres.testing.sim.uci import Package, made_up, parse
from netres.testing.sim.uci_programs import programs, reads
from netres.testing.sim.uci_store import UciStore
from netres_drivers.openwrt.sim import SIMULATOR


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"ap1": SIMULATOR}) as running:
        yield running


@pytest.fixture
def ap(lab: Lab) -> Simulated:
    device = lab["ap1"]
    device.faults.clear()
    device.store.reset()
    return device


@pytest.fixture(scope="module")
def run(lab: Lab) -> Iterator[Runner]:
    runner = Runner(lab, "ap1")
    yield runner
    runner.close()


def shell(device: Simulated) -> Shell:
    assert isinstance(device.store, UciStore)
    return Shell("ash", programs(device, device.store, {}), device.store.files, reads)


def test_names_of_anonymous_sections_are_those_of_libuci() -> None:
    """As public reports have them: openwrt/openwrt#8048, and any default configuration."""
    assert made_up(2, "rpcd") == "cfg027c4e"
    assert made_up(1, "system") == "cfg01e48a"
    assert made_up(1, "dnsmasq") == "cfg01411c"
    assert made_up(3, "wifi-iface") == "cfg033579"


def test_reading(run: Runner, ap: Simulated) -> None:
    assert run("uci get system.@system[0].hostname") == (0, "ap1\n")
    assert run("uci get system.@system[-1]") == (0, "system\n")
    assert run("uci show network.lan.proto") == (0, "network.lan.proto='static'\n")
    assert run("uci get system.ntp.server")[1].split()[0] == "0.openwrt.pool.ntp.org"
    assert "system.@system[0].hostname='ap1'\n" in run("uci show system")[1]
    assert "system.cfg01e48a.hostname='ap1'\n" in run("uci -X show system")[1]
    assert run("uci export network")[1] == "package network\n" + run("cat /etc/config/network")[1]


def test_staging_and_committing(run: Runner, ap: Simulated) -> None:
    former = ap.native()
    files = dict(ap.files)
    assert run("uci set network.lan.ipaddr='192.0.2.1'; uci add_list network.lan.dns=192.0.2.53") == (0, "")
    assert run("uci delete network.wan6 && uci rename network.wan=uplink") == (0, "")
    assert run("uci changes")[1].splitlines() == [
        "network.lan.ipaddr='192.0.2.1'",
        "network.lan.dns+='192.0.2.53'",
        "-network.wan6",
        "network.wan='uplink'",
    ]
    assert ap.files == files
    assert run("uci get network.lan.ipaddr") == (0, "192.0.2.1\n")
    assert run("uci revert network.lan.dns && uci changes network.lan")[0] != 0
    run("uci commit")
    assert ap.files != files
    assert ap.native() == former, "a file is not what runs"
    run("/etc/init.d/network reload")
    assert "option ipaddr '192.0.2.1'" in ap.native()
    assert "dns" not in ap.native().partition("package network")[2].partition("package")[0]


def test_anonymous_sections(run: Runner, ap: Simulated) -> None:
    name = run("uci add network device")[1].strip()
    assert name == made_up(7, "device")
    run(f"uci set network.{name}.name=br-x; uci set network.@device[-1].type=bridge; uci commit network")
    assert run("uci get network.@device[1].name") == (0, "br-x\n")
    run("uci reorder network.@device[1]=0; uci commit")
    assert run("cat /etc/config/network")[1].startswith("\nconfig device\n\toption name 'br-x'\n")


def test_what_is_refused(run: Runner, ap: Simulated) -> None:
    assert run("uci get network.nothing") == (1, "uci: Entry not found\n")
    assert run("uci -q get network.nothing") == (1, "")
    assert run("uci add nothing section") == (3, "uci: Entry not found\n")
    assert run("uci set network.none.option=1") == (2, "uci: Invalid argument\n")
    assert run("uci set nothing.none.option=1") == (1, "uci: Entry not found\n")
    assert run("uci delete network.none") == (3, "uci: Entry not found\n")
    assert run("uci frobnicate") == (2, "uci: Invalid argument\n")
    assert run("opkg update") == (127, "ash: opkg: not found\n")
    assert run("uci set network.lan.x=1 2>/dev/null || opkg; opkg 2>&1 | cat") == (
        0,
        "ash: opkg: not found\n",
    )
    assert run("uci set network.lan.x=$(reboot)")[0] == 2
    assert run("uci import", "nonsense\n") == (5, "uci: Parse error (invalid command) at line 1, byte 0\n")
    assert run("cat /nowhere") == (1, "cat: can't open '/nowhere': No such file or directory\n")


def test_files(run: Runner, ap: Simulated) -> None:
    text = "\nconfig wifi-iface 'corp'\n\toption ssid 'it'\\''s'\n\n"
    write = "cat > /tmp/wireless && mv /tmp/wireless /etc/config/wireless && wifi reload"
    assert run(write, text) == (0, "")
    assert run("cat /etc/config/wireless") == (0, text)
    assert run("uci get wireless.corp.ssid") == (0, "it's\n")
    assert "it'\\''s" in ap.native()


def test_a_batch_goes_on_after_a_failure_and_tells_no_status(run: Runner, ap: Simulated) -> None:
    lines = "set network.lan.ipaddr='192.0.2.1'\ndelete network.none\nset network.lan.proto='dhcp'\n"
    assert run("uci batch", lines) == (0, "uci: Entry not found\n")
    assert run("uci get network.lan.proto") == (0, "dhcp\n")


def test_a_program_that_reads_nothing_does_not_wait(lab: Lab, ap: Simulated) -> None:
    with connected(lab, "ap1") as client:
        _, stdout, _ = client.exec_command("uci get network.lan.proto", timeout=10)
        assert stdout.read() == b"static\n"


def test_a_login(lab: Lab, ap: Simulated) -> None:
    with Typist(lab, "ap1", "# ") as typist:
        assert typist.prompt == "root@ap1:~# "
        assert typist.type("uci get network.lan.proto") == "static"
        assert typist.type("frobnicate") == "ash: frobnicate: not found"


def test_a_restart_loses_what_is_not_committed(run: Runner, ap: Simulated) -> None:
    run("uci set network.lan.ipaddr=192.0.2.1; uci commit; uci set network.lan.ipaddr=192.0.2.2")
    run("echo x > /tmp/x")
    ap.reboot()
    run.close()
    assert run("uci changes") == (0, "")
    assert "192.0.2.1" in ap.native()
    assert "/tmp/x" not in ap.files


def test_faults(lab: Lab, run: Runner, ap: Simulated) -> None:
    ap.fail("rejected", on="commit")
    assert run("uci commit network") == (1, "uci: Invalid argument\n")
    ap.fail("normalised", find="hostname=.*", replace="hostname=other")
    run("uci set system.@system[0].hostname=mine")
    assert run("uci get system.@system[0].hostname") == (0, "other\n")
    ap.fail("salted", find="hostname='(.*)'")
    assert run("uci show system") != run("uci show system")
    ap.faults.clear()
    ap.fail("locked")
    assert run("uci commit") == (1, "uci: I/O error\n")
    ap.faults.clear()
    ap.fail("cut-after", on="commit")
    with connected(lab, "ap1") as client:
        _, stdout, _ = client.exec_command("uci commit system", timeout=10)
        assert stdout.read() == b""
    assert b"other" in ap.files["/etc/config/system"]


def test_secrets_are_masked(run: Runner, ap: Simulated) -> None:
    run("uci set wireless.default_radio0.key='geheim-1'; uci show wireless; uci export wireless")
    assert "geheim-1" not in "".join(map(str, ap.dialogue))


def test_the_recording_of_a_device(ap: Simulated) -> None:
    folder = os.environ.get("NETRES_RECORDINGS")
    need(None if folder else "NETRES_RECORDINGS names no folder of device recordings")
    recorded = Path(folder or "", "openwrt/smart-srun/kwrt-25.12_uci-show-wireless.txt").read_text()
    run = shell(ap).run
    run("rm /etc/config/wireless")
    run("echo > /etc/config/wireless")
    for line in recorded.splitlines():
        assert str(run(f"uci set {line}")) == ""
    assert str(run("uci show wireless")) == recorded.rstrip("\n") + "\n"


NAMES = st.text("abcxyz_0", min_size=1, max_size=3)
VALUES = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@st.composite
def packages(draw: st.DrawFn) -> Package:
    package = Package("network")
    for name in draw(st.lists(st.none() | NAMES, max_size=4, unique_by=lambda name: name or object())):
        section = package.add(draw(NAMES), name)
        section.options.update(draw(st.dictionaries(NAMES, VALUES, max_size=3)))
        section.options.update(
            draw(st.dictionaries(NAMES, st.lists(VALUES, min_size=1, max_size=3).map(tuple), max_size=2))
        )
    return package


@settings(max_examples=60, deadline=None)
@given(packages())
def test_what_is_exported_can_be_imported_and_read(package: Package) -> None:
    text = package.export()
    assert parse(text)["network"] == package
    device = SIMULATOR.make("empty")
    device.files.clear()
    assert str(shell(device).run("uci import", text)) == ""
    assert str(shell(device).run("uci export network")) == text


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_any_value_survives_quoting(value: str) -> None:
    device = SIMULATOR.make("ap1")
    run = shell(device).run
    assert str(run(f"uci set system.ntp.x={shlex.quote(value)}; uci commit")) == ""
    assert run("uci get system.ntp.x").output == value + "\n"
    other = SIMULATOR.make("empty")
    other.files.clear()
    assert str(shell(other).run("uci import", str(run("uci export")))) == ""
    assert other.files == device.files


CHANGES = """\
set network.lan.ipaddr=1
delete network.lan.ipaddr
delete network.wan
set network.x=interface
set network.x.y=z
add network route
add_list network.lan.dns=1
add_list network.lan.proto=x
del_list network.lan.dns=1
rename network.lan=lan2
reorder network.wan=0
set network.@device[0].name=x
delete network.@device[0]
"""


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(CHANGES.splitlines()), max_size=12))
def test_what_is_staged_and_reverted_leaves_no_trace(changes: list[str]) -> None:
    device = SIMULATOR.make("ap1")
    former, files = device.native(), dict(device.files)
    run = shell(device).run
    for change in changes:
        run(f"uci {change}")
    assert device.files == files
    run("uci revert network")
    assert str(run("uci changes")) == ""
    run("uci commit; reload_config")
    assert (device.native(), dict(device.files)) == (former, files)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(CHANGES.splitlines()), max_size=12))
def test_what_is_committed_is_what_was_staged(changes: list[str]) -> None:
    device = SIMULATOR.make("ap1")
    run = shell(device).run
    for change in changes:
        run(f"uci {change}")
    staged = str(run("uci export network"))
    run("uci commit")
    assert str(run("uci changes")) == ""
    assert str(run("uci export network")) == staged


@settings(max_examples=60, deadline=None)
@given(st.text("abc '\"\\;&|<>$`()#\n\t=", max_size=20))
def test_a_line_of_any_kind_is_understood_or_refused(line: str) -> None:
    try:
        steps = parsed(line)
    except ShellError:
        return
    assert all(step.words for step in steps)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=8), min_size=1))
def test_words_that_are_quoted_come_back(words: list[str]) -> None:
    assert parsed(shlex.join(words))[0].words == words
