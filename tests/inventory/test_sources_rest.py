"""NetBox and Nautobot: answers of their documented shape, over a real HTTP server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from netres import AuthFailed, InvalidConfig, Inventory, ParseError, Rejected
from netres.inventory import sources

TOKEN = "0123456789abcdef"


def netbox(number: int) -> dict[str, object]:
    return {
        "id": number,
        "name": f"r{number}",
        "device_type": {"id": 1, "manufacturer": {"slug": "acme"}, "model": "X 1", "slug": "x-1"},
        "role": {"id": 1, "name": "Edge", "slug": "edge"},
        "tenant": None,
        "platform": {"id": 1, "name": "FRRouting", "slug": "frrouting"},
        "site": {"id": 1, "name": "London", "slug": "lon"},
        "status": {"value": "active", "label": "Active"},
        "primary_ip": {"id": 1, "family": {"value": 4}, "address": f"192.0.2.{number}/24"},
        "primary_ip4": {"id": 1, "address": f"192.0.2.{number}/24"},
        "primary_ip6": None,
        "tags": [{"id": 1, "name": "Canary", "slug": "canary", "color": "00ff00"}],
        "custom_fields": {"snmp_community": "hunter2"},
    }


def nautobot(number: int) -> dict[str, object]:
    return {
        "id": f"3d8fd8a5-0000-4000-8000-{number:012}",
        "object_type": "dcim.device",
        "name": f"r{number}",
        "device_type": {"model": "X 1"},
        "role": {"name": "Edge"},
        "tenant": None,
        "platform": {"name": "FRR 10", "network_driver": "frr"},
        "location": {"name": "London"},
        "status": {"name": "Active"},
        "primary_ip4": None,
        "primary_ip6": {"address": f"2001:db8::{number}/64", "host": f"2001:db8::{number}", "ip_version": 6},
        "tags": [{"name": "Canary"}],
    }


class Handler(BaseHTTPRequestHandler):
    devices: ClassVar[list[dict[str, object]]] = []
    scheme: ClassVar = "Token"
    stuck: ClassVar = False
    queries: ClassVar[list[dict[str, list[str]]]] = []

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        self.queries.append(query)
        if not self.headers["Authorization"].startswith(f"{self.scheme} "):
            self._answer(403, {"detail": "Invalid token"})
        elif url.path != "/base/api/dcim/devices/":
            self._answer(404, {"detail": "Not found."})
        else:
            offset, size = int(query["offset"][0]), 2  # a server may send less than was asked for
            page = self.devices[offset : offset + size]
            following = 0 if self.stuck else offset + size
            more = f"https://elsewhere.example.net{url.path}?limit=2&offset={following}"
            last = not self.stuck and following >= len(self.devices)
            self._answer(200, {"count": len(self.devices), "next": None if last else more, "results": page})

    def _answer(self, status: int, body: object) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


@pytest.fixture
def handler() -> type[Handler]:
    class Mine(Handler):
        queries: ClassVar[list[dict[str, list[str]]]] = []

    return Mine


@pytest.fixture
def url(handler: type[Handler], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TOKEN", TOKEN)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/base/"
        server.shutdown()
        thread.join()


def test_netbox_page_by_page(handler: type[Handler], url: str) -> None:
    odd = [{**netbox(6), "name": None}, {**netbox(7), "primary_ip": None, "primary_ip4": None}]
    handler.devices = [*map(netbox, range(1, 6)), *odd]
    found = sources.read("netbox", url, {"token": "env:TOKEN", "query": "site=lon&status=active"})
    inventory = Inventory.from_mapping(found.sections)
    assert inventory.names == ("r1", "r2", "r3", "r4", "r5")
    r2 = inventory["r2"]
    assert (r2.host, r2.platform) == ("192.0.2.2", "frr")
    tags = {"role": "edge", "site": "lon", "status": "active", "manufacturer": "acme", "model": "x-1", "canary": "yes"}
    assert r2.tags == tags
    assert [str(one) for one in found.left] == [
        "device 6 (None): has no name",
        "r7: is left out: it has no host that netres knows",
    ]
    assert [one["offset"] for one in handler.queries] == [["0"], ["2"], ["4"], ["6"]]
    assert all(one["site"] == ["lon"] for one in handler.queries)
    assert TOKEN not in f"{found}"
    assert "hunter2" not in f"{found}"


def test_netbox_takes_its_newer_tokens_as_bearer(
    handler: type[Handler], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "nbt_abcdef.0123456789")
    handler.devices, handler.scheme = [netbox(1)], "Bearer"
    assert "r1" in str(sources.read("netbox", url, {"token": "env:TOKEN"}).sections)


def test_nautobot(handler: type[Handler], url: str) -> None:
    handler.devices = [nautobot(1), nautobot(2), nautobot(3)]
    inventory = Inventory.from_mapping(sources.read("nautobot", url, {"token": "env:TOKEN"}).sections)
    assert inventory.names == ("r1", "r2", "r3")
    r1 = inventory["r1"]
    assert (r1.host, r1.platform, r1.tags["site"], r1.tags["Canary"]) == ("2001:db8::1", "frr", "London", "yes")
    assert handler.queries[0]["depth"] == ["1"]


def test_a_server_that_refuses_or_leads_in_a_circle_is_told_without_the_token(handler: type[Handler], url: str) -> None:
    handler.devices, handler.scheme = [netbox(1)], "Other"
    with pytest.raises((AuthFailed, Rejected)) as refused:
        sources.read("netbox", url, {"token": "env:TOKEN"})
    assert TOKEN not in str(refused.value)
    handler.scheme, handler.stuck = "Token", True
    with pytest.raises(ParseError, match="not after this one"):
        sources.read("netbox", url, {"token": "env:TOKEN"})


@pytest.mark.parametrize("place", ["netbox.example.net", "https://ops:hunter2@x", "https://x:99999", "ftp://x"])
def test_what_is_no_server_is_refused_before_anything_is_sent(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", TOKEN)
    with pytest.raises(InvalidConfig) as refused:
        sources.read("netbox", place, {"token": "env:TOKEN"})
    assert "hunter2" not in str(refused.value)
    with pytest.raises(InvalidConfig, match="token"):
        sources.read("netbox", "https://x", {})
    with pytest.raises(InvalidConfig, match="reference") as refused:
        sources.read("netbox", "https://x", {"token": "hunter2"})
    assert "hunter2" not in str(refused.value)
