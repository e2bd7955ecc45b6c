"""The way to a device, from its entry and ssh_config."""

from __future__ import annotations

from pathlib import Path

import pytest

from netres.errors import InvalidConfig
from netres.inventory.entry import Entry
from netres.transport.ssh_config import Hop, route


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config"


def hops(config: Path | None, text: str = "", **changes: object) -> tuple[Hop, ...]:
    ssh: dict[str, object] = {"config": config}
    if config is not None:
        config.write_text(text)
    if isinstance(more := changes.pop("ssh", None), dict):
        ssh |= more
    return route(Entry.model_validate({"name": "r1", "platform": "frr", "host": "lon-r1", "ssh": ssh, **changes}))


def refused(config: Path, text: str = "", **changes: object) -> str:
    with pytest.raises(InvalidConfig) as caught:
        hops(config, text, **changes)
    return str(caught.value)


def test_the_entry_comes_before_ssh_config(config: Path, tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    text = f"Host *\n Port 2022\n User theirs\n HostName 192.0.2.1\n IdentityFile {tmp_path}/key\n IdentityFile /none\n"
    (hop,) = hops(config, text)
    assert hop == Hop("192.0.2.1", 2022, "theirs", (tmp_path / "key",), (Path("~/.ssh/known_hosts").expanduser(),))
    ssh = {"identity": "/mine", "known_hosts": "/known"}
    (hop,) = hops(config, text, port=22, username="mine", ssh=ssh)
    assert hop == Hop("192.0.2.1", 22, "mine", (Path("/mine"),), (Path("/known"),))
    assert hop.place == "192.0.2.1:22"


def test_the_users_own_ssh_config_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert hops(None, username="mine")[0].host == "lon-r1"
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text("Host lon-r1\n HostName 2001:db8::1\n")
    assert hops(None, username="mine")[0].place == "[2001:db8::1]:22"


def test_jump_hosts(config: Path) -> None:
    text = "Host a\n ProxyJump b\nHost b\n ProxyJump none\n User bob\n Port 2\nHost *\n ProxyJump a,ssh://carol@[2001:db8::1]:3\n"
    found = [(hop.username, hop.host, hop.port) for hop in hops(config, text, username="u")]
    assert found == [("bob", "b", 2), ("u", "a", 22), ("carol", "2001:db8::1", 3), ("u", "lon-r1", 22)]
    assert len(hops(config, text, username="u", ssh={"jump": "none"})) == 1
    assert [hop.host for hop in hops(config, text, username="u", ssh={"jump": "b"})][-2:] == ["b", "lon-r1"]


def test_a_jump_host_for_all_is_not_its_own(config: Path) -> None:
    assert [hop.host for hop in hops(config, "Host *\n ProxyJump a\n", username="u")] == ["a", "lon-r1"]


def test_settings_that_cannot_be_used_are_named(config: Path) -> None:
    assert refused(config) == "device 'r1': has no username; set username, or User in ssh_config"
    assert refused(config, username="u", ssh={"jump": "a b"}) == (
        "device 'r1': jump host 'a b' is not of the form [user@]host[:port]"
    )
    assert refused(config, "Host a\n ProxyJump b\nHost b\n ProxyJump a\n", username="u", ssh={"jump": "a"}) == (
        "device 'r1': more than 8 jump hosts behind each other; look for a circle of ProxyJump"
    )
    assert refused(config, "Port 70000\n", username="u") == (
        "device 'r1': '70000' in ssh_config or ssh.jump is no TCP port; use 1 to 65535"
    )
    assert refused(config, username="u", ssh={"jump": "a:0"}).startswith("device 'r1': '0' in")
    assert refused(config, "ProxyCommand nc %h %p\n", username="u") == (
        "device 'r1': ssh_config names a ProxyCommand; only ProxyJump can be used"
    )
    assert refused(config, "nonsense\n", username="u").startswith(f"device 'r1': ssh.config '{config}' cannot be read:")
    assert refused(config, "CanonicalizeHostname yes\nCanonicalizeMaxDots x\n", username="u").startswith(
        "device 'r1': ssh_config cannot be applied to 'lon-r1': "
    )
    with pytest.raises(InvalidConfig, match=r"ssh.config '/no/such' cannot be read"):
        hops(None, username="u", ssh={"config": "/no/such"})
