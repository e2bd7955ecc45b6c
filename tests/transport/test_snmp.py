"""The transport over real agents: what they are asked, and what happens when they go away and come back."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest
from snmp_sessions import GET_NAME, NAME, Opened, changed
from snmp_sessions import client as client  # noqa: PLC0414 - a fixture

from netres.errors import ConnectFailed, Rejected, Timeout, TransportError
from netres.flow import Reconnect, Snmp
from netres.model.secret import Secret
from netres.testing.netns import Host, command
from netres.transport import open_transport
from netres.transport.snmp import SnmpTransport
from netres_drivers.snmp import DRIVER
from netres_drivers.snmp.lab import READER, WRITER, Agent, SnmpLab, Version

pytestmark = pytest.mark.real

LOCATION, DESCR, INTERFACES = "1.3.6.1.2.1.1.6.0", "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.2.2.1"


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


def resolving(found: object) -> Callable[..., object]:
    """A `socket.getaddrinfo` with one answer."""

    def getaddrinfo(*asked: object, **options: object) -> object:
        return found

    return getaddrinfo


def test_of_the_addresses_of_a_name_one_that_refuses_is_passed_over(
    agent: Agent, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [(socket.AF_INET6, 2, 17, "", ("::1", 161, 0, 0)), (socket.AF_INET, 2, 17, "", (agent.host.address, 161))]
    monkeypatch.setattr(socket, "getaddrinfo", resolving(found))
    session = opened(agent.entry().model_copy(update={"host": "s1.example.net"}))
    assert session.execute(GET_NAME).body == {NAME: "s1"}


def test_of_the_addresses_of_a_name_one_that_is_silent_is_passed_over(
    agent: Agent, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as silent:
        silent.bind(("127.0.0.1", 0))
        places = [silent.getsockname(), (agent.host.address, 161)]
        found = [(socket.AF_INET, 2, 17, "", place) for place in places]
        monkeypatch.setattr(socket, "getaddrinfo", resolving(found))
        session = opened(agent.entry(timeout=0.3).model_copy(update={"host": "s1.example.net"}))
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
