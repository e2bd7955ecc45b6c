"""TLS with real certificates: which are good, which are not, and how that is told."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from httpsession import API, READ, WRITE, entry_at, failed, session
from rest import RestServer, Says

from netres.errors import CertificateError, ConnectFailed, InvalidConfig, TransportError
from netres.inventory.entry import Entry
from netres.testing.certificates import Authority
from netres.transport.http import HttpTransport

SOON = {"connect": 0.3, "command": 0.3}
pytestmark = pytest.mark.usefixtures("web_secrets")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.new(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(authority: Authority) -> Iterator[Callable[[ssl.SSLContext], RestServer]]:
    with ExitStack() as stack:
        yield lambda tls: stack.enter_context(RestServer(lambda seen, wire: Says(200, {}), tls=tls))


Secure = Callable[[ssl.SSLContext], RestServer]


def trusting(server: RestServer, ca: Path | None, host: str = "127.0.0.1") -> Entry:
    return server.entry(host=host, http={"scheme": "https", "token": "env:NETRES_TEST_TOKEN", "ca": ca})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_of_a_named_authority_is_good(secure: Secure, authority: Authority, host: str) -> None:
    server = secure(authority.server("localhost", "127.0.0.1"))
    with session(server, trusting(server, authority.pem, host)) as transport:
        for _ in range(2):
            assert transport.execute(WRITE).status == 200
    assert {seen.connection for seen in server.seen} == {1}


def test_the_certificate_of_the_server_itself_may_be_named(secure: Secure, authority: Authority) -> None:
    tls, pem = authority.issued("127.0.0.1")
    server = secure(tls)
    with session(server, trusting(server, pem)) as transport:
        assert transport.execute(READ).status == 200


@pytest.mark.parametrize(
    "case",
    [
        ("127.0.0.1", 1, False, "unable to get local issuer certificate"),
        ("192.0.2.1", 1, True, "IP address mismatch"),
        ("127.0.0.1", -1, True, "certificate has expired"),
    ],
    ids=["unknown issuer", "another name", "out of date"],
)
def test_a_certificate_that_is_not_good_is_refused_at_once(
    secure: Secure, authority: Authority, case: tuple[str, float, bool, str]
) -> None:
    name, days, known, told = case
    server = secure(authority.server(name, days=days))
    error, took = failed(trusting(server, authority.pem if known else None), WRITE)
    assert type(error) is CertificateError
    assert told in str(error)
    assert isinstance(error.__cause__, httpx.ConnectError)
    assert took < 1
    assert server.seen == []
    assert server.server.connections == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "cannot be read: No such file or directory"), ("", "holds no PEM certificate"), ("x", "holds no PEM")],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_authority_that_cannot_be_used_is_named(
    tmp_path: Path, rest: RestServer, scheme: str, content: str | None, told: str
) -> None:
    ca = tmp_path / "ca.pem"
    if content is not None:
        ca.write_text(content)
    with pytest.raises(InvalidConfig, match=f"^http.ca '{ca}' {told}"):
        HttpTransport.open(rest.entry(http={"scheme": scheme, "ca": ca, "token": "env:NETRES_TEST_TOKEN"}), API)
    assert rest.server.connections == 0


def test_the_wrong_scheme_is_told(rest: RestServer, secure: Secure, authority: Authority) -> None:
    error, _ = failed(entry_at(rest.port, scheme="https", connect=2, command=5), WRITE)
    assert type(error) is ConnectFailed
    assert "the TLS handshake failed: " in str(error)
    assert str(error).endswith("check port and http.scheme")
    server = secure(authority.server("127.0.0.1"))
    error, _ = failed(entry_at(server.port, connect=2, command=2), WRITE)
    assert type(error) is TransportError
