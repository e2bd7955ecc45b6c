"""hostapd's files, whatever stands in them and whatever is wanted: nothing is lost, and what is written reads back."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress

import pytest
from hostapd_files import FILES, SITE, configs, has, taken, view, written
from hypothesis import assume, given, settings
from needed import need

from netres.errors import InvalidConfig, ParseError
from netres.flow import Reply
from netres.model import Config
from netres_drivers.hostapd.compose import edited
from netres_drivers.hostapd.lab import SEARCH, available
from netres_drivers.hostapd.tell import END, GOOD


@given(config=configs(), other=configs())
def test_what_is_written_reads_back(config: Config, other: Config) -> None:
    assume(taken(config) and taken(other))
    made = view("interface=wlan0\nctrl_interface=/run/hostapd\n")
    for wanted in (config, other, config):
        made = view(written(edited(made, wanted)))
        assert has(made) == {str(item.key): item for item in wanted.items}
        assert not made.foreign()


@given(text=FILES)
def test_every_text_is_a_file_and_is_written_as_it_was_read(text: str) -> None:
    seen = view(text)
    assert written(seen) == text
    items = list(seen.items())
    Config.of(items)
    seen.foreign()
    list(seen.unowned())
    with suppress(ParseError):
        SITE.files(Reply(text))


@given(text=FILES, config=configs())
def test_lines_of_others_survive_or_the_change_is_refused(text: str, config: Config) -> None:
    assume(taken(config))
    before = view(text)
    mine = {str(item.key) for item in before.items()} | {str(key) for key in before.foreign()}
    assume(not mine & {str(item.key) for item in config.items})
    try:
        after = view(written(edited(before, Config.of([*before.items(), *config.items]))))
    except InvalidConfig:
        return
    assert set(before.unowned()) <= set(after.unowned())
    assert has(after) == {**has(before), **{str(item.key): item for item in config.items}}


@pytest.mark.real
@settings(max_examples=50, deadline=None)
@given(config=configs())
def test_the_real_hostapd_finds_no_fault_in_what_is_written(config: Config) -> None:
    need(available())
    assume(taken(config))
    program = shutil.which("hostapd", path=SEARCH) or "hostapd"
    text = written(edited(view("interface=wlan0\ndriver=none\n"), config)) + f"{END}\n"
    feed = text.encode(errors="surrogateescape")
    done = subprocess.run([program, "/dev/stdin"], input=feed, capture_output=True, check=False, timeout=10)
    assert GOOD in done.stdout.decode(errors="replace").splitlines(), done.stdout
