"""The transport over real agents: how each way not to get in differs from the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest
from snmp_sessions import GET_NAME, NAME, Opened, changed, refused, wrong

from netres.errors import AuthFailed, ConnectFailed, InvalidConfig, NetresError, Rejected, SecretError, Timeout
from netres.flow import Snmp
from netres.inventory.entry import Entry
from netres.model.secret import Secret
from netres.transport.snmp import SnmpTransport
from netres.transport.snmp_engine import engine
from netres_drivers.snmp.lab import READER, Agent, SnmpLab, Version

pytestmark = pytest.mark.real

LOCATION = "1.3.6.1.2.1.1.6.0"


@pytest.fixture
def agent(snmp_lab: SnmpLab) -> Agent:
    agent = snmp_lab.agents["s1"]
    agent.host.mend()
    agent.reset()
    return agent


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens sessions; they are closed with the test."""
    with ExitStack() as stack:
        yield lambda entry: stack.enter_context(closing(SnmpTransport.open(entry)))


def test_a_wrong_community_is_not_silence(agent: Agent) -> None:
    entry = changed(agent.entry(version="2c", timeout=0.5), community=wrong())
    error, seconds = refused(entry)
    assert type(error) is AuthFailed
    assert "an SNMP agent answers there, but not to this community" in str(error)
    assert 1 <= seconds < 2.5, "as long as silence takes"
    agent.host.cut()
    silence, _ = refused(entry)
    assert type(silence) is Timeout
    assert "nobody is there, packets are dropped, or an agent without version 3 does not know" in str(silence)


@pytest.mark.parametrize(
    ("settings", "user", "words"),
    [
        ({"auth_key": wrong()}, READER, "usmStatsWrongDigests"),
        ({"auth_protocol": "sha512"}, READER, "usmStatsWrongDigests"),
        ({}, "nobody", "usmStatsUnknownUserNames"),
        ({"priv_key": wrong()}, READER, "check priv_key, priv_protocol and context"),
        ({"priv_protocol": "des"}, READER, "check priv_key, priv_protocol and context"),
        ({"context": "elsewhere"}, READER, "check priv_key, priv_protocol and context"),
        ({"priv_key": None}, READER, "lets this user do nothing at this security level"),
        ({"auth_protocol": "sha512"}, "signer", "usmStatsUnsupportedSecLevels"),
    ],
    ids=["key", "hash", "user", "privacy key", "cipher", "context", "too low a level", "too high a level"],
)
def test_wrong_credentials_of_version_3(agent: Agent, settings: dict[str, object], user: str, words: str) -> None:
    entry = changed(agent.entry(timeout=0.5), **settings).model_copy(update={"username": user})
    error, _ = refused(entry)
    assert type(error) is AuthFailed
    assert words in str(error)


@pytest.mark.parametrize("version", ["2c", "3"])
def test_a_closed_port_and_silence_are_two_things(agent: Agent, version: Version) -> None:
    entry = agent.entry(version=version, timeout=0.5)
    closed, seconds = refused(entry.model_copy(update={"port": 1161}))
    assert type(closed) is ConnectFailed
    assert "Connection refused" in str(closed)
    assert seconds < 0.5, "it does not wait for what is told at once"
    agent.host.cut()
    silent, seconds = refused(entry)
    assert type(silent) is Timeout
    assert 1 <= seconds < 2.5
    unknown, _ = refused(entry.model_copy(update={"host": "no-such-host.invalid"}))
    assert type(unknown) is ConnectFailed
    assert "the name is not known" in str(unknown)


def test_one_user_of_two_agents_has_two_keys_at_the_same_time(snmp_lab: SnmpLab, opened: Opened) -> None:
    for agent in snmp_lab.agents.values():
        agent.host.mend()
        agent.reset()
    sessions = {name: opened(agent.entry()) for name, agent in snmp_lab.agents.items()}

    def ask(name: str) -> set[object]:
        return {sessions[name].execute(GET_NAME).body[NAME] for _ in range(50)}  # type: ignore[index,call-overload]

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(ask, ["s1", "s2"])) == [{"s1"}, {"s2"}]


