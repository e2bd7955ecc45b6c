"""What goes into an HTTP request and what comes out of an answer, as data. No I/O."""

from __future__ import annotations

import html
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import quote, quote_plus, unquote

from netres.errors import InvalidConfig, TransportError
from netres.flow import Body, Http, Json, Reply
from netres.model.secret import Secret

ANSWER_LIMIT: Final = 64 << 20
"""Bytes of an answer, as it is sent and as it is when unpacked."""
_SHOWN: Final = 400  # characters of a device's words in an error
_QUOTED: Final = 1 << 20  # characters; of a longer refusal nothing is shown
_PATH: Final = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)+")  # RFC 3986, 3.3: path-absolute
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def checked_path(path: str) -> str:
    """``path``, if it is one that means the same to whoever reads it.

    Raises:
        InvalidConfig: it is not absolute or not quoted, or has empty or dot segments, even quoted ones.
    """
    if not _PATH.fullmatch(path):
        raise InvalidConfig(f"the path {path!r} cannot be requested: it must begin with '/' and be quoted (RFC 3986)")
    bare = unquote(path)
    if _CONTROL.search(bare):
        raise InvalidConfig(f"the path {path!r} cannot be requested: it holds a control character")
    if {".", ".."} & set(bare.split("/")) or "//" in path:
        raise InvalidConfig(f"the path {path!r} cannot be requested: it leads elsewhere by '.', '..' or '//'")
    return path


def content(operation: Http) -> bytes:
    """The body as it is sent.

    Raises:
        InvalidConfig: JSON cannot express it.
        SecretError: a secret in it is not resolved.
    """
    if operation.body is None:
        return b""
    try:
        return json.dumps(operation.reveal(), allow_nan=False).encode()
    except ValueError as error:  # its text may quote the value
        raise InvalidConfig(f"the body of {operation.method} {operation.path} holds a number JSON has not") from error


def secrets_in(body: Body) -> Iterator[str]:
    """The values of all secrets in a body."""
    if isinstance(body, Secret):
        yield body.reveal()
    elif isinstance(body, Mapping):
        for value in body.values():
            yield from secrets_in(value)
    elif isinstance(body, Sequence) and not isinstance(body, str):
        for value in body:
            yield from secrets_in(value)


def forms(secret: str) -> tuple[str, ...]:
    """A secret, and how it looks where a server quotes it: in JSON, in HTML, in a URL."""
    plain, ascii_only = (json.dumps(secret, ensure_ascii=only)[1:-1] for only in (False, True))
    page = html.escape(secret)
    return (
        secret,
        plain,
        ascii_only,
        page,
        page.replace("&#x27;", "&#39;"),
        quote(secret, safe=""),
        quote_plus(secret),
    )


def reply(status: int, headers: Mapping[str, str], raw: bytes) -> Reply:
    """The answer, its body parsed where it is JSON. Bytes of text that is not UTF-8 survive as surrogates.

    Raises:
        TransportError: the body is not what its headers say.
    """
    good = 200 <= status < 300
    packed = headers.get("content-encoding", "identity").strip().lower()
    if packed in {"gzip", "x-gzip"} and raw:
        raw = _unpacked(raw)
    elif packed not in {"identity", "", "gzip", "x-gzip"} and raw:
        raise TransportError(f"its body is encoded as {packed!r}, which was not asked for")
    text = raw.decode(errors="surrogateescape")
    body: Json = None
    if raw.strip() and _is_json(headers.get("content-type", "")):
        try:
            body = json.loads(raw.decode(), parse_constant=_refused)
        except (ValueError, RecursionError) as error:
            if good:  # else the status says enough
                raise TransportError("its body is no JSON, though its content-type says so") from error
    return Reply(text, status, body, headers)


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind in {"application/json", "text/json"} or (kind.startswith("application/") and kind.endswith("+json"))


def _refused(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")


def _unpacked(raw: bytes) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        whole = unpacker.decompress(raw, ANSWER_LIMIT + 1)
    except zlib.error as error:
        raise TransportError("its body is no gzip, though its content-encoding says so") from error
    if len(whole) > ANSWER_LIMIT:
        raise TransportError(f"it is longer than {ANSWER_LIMIT >> 20} MiB when unpacked")
    if not unpacker.eof or unpacker.unused_data:
        raise TransportError("its gzip body is not whole")
    return whole


def retry_after(answer: Reply) -> float | None:
    """In how many seconds the server says to ask again (RFC 9110, 10.2.3); ``None`` where it does not.

    A date is counted from the answer's own ``Date``, so that the two clocks may differ.
    """
    told = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", told):
        return float(told)
    if (until := _date(told)) is None:
        return None
    since = _date(answer.headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - since).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)  # the obsolete formats have no zone, and mean UTC


def words(text: str, mask: Callable[[str], str], status: str) -> str:
    """``status``, and what a device says beside it, in one line that can be shown and is not too long."""
    if len(text) > _QUOTED:
        return f"{status} ({len(text)} characters of explanation)"
    told = line(mask(text))
    return f"{status}: {told}" if told else status


def line(text: str) -> str:
    """``text`` in one line of printable characters, cut where it is too long."""
    whole = " / ".join(part for one in text.splitlines() if (part := " ".join(one.split())))
    shown = whole if len(whole) <= _SHOWN else whole[:_SHOWN] + "…"
    return "".join(character if character.isprintable() else "?" for character in shown)
