"""What can be told of discovery without an agent; the rest is in tests/real/test_discovery.py."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from netres import Entry, Facts, InvalidConfig
from netres.cli import main
from netres.inventory.facts_cache import FactsCache
from netres.inventory.recognise import recognised
from netres.transport.discovery import hosts


@pytest.mark.parametrize(
    ("oid", "description", "platform"),
    [
        (
            "1.3.6.1.4.1.9.1.2530",
            "Cisco IOS Software [Amsterdam], Catalyst L3 Switch Software (CAT9K_IOSXE)",
            "cisco_iosxe",
        ),
        ("1.3.6.1.4.1.9.1.620", "Cisco IOS Software, 1841 Software (C1841-IPBASE-M), Version 12.4", None),
        ("1.3.6.1.4.1.2636.1.1.1.2.29", "Juniper Networks, Inc. mx240, kernel JUNOS 21.4R3", "juniper_junos"),
        ("1.3.6.1.4.1.30065.1.2759", "Arista Networks EOS version 4.30.1F", "arista_eos"),
        ("1.3.6.1.4.1.8072.3.2.10", "Linux s1 6.1.0 #1 SMP x86_64", None),
        ("1.3.6.1.4.1.8072.3.2.10", "says JUNOS, and is not", None),
        ("", "", None),
    ],
)
def test_a_platform_is_recognised_where_both_say_so(oid: str, description: str, platform: str | None) -> None:
    assert recognised(oid, description) == platform


def test_networks_are_hosts_once_and_within_bounds() -> None:
    assert hosts(["192.0.2.0/30", "192.0.2.1"])[0] == ["192.0.2.1", "192.0.2.2"]
    for wrong in ("10.0.0.0/8", "192.0.2.1/24", "x"):
        with pytest.raises(InvalidConfig):
            hosts([wrong])


def test_facts_are_kept_for_the_device_that_told_them(tmp_path: Path) -> None:
    path = tmp_path / "new" / "facts.db"
    cache = FactsCache(path)
    entry = Entry(name="r1", platform="frr", host="192.0.2.1")
    assert cache.get(entry) is None
    cache.put(entry, Facts(vendor="FRRouting", serial="1"))
    cache.put(entry, Facts(vendor="FRRouting", serial="2"))
    told = FactsCache(path).get(entry)
    assert told is not None
    assert told.facts.serial == "2"
    assert 0 <= told.age.total_seconds() < 60
    assert cache.get(entry.model_copy(update={"host": "192.0.2.2"})) is None
    assert path.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(path) as database:
        database.execute("UPDATE facts SET facts = '[]'")
    database.close()
    assert cache.get(entry) is None
    path.write_bytes(b"no database" * 100)
    with pytest.raises(InvalidConfig, match=r"facts\.db: cannot be used"):
        cache.get(entry)


def test_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    Path("t.csv").write_text("name,host,platform,site,pass\nm1,localhost,memory,lon,hunter2\n")
    assert main(("inventory", "import", "csv", "t.csv", "-o", "i.yaml", "--option", "username=ops")) == 0
    assert "t.csv:2 (m1).pass: may be a secret" in capsys.readouterr().out
    assert main(("inventory", "import", "csv", "t.csv", "-o", "i.yaml")) == 1
    assert "exists" in capsys.readouterr().err
    assert "hunter2" not in Path("i.yaml").read_text()
    assert main(("inventory", "check", "-i", "i.yaml")) == 0
    assert main(("inventory", "show", "site=lon", "-i", "i.yaml")) == 0
    assert "m1" in capsys.readouterr().out
    assert main(("inventory", "show", "-i", "i.yaml", "--facts", "--cache", "f.db")) == 0
    assert "never told" in capsys.readouterr().out
    assert main(("inventory", "show", "-i", "i.yaml", "--facts", "--refresh", "--cache", "f.db")) == 0
    assert "never told" not in capsys.readouterr().out
    Path("j.yaml").write_text(Path("i.yaml").read_text().replace("lon", "par"))
    assert main(("inventory", "diff", "i.yaml", "j.yaml")) == 0
    assert capsys.readouterr().out == "~ m1.tags.site: lon -> par\n"
