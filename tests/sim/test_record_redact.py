"""What redaction promises: nothing is left, the same becomes the same, networks stay networks, parsers still work."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import netres_drivers.frr
from netres import registry
from netres.flow import Cli, Json, Reply
from netres.offline import parse
from netres.testing.record import Recording, Redactor, Replay, snmp
from netres.testing.record.addresses import Addresses
from netres.testing.record.finds import finds
from netres.transport.fake import FakeTransport

SHOW = Cli(("show",), writes=False)
FRR = registry.get("frr")
CAPTURE = Path(netres_drivers.frr.__file__).parent / "captures" / "show_running_config.txt"


def redacted(text: str, redactor: Redactor | None = None) -> str:
    redactor = redactor or Redactor()
    redactor.learn(text)
    return redactor.text(text)


V4 = st.integers(min_value=1 << 24, max_value=(224 << 24) - 1).map(ipaddress.IPv4Address)
V6 = st.integers(min_value=0x2000 << 112, max_value=(0x4000 << 112) - 1).map(ipaddress.IPv6Address)
NEAR = st.tuples(st.sampled_from(["10.1.2.", "172.16.9.", "192.0.2.", "10.1.3."]), st.integers(0, 255))
MASKS = {"128.0.0.0", "192.0.0.0"}
SOME = st.lists(V4 | V6 | NEAR.map(lambda pair: ipaddress.IPv4Address(f"{pair[0]}{pair[1]}")), min_size=1, max_size=12)


def gone(addresses: Addresses, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return not (addresses.v4 if address.version == 4 else addresses.v6).stays(address)


@given(SOME, st.sampled_from([" ", "\n", ", ", " -> ", "  |  ", '", "']))
def test_every_address_becomes_one_of_documentation_and_networks_stay(
    addresses: list[ipaddress.IPv4Address | ipaddress.IPv6Address], between: str
) -> None:
    text = between.join(map(str, addresses))
    redactor = Redactor()
    made = [ipaddress.ip_address(word) for word in re.split(r'[ \n,|">-]+', redacted(text, redactor))]
    space = Addresses(lambda octets: octets)
    pairs = dict(zip(addresses, made, strict=True))
    for old, new in zip(addresses, made, strict=True):
        assert pairs[old] == new
        if str(old) in MASKS:
            continue
        assert (new == old) is not gone(space, old)
        assert not gone(space, new)
    assert len(set(made)) == len(set(addresses))
    for old, new in pairs.items():
        if str(old) in MASKS:
            continue
        for other, its in pairs.items():
            if old.version == other.version and str(other) not in MASKS:
                length = 24 if old.version == 4 else 48
                together = ipaddress.ip_network(f"{old}/{length}", strict=False)
                assert (other in together) is (its in ipaddress.ip_network(f"{new}/{length}", strict=False))
    again = between.join(map(str, made))
    assert redacted(again) == again


@example(15, ipaddress.IPv4Address("128.0.0.0"), [0, 1], False)
@example(25, ipaddress.IPv4Address("192.0.0.0"), [0, 1], True)
@given(st.integers(15, 31), V4, st.lists(st.integers(0, (1 << 17) - 1), min_size=1, max_size=5), st.booleans())
def test_what_lies_in_a_network_lies_in_it_afterwards(
    length: int, address: ipaddress.IPv4Address, offsets: list[int], as_mask: bool
) -> None:
    network = ipaddress.IPv4Network((address, length), strict=False)
    hosts = [network[offset % network.num_addresses] for offset in offsets]
    named = f"{network.network_address} {network.netmask}" if as_mask else str(network)
    lines = redacted("\n".join([*map(str, hosts), named])).split("\n")
    new = ipaddress.IPv4Network(lines[-1].replace(" ", "/"))
    assert new.prefixlen == length
    for old, line in zip(hosts, lines[:-1], strict=True):
        assert ipaddress.IPv4Address(line) in new
        assert int(ipaddress.IPv4Address(line)) - int(new.network_address) == int(old) - int(network.network_address)


@pytest.mark.parametrize(
    "text",
    [
        "ip route 0.0.0.0 0.0.0.0",
        "255.255.255.252 128.0.0.0, 192.0.0.0, 0.0.0.3 127.0.0.1 224.0.0.5 239.1.1.1 169.254.1.1 ::1 fe80::1 ff02::5",
        "ip prefix-list P permit 10.0.0.0/8 le 24; 172.16.0.0/12; 2000::/3; ::/0; fc00::/7",
        "Cisco IOS Software, Version 15.2.4.3, image: 1.2.3.4 v8.10.0.7",
        "1.3.6.1.4.1.9.1.1745 12:34:56 00:00:00:00:00:00 ffff.ffff.ffff 01:00:5e:00:00:05 std::string 65001:100:1",
        "192.0.2.1 198.51.100.7 203.0.113.9/24 198.18.4.4 2001:db8::1 3fff::1 00:00:5e:00:53:af 0000.5e00.5301",
        "set community 65001:100 additive\nmatch community BLUE\nsend-community both\nauthentication-order radius",
        "service password-encryption\nno password required\npassword env:SECRET\nsecret ********",
        "hostname host-3\nusername user-1\nSerial Number: SN000000001\npassword redacted-1\n$9$redacted-7",
    ],
)
def test_what_tells_nothing_stays(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.0.0.0/8", "240.0.0.0/8"),
        ("10.1.2.3 0.0.0.255", "192.0.2.3 0.0.0.255"),
        ("10.0.0.1 10.0.0.2", "192.0.2.1 192.0.2.2"),
        ("Address......10.0.0.1:22, ip=10.0.0.1;", "Address......192.0.2.1:22, ip=192.0.2.1;"),
        ("2a00:1234:5:6::7/64 2A00:1234:5::A", "2001:db8:0:6::7/64 2001:DB8::A"),
        ("::ffff:10.0.0.1 [2a00::1]:5060", "::ffff:192.0.2.1 [2001:db8::1]:5060"),
        ("2a00:1:2:3:0250:56ff:fe9a:1b2c 00:50:56:9a:1b:2c", "2001:db8:0:3:200:5eff:fe00:5300 00:00:5e:00:53:00"),
        ("aabb.ccdd.eeff AA-BB-CC-DD-EE-FF AABBCC-DDEEFF", "0000.5e00.5300 00-00-5E-00-53-00 00005E-005300"),
        ("aabbccddeeff mac=aabbccddeeff", "00005e005300 mac=00005e005300"),
        ("10.10.10.10     up\n10.10.10.9      up", "192.0.2.10      up\n192.0.2.9       up"),
        ("8.8.8.8  up", "192.0.2.8 up"),
        ("lon-r1 uptime is 3 days\nfrom lon-r1, lon-r10", "host-1 uptime is 3 days\nfrom host-1, lon-r10"),
        ("hostname core\ncore 1", "hostname host-1\ncore 1"),
        (
            "r1.corp.example.de#show\nip domain-name corp.example.de",
            "host-1.example.net#show\nip domain-name example.net",
        ),
        ("SN: FOC1234ABCD, sn FOC1234ABCD", "SN: SN000000001, sn SN000000001"),
        (
            "  Item      Serial number     Name\n  Chassis   CV1234AB0001      SRX\n  PEM 0                       PS",
            "  Item      Serial number     Name\n  Chassis   SN0000000001      SRX\n  PEM 0                       PS",
        ),
        ("mail noc@acme.de", "mail user-1@example.net"),
        ("interface Serial0/0/0", "interface Serial0/0/0"),
    ],
)
def test_replacements(text: str, expected: str) -> None:
    assert redacted(text) == expected


CONTEXTS = (
    "enable secret 9 {}",
    "username bob privilege 15 secret {}",
    " neighbor 192.0.2.2 password 7 {}",
    "snmp-server community {} RO",
    "snmp-server host 192.0.2.1 version 2c {}",
    "snmp-server user u g v3 auth sha {} priv aes 128 {}",
    "tacacs-server host 192.0.2.1 key 7 {}",
    " key {}",
    " key-string {}",
    "crypto isakmp key {} address 192.0.2.1",
    "ntp authentication-key 1 md5 {} 7",
    " ip ospf message-digest-key 1 md5 7 {}",
    'pre-shared-key "{}";',
    "wpa_passphrase={}",
    "option key '{}'",
    "set wireless.x.key='{}'",
    '"x_passphrase": "{}",',
    "rocommunity {} 192.0.2.0/24",
    "Authorization: Bearer {}",
    "Cookie: session={}; path=/",
    "mysql://user:{}@db/x",
    "<shared-secret>{}</shared-secret>",
    "wpa2-pre-shared-key={} name=x",
    "snmp {{ community {} {{ authorization read-only; }} }}",
)
WORD = st.text(st.sampled_from("abcdefghkmXYZ0123456789!.+%"), min_size=8, max_size=24).filter(
    lambda word: word[0].isalnum() and not word.isdigit() and re.search(r"\d", word) is not None
)


@given(st.sampled_from(CONTEXTS), WORD)
def test_a_secret_is_gone_wherever_it_is_given(context: str, secret: str) -> None:
    text = context.format(*[secret] * context.count("{}"))
    for made in (redacted(text), redacted(f"see {secret} below\n{text}\nand {secret}")):
        assert secret not in made
        assert not list(finds(made))
        assert redacted(made) == made


@pytest.mark.parametrize(
    "secret",
    [
        "$1$abcd$efghijkl",
        "$6$rounds=5000$salt$hash/hash.hash",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def_ghi",
        "0f" * 32,
        "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kM9nP2r=",
    ],
)
def test_a_secret_is_known_by_its_shape(secret: str) -> None:
    made = redacted(f"the value {secret} here")
    assert secret not in made
    assert not list(finds(made))


def test_keys_and_certificates_keep_their_lines() -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADAN\nBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n"
    certificate = " certificate self-signed 01\n  3082032A 30820212 A0030201 02020101\n  86F70D01\n  \tquit\n"
    assert redacted(pem) == ("-----BEGIN PRIVATE KEY-----\nredacted-1\nredacted-2\n-----END PRIVATE KEY-----\n")
    assert "3082032A" not in redacted(certificate)
    assert len(redacted(certificate)) == len(certificate)
    ssh = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 bob"
    assert redacted(ssh) == "ssh-rsa redacted-1 bob"


def test_a_secret_that_is_a_word_is_replaced_as_a_word() -> None:
    text = "username admin password admin\nline is administratively down, xhunter22x"
    assert redacted(text, Redactor(secrets=["admin", "hunter22"])) == (
        "username redacted-1 password redacted-1\nline is administratively down, xredacted-2x"
    )


def test_what_the_caller_names() -> None:
    redactor = Redactor(
        secrets=['pa"ss', "abc"], names=["Acme"], serials=["XYZ99"], asns=[3320], phones=True, keep=["10.0.0.1"]
    )
    text = 'ACME-uplink as 3320 (x3320) to +49301234567 "pa\\"ss" pa%22ss abc abcd XYZ99 10.0.0.1'
    assert redacted(text, redactor) == (
        'name-1-uplink as 64496 (x3320) to +99900000001 "redacted-1" redacted-1 redacted-2 abcd SN001 10.0.0.1'
    )
    assert redactor.counts["secrets"] == 2
    assert redactor.counts["other names"] == 1


FRAGMENTS = (
    st.sampled_from(["password ", "secret 0 ", "key 7 ", "community ", "snmp-server ", "host ", "psk", "cookie: a="])
    | st.sampled_from(
        ['"', "'", "\\n", "\\", " ", "  ", "=", ": ", ";", "{", "}", "a b", "0", "redacted-1", "AABBCCDD "]
    )
    | st.sampled_from(["hostname r1-x", "r1-x", "10.1.1.1", "2a00::1", "$9$abcdefgh", "Xy7-pq9zz", "user Bob-7"])
    | st.sampled_from(["\n", "\r", "\x1b", "\udcff", "-----BEGIN KEY-----\n", "-----END KEY-----\n"])
)
TEXTS = st.lists(FRAGMENTS, max_size=14).map("".join)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
@example("secret 0 a bdomain corp.acme.de\\10.1.1.1key-string \r")
def test_whatever_is_recorded_can_be_replayed(tmp_path: Path, text: str) -> None:
    file = tmp_path / "any.yaml"
    reply = Reply(text, 0, {"hostname": text, "psk": text, "x": [text]})
    with Recording(FakeTransport(lambda _: reply), FRR, file) as recording:
        recording.execute(SHOW)
    with Replay(file) as replay:
        replay.execute(SHOW)


def test_addresses_in_snmp() -> None:
    body: Json = {
        "1.3.6.1.2.1.4.20.1.1.10.5.5.1": "\x0a\x05\x05\x01",
        "1.3.6.1.2.1.4.20.1.3.10.5.5.1": "\xff\xff\xff\x00",
        "1.3.6.1.2.1.4.34.1.3.1.4.10.5.5.1": 2,
        "1.3.6.1.2.1.4.34.1.3.2.16.42.0.0.0.0.0.0.0.0.0.0.0.0.0.0.9": 2,
        "1.3.6.1.2.1.4.34.1.5.1.4.10.5.5.1": "1.3.6.1.2.1.4.32.1.5.2.1.4.10.5.5.0.24",
        "1.3.6.1.2.1.2.2.1.6.1": "\x00PVabc",
        "1.3.6.1.2.1.1.5.0": "lon-r1",
        "1.3.6.1.2.1.1.6.0": "behind lon-r1",
        "1.3.6.1.2.1.47.1.1.1.1.11.1": "FOC1234ABCD",
        "1.3.6.1.2.1.1.3.0": 42,
    }
    redactor = Redactor()
    snmp.learn(redactor, body)
    assert snmp.redacted(redactor, body) == {
        "1.3.6.1.2.1.4.20.1.1.192.0.2.1": "\xc0\x00\x02\x01",
        "1.3.6.1.2.1.4.20.1.3.192.0.2.1": "\xff\xff\xff\x00",
        "1.3.6.1.2.1.4.34.1.3.1.4.192.0.2.1": 2,
        "1.3.6.1.2.1.4.34.1.3.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.9": 2,
        "1.3.6.1.2.1.4.34.1.5.1.4.192.0.2.1": "1.3.6.1.2.1.4.32.1.5.2.1.4.192.0.2.0.24",
        "1.3.6.1.2.1.2.2.1.6.1": "\x00\x00\x5e\x00\x53\x00",
        "1.3.6.1.2.1.1.5.0": "host-1",
        "1.3.6.1.2.1.1.6.0": "behind host-1",
        "1.3.6.1.2.1.47.1.1.1.1.11.1": "SN000000001",
        "1.3.6.1.2.1.1.3.0": 42,
    }


def test_a_redacted_configuration_of_a_real_router_is_parsed_as_before() -> None:
    text = CAPTURE.read_text()
    redactor = Redactor(patterns=FRR.secrets)
    before, after = parse(FRR, text), parse(FRR, redacted(text, redactor))
    assert redactor.counts["addresses"] > 5
    assert Counter(item.KIND for item in after.config.items) == Counter(item.KIND for item in before.config.items)
    assert len(after.foreign) == len(before.foreign)
