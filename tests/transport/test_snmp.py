"""The transport over real agents: what they are asked, and how each way not to get in differs from the others."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest

from netres.errors import (
    AuthFailed,
    ConnectFailed,
    InvalidConfig,
    NetresError,
    Rejected,
    SecretError,
    Timeout,
    TransportError,
)
from netres.flow import Reconnect, Snmp
from netres.inventory.entry import Entry
from netres.model.secret import Secret
from netres.testing.netns import Host, command
from netres.transport import open_transport
from netres.transport.snmp import SnmpTransport
from netres.transport.snmp_engine import engine
from netres_drivers.snmp import DRIVER
from netres_drivers.snmp.lab import READER, WRITER, Agent, SnmpLab, Version

pytestmark = pytest.mark.real

NAME, LOCATION, DESCR, INTERFACES = "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.6.0", "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.2.2.1"
GET_NAME = Snmp("get", (NAME,))
Opened = Callable[[Entry], SnmpTransport]


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


def refused(entry: Entry) -> tuple[NetresError, float]:
    """The error of a session that cannot be made, and the seconds that took."""
    began = time.monotonic()
    with pytest.raises(NetresError) as caught:
        SnmpTransport.open(entry)
    return caught.value, time.monotonic() - began


def changed(entry: Entry, **settings: object) -> Entry:
    return entry.model_copy(update={"snmp": entry.snmp.model_copy(update=settings)})


def wrong() -> Secret:
    return Secret.observed("not-the-s3cret")


@pytest.mark.parametrize(("version", "user"), [("2c", ""), ("3", READER), ("3", WRITER), ("3", "signer")])
def test_it_tells_what_the_agent_tells_net_snmps_own_tools(
    agent: Agent, opened: Opened, version: Version, user: str
) -> None:
    """Version 2c; SHA-256 and AES; SHA and AES; SHA-512 without encryption."""
    session = opened(agent.entry(version=version, user=user))
    body = session.execute(Snmp("get", (NAME, LOCATION, "1.3.6.1.2.1.1.99.0", "1.3.6.1.4.1.99999.1"))).body
    assert body == {NAME: "s1", LOCATION: "Unknown"}, "what is not there is left out"
    walked = session.execute(Snmp("walk", (f"{INTERFACES}.2", f"{INTERFACES}.8", "1.3.6.1.2.1.1.99"))).body
    assert isinstance(walked, dict)
    told = agent.host.run(
        *("env", "MIBS=", "snmpbulkwalk", "-v2c", "-c", agent.secrets["read"], "-Onqe", "127.0.0.1", INTERFACES)
    )
    pairs = [line.removeprefix(".").split(" ", 1) for line in told.splitlines()]
    wanted = {oid: value.strip('"') for oid, value in pairs if oid.startswith((f"{INTERFACES}.2.", f"{INTERFACES}.8."))}
    assert {oid: str(value) for oid, value in walked.items()} == wanted


def test_every_hash_with_every_cipher(snmp_lab: SnmpLab) -> None:
    """As net-snmp has them: AES-192 and AES-256 are of draft-blumenthal-aes-usm-04."""
    hashes = {
        "md5": "MD5",
        "sha": "SHA",
        "sha224": "SHA-224",
        "sha256": "SHA-256",
        "sha384": "SHA-384",
        "sha512": "SHA-512",
    }
    ciphers = {"des": "DES", "aes": "AES", "aes192": "AES-192", "aes256": "AES-256"}
    pairs = [(auth, priv) for auth in hashes for priv in ciphers]
    line = "createUser {0}{1} {2} an-auth-s3cret {3} a-priv-s3cret\nrouser {0}{1} priv\n"
    users = "".join(line.format(auth, priv, hashes[auth], ciphers[priv]) for auth, priv in pairs)
    keys = {"auth_key": Secret.observed("an-auth-s3cret"), "priv_key": Secret.observed("a-priv-s3cret")}
    with Host("s5") as host, Agent(host, users) as agent:
        for auth, priv in pairs:
            entry = changed(agent.entry(), auth_protocol=auth, priv_protocol=priv, **keys)
            with closing(SnmpTransport.open(entry.model_copy(update={"username": f"{auth}{priv}"}))) as session:
                assert session.execute(GET_NAME).body == {NAME: "s5"}


def test_an_agent_is_reached_over_ipv6(agent: Agent, opened: Opened) -> None:
    (route,) = json.loads(command("ip", "-j", "route", "get", agent.host.address))
    command("ip", "addr", "replace", "2001:db8:99::1/64", "dev", route["dev"], "nodad")
    agent.host.ip("addr", "replace", "2001:db8:99::2/64", "dev", "mgmt", "nodad")
    session = opened(agent.entry().model_copy(update={"host": "2001:db8:99::2"}))
    assert session.execute(GET_NAME).body == {NAME: "s1"}


def test_of_the_addresses_of_a_name_one_that_refuses_is_passed_over(
    agent: Agent, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [(socket.AF_INET6, 2, 17, "", ("::1", 161, 0, 0)), (socket.AF_INET, 2, 17, "", (agent.host.address, 161))]

    def getaddrinfo(*asked: object, **options: object) -> object:
        return found

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    session = opened(agent.entry().model_copy(update={"host": "s1.example.net"}))
    assert session.execute(GET_NAME).body == {NAME: "s1"}


def test_a_driver_gets_this_transport_by_its_name(agent: Agent) -> None:
    with closing(open_transport(agent.entry(), DRIVER)) as session:
        assert isinstance(session, SnmpTransport)


def test_everything_there_is_can_be_walked(agent: Agent, opened: Opened) -> None:
    body = opened(agent.entry(version="2c")).execute(Snmp("walk", ("1.3.6.1.2.1", "1.3.6.1.6"))).body
    assert isinstance(body, dict)
    oids = [tuple(map(int, oid.split("."))) for oid in body]
    assert len(oids) > 500
    assert oids == sorted(set(oids))


def test_a_set_is_done_whole_or_not_at_all(agent: Agent, opened: Opened) -> None:
    session = opened(agent.entry(write=True))
    with pytest.raises(Rejected, match=r"notWritable \(1\.3\.6\.1\.2\.1\.1\.1\.0\)"):
        session.execute(Snmp("set", (LOCATION, DESCR), ("Zürich", "x")))
    assert session.execute(Snmp("get", (LOCATION,))).body == {LOCATION: "Unknown"}
    session.execute(Snmp("set", (LOCATION, NAME), ("Zürich", "r1")))
    assert session.execute(Snmp("get", (LOCATION, NAME))).body == {
        LOCATION: "Zürich".encode().decode("latin-1"),
        NAME: "r1",
    }
    with pytest.raises(Rejected, match=r"wrongType"):
        session.execute(Snmp("set", (LOCATION,), (5,)))
    with pytest.raises(Rejected, match=r"wrongLength"):
        session.execute(Snmp("set", (LOCATION,), ("x" * 256,)))


@pytest.mark.parametrize("version", ["2c", "3"])
def test_who_may_read_may_not_write(agent: Agent, opened: Opened, version: Version) -> None:
    session = opened(agent.entry(version=version))
    with pytest.raises(Rejected, match=r"noAccess \(1\.3\.6\.1\.2\.1\.1\.6\.0\)"):
        session.execute(Snmp("set", (LOCATION,), ("here",)))


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


def test_silence_later_does_not_end_the_session(agent: Agent, opened: Opened) -> None:
    session = opened(agent.entry(timeout=0.4))
    agent.host.cut()
    with pytest.raises(
        Timeout, match=r"'get 1\.3\.6\.1\.2\.1\.1\.5\.0' was not answered \(timeout 0\.4 seconds, retries 1\)"
    ):
        session.execute(GET_NAME)
    agent.host.mend()
    assert session.execute(GET_NAME).body == {NAME: "s1"}


def test_an_agent_that_started_anew_is_known_again(agent: Agent, opened: Opened) -> None:
    """Its clock jumped (RFC 3414 §2.3): usmStatsNotInTimeWindows, and the request is sent once more."""
    session = opened(agent.entry())
    agent.stop()
    with pytest.raises(ConnectFailed, match="Connection refused"):
        session.execute(GET_NAME)
    agent.start()
    assert session.execute(GET_NAME).body == {NAME: "s1"}


def test_another_agent_in_the_place_of_the_old_one_needs_a_reconnect(agent: Agent, opened: Opened) -> None:
    session = opened(agent.entry(timeout=0.4))
    agent.stop()
    shutil.rmtree(agent.host.directory / "persistent")  # and with it the engine ID
    (agent.host.directory / "persistent").mkdir()
    agent.start()
    with pytest.raises(TransportError):
        session.execute(GET_NAME)
    session.execute(Reconnect())
    assert session.execute(GET_NAME).body == {NAME: "s1"}


def test_one_user_of_two_agents_has_two_keys_at_the_same_time(snmp_lab: SnmpLab, opened: Opened) -> None:
    sessions = {name: opened(agent.entry()) for name, agent in snmp_lab.agents.items()}
    for agent in snmp_lab.agents.values():
        agent.reset()

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
