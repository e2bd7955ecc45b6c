"""What NetBox and Nautobot share: pages of devices over REST, with a token that is a reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_interface
from pathlib import Path
from typing import Final, TypeAlias, cast
from urllib.parse import parse_qsl, quote, urlsplit

from pydantic import ValidationError

from netres.driver import RestApi
from netres.errors import InvalidConfig, ParseError
from netres.flow import Http
from netres.inventory.entry import Entry, HttpSettings
from netres.inventory.sources import Found
from netres.inventory.sources.taker import Taker
from netres.model.secret import Secret

Record: TypeAlias = Mapping[str, object]
_PAGE: Final = 250
_OPTIONS: Final = {
    "token": "a reference to the API token: env:NAME, file:PATH or keyring:SERVICE/USER",
    "ca": "a PEM file of certificates to trust besides the system's",
    "query": "a filter of the server's own, such as site=lon&status=active",
}


@dataclass(frozen=True)
class RestSource:
    """A server's devices. ``fields`` makes those of an inventory file of one; ``query`` goes with every request."""

    title: str
    fields: Callable[[Record], dict[str, object]]
    query: tuple[tuple[str, str], ...] = ()
    options: Mapping[str, str] = field(default_factory=lambda: _OPTIONS)

    def read(self, place: str, options: Mapping[str, str]) -> Found:
        """All devices that the token may see and the filter lets through, page by page."""
        taker = Taker({name: value for name, value in options.items() if name not in _OPTIONS})
        for record in self._records(place, options):
            name = record.get("name")
            where = f"device {record.get('id')} ({name})"
            if not name:
                taker.leave(where, "has no name")
            else:
                taker.device(name, self.fields(record), where)
        return taker.found()

    def _records(self, place: str, options: Mapping[str, str]) -> Iterator[Record]:
        from netres.transport.http import HttpTransport

        entry, path, scheme = _server(place, options)
        server = HttpTransport.open(entry, RestApi(authorization=f"{scheme} {{token}}"))
        try:
            own = (*self.query, *parse_qsl(options.get("query", ""), keep_blank_values=True))
            offset, limit = 0, _PAGE
            while True:
                query = (*own, ("limit", str(limit)), ("offset", str(offset)))
                page = server.execute(Http("GET", f"{path}/api/dcim/devices/", query=query)).body
                records = page.get("results") if isinstance(page, Mapping) else None
                if not isinstance(page, Mapping) or not isinstance(records, list):
                    raise ParseError(f"{place}: the answer is no page of devices; check the URL")
                yield from (record for record in records if isinstance(record, Mapping))
                if not page.get("next"):
                    return
                # The server's own size of a page may be less than was asked for; its URL may be that of a proxy.
                told = dict(parse_qsl(urlsplit(str(page["next"])).query))
                if not told.get("offset", "").isdecimal() or int(told["offset"]) <= offset:
                    raise ParseError(f"{place}: the next page is not after this one")
                offset = int(told["offset"])
        finally:
            server.close()


def _server(place: str, options: Mapping[str, str]) -> tuple[Entry, str, str]:
    """How a server is reached, below which path, and the scheme of its tokens."""
    try:
        url, token = urlsplit(place), Secret(options["token"])
        port = url.port
    except KeyError:
        raise InvalidConfig(f"{place}: has no token; give a reference to one with token=env:NAME") from None
    except ValueError as error:
        raise InvalidConfig(f"{place}: is no URL: {error}; write https://HOST[:PORT]") from error
    if url.scheme not in {"https", "http"} or not url.hostname or url.username or url.query or url.fragment:
        raise InvalidConfig(
            f"{url.hostname}: is not the URL of a server; write https://HOST[:PORT], and no credentials"
        )
    try:
        settings = HttpSettings.model_validate(
            {"scheme": url.scheme, "ca": Path(options["ca"]) if "ca" in options else None, "token": options["token"]}
        )
        entry = Entry(name="source", platform="source", host=url.hostname, port=port, http=settings)
    except ValidationError as error:
        field = ".".join(map(str, error.errors()[0]["loc"]))
        raise InvalidConfig(f"{url.hostname}: {field} cannot be used; tokens are references (env:NAME)") from None
    # NetBox 4.5 calls its newer tokens nbt_KEY.TOKEN, and takes them as Bearer.
    scheme = "Bearer" if token.resolve().reveal().startswith("nbt_") else "Token"
    return entry, quote(url.path.rstrip("/"), safe="/%"), scheme


def inner(record: Record, *path: str) -> object:
    """What stands at a path in a record; ``None`` where nothing does."""
    value = record.get(path[0])
    if len(path) == 1:
        return value
    return inner(cast("Record", value), *path[1:]) if isinstance(value, Mapping) else None


def address(record: Record, *names: str) -> str | None:
    """The first address of a record, without its prefix length."""
    for name in names:
        if isinstance(told := inner(record, name, "address"), str):
            try:
                return str(ip_interface(told).ip)
            except ValueError:
                return told
    return None


def labels(record: Record, word: str) -> dict[str, object]:
    """The labels of a record, each as a tag that says yes."""
    told = record.get("tags")
    found = (inner(cast("Record", one), word) for one in (cast("list[object]", told) if isinstance(told, list) else []))
    return {label: "yes" for label in found if isinstance(label, str)}