def test_wrong_credentials_do_no_harm_to_right_ones(agent: Agent, opened: Opened) -> None:
    """The same user of the same agent at the same time: pysnmp has room for one set of keys."""
    right, other = opened(agent.entry()), opened(agent.entry(version="2c"))

    def fail(settings: Mapping[str, object]) -> set[type[NetresError]]:
        return {type(refused(changed(agent.entry(timeout=0.5), **settings))[0]) for _ in range(2)}

    with ThreadPoolExecutor(2) as threads:
        failing = [threads.submit(fail, settings) for settings in ({"auth_key": wrong()}, {"priv_protocol": "aes256"})]
        names: list[object] = []
        while not all(one.done() for one in failing):
            names += [session.execute(GET_NAME).body for session in (right, other)]
        assert [one.result() for one in failing] == [{AuthFailed}, {AuthFailed}]
    assert len(names) >= 4
    assert all(name == {NAME: "s1"} for name in names)


def test_the_engine_forgets_credentials_with_the_last_session(agent: Agent) -> None:
    versions: tuple[Version, ...] = ("2c", "3")
    for version in versions:
        entry = agent.entry(version=version)
        first, second = SnmpTransport.open(entry), SnmpTransport.open(entry)
        first.close()
        assert second.execute(GET_NAME).body == {NAME: "s1"}
        second.close()
    refused(changed(agent.entry(), auth_key=wrong()))
    kept = (vars(engine().users)["_seats"], vars(engine().communities)["_known"], vars(engine())["_links"])
    assert not any(kept), kept


def test_secrets_do_not_show(agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    versions: tuple[Version, ...] = ("2c", "3")
    for version in versions:
        entry = agent.entry(version=version, timeout=0.4)
        with closing(SnmpTransport.open(entry)) as session:
            with pytest.raises(Rejected) as caught:
                session.execute(Snmp("set", (LOCATION,), ("x",)))
            inside: object = vars(session)["_session"]
            shown += [str(caught.value), repr(vars(session)), repr(vars(inside))]
        for settings in ({"community": wrong()}, {"auth_key": wrong()}, {"priv_key": wrong()}):
            if (version == "2c") == ("community" in settings):
                shown.append(str(refused(changed(entry, **settings))[0]))
    shown.append(caplog.text)
    secrets = [*agent.secrets.values(), "not-the-s3cret"]
    assert not [(secret, text) for secret in secrets for text in shown if secret in text]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "snmp has neither of community and auth_key"),
        ({"community": wrong(), "auth_key": wrong()}, "snmp has both of community and auth_key"),
        ({"community": wrong(), "priv_key": wrong()}, r"snmp\.priv_key goes with auth_key"),
        ({"auth_key": Secret.observed("7 chars")}, r"snmp\.auth_key must have 8 characters at least"),
        (
            {"auth_key": wrong(), "priv_key": Secret.observed("short")},
            r"snmp\.priv_key must have 8 characters at least",
        ),
    ],
)
def test_settings_that_are_not_usable_are_named(settings: dict[str, object], words: str) -> None:
    entry = Entry(name="s9", platform="snmp", host="192.0.2.9", username="ops")
    with pytest.raises(InvalidConfig, match=f"s9: {words}") as caught:
        SnmpTransport.open(changed(entry, **settings))
    assert not {"not-the-s3cret", "7 chars", "short"} & set(str(caught.value).split())


def test_a_user_is_needed_and_a_secret_that_leads_somewhere() -> None:
    entry = changed(Entry(name="s9", platform="snmp", host="192.0.2.9"), auth_key=wrong())
    with pytest.raises(InvalidConfig, match=r"s9: snmp\.auth_key needs a username of 1 to 32 characters"):
        SnmpTransport.open(entry)
    with pytest.raises(SecretError, match="NETRES_NO_SUCH"):
        SnmpTransport.open(changed(entry, auth_key=None, community=Secret("env:NETRES_NO_SUCH")))
