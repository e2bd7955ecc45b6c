"""``auth_server_*``, ``acct_server_*``: the RADIUS servers of a BSS with 802.1X, in the order in which it asks."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from netres.errors import InvalidConfig, SecretError
from netres.model import Item, RadiusServer, Secret
from netres_drivers.hostapd.security import Strange
from netres_drivers.hostapd.text import Line, Section, text, unfit

_WORDS: Final = ("addr", "port", "shared_secret")
KEYS: Final = frozenset(f"{use}_server_{word}" for use in ("auth", "acct") for word in _WORDS)


@dataclass(frozen=True)
class Server:
    """A RADIUS server as a BSS has it: a `RadiusServer` without its name."""

    host: str
    port: int
    accounting_port: int | None
    secret: Secret

    @classmethod
    def of(cls, item: RadiusServer) -> Server:
        """An Item without its name."""
        return cls(item.host, item.port, item.accounting_port, item.secret)

    def named(self, name: str) -> RadiusServer:
        """The Item.

        Raises:
            ValidationError: it is none.
        """
        return RadiusServer(
            name=name, host=self.host, port=self.port, accounting_port=self.accounting_port, secret=self.secret
        )


def servers(section: Section) -> tuple[Server, ...]:
    """The servers of a BSS.

    Raises:
        Strange: the lines say what the model cannot, such as a server for accounting alone.
    """
    auth, acct = _listed(section, "auth"), _listed(section, "acct")
    places = [host for host, _, _ in acct]
    if [place for place in places if place not in {host for host, _, _ in auth}] or len(set(places)) < len(places):
        raise _strange(section, "acct")
    counting = {host: (port, secret) for host, port, secret in acct}
    made: list[Server] = []
    for host, port, secret in auth:
        acct_port, acct_secret = counting.get(host, (None, secret))
        if acct_secret != secret:
            raise _strange(section, "acct")
        made.append(Server(host, port, acct_port, Secret.observed(text(secret))))
    if len({server.host for server in made}) < len(made):
        raise _strange(section, "auth")
    return tuple(made)


def _listed(section: Section, use: str) -> list[tuple[str, int, str]]:
    found: list[dict[str, str]] = []
    for line in section.lines:
        user, _, word = line.key.partition("_server_")
        if user != use or word not in _WORDS:
            continue
        if word == "addr":
            found.append({})
        elif not found:
            raise Strange(line.body)
        found[-1][word] = str(line.value)
    made: list[tuple[str, int, str]] = []
    for server in found:
        port = server.get("port", "1812" if use == "auth" else "1813")
        try:
            host = str(ipaddress.ip_address(server["addr"]))
        except ValueError:
            raise _strange(section, use) from None
        if not port.isascii() or not port.isdigit() or "shared_secret" not in server:
            raise _strange(section, use)
        made.append((host, int(port), server["shared_secret"]))
    return made


def _strange(section: Section, use: str) -> Strange:
    """Addresses and ports tell enough; secrets stay out of it."""
    keys = (f"{use}_server_addr", f"{use}_server_port")
    return Strange(*(line.body for line in section.lines if line.key in keys))


def lines(wanted: Sequence[Server]) -> Iterator[Line]:
    """The lines of a BSS that asks these servers."""
    for server in wanted:
        yield Line.of("auth_server_addr", server.host)
        yield Line.of("auth_server_port", server.port)
        yield Line.of("auth_server_shared_secret", server.secret)
        if server.accounting_port is not None:
            yield Line.of("acct_server_addr", server.host)
            yield Line.of("acct_server_port", server.accounting_port)
            yield Line.of("acct_server_shared_secret", server.secret)


def check(item: Item) -> None:
    """Refuse a server that hostapd cannot ask.

    Raises:
        InvalidConfig, SecretError: naming the field.
    """
    if not isinstance(item, RadiusServer):
        return
    if item.secret.known and (problem := unfit(item.secret.reveal())):
        raise SecretError(f"{item.key}: secret {problem}")
    try:
        ipaddress.ip_address(item.host)
    except ValueError:
        raise InvalidConfig(
            f"{item.key}: host {item.host}: hostapd looks up no names; give the server's address"
        ) from None
