"""Digests of what a plan was made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import cast

from netres.model.base import Item
from netres.model.config import Config
from netres.model.secret import Secret, may_hold


def fingerprint(config: Config, kinds: Iterable[str]) -> str:
    """A digest of the Items of some kinds. Of a secret it tells only that there is one: see decision 0002."""
    wanted = frozenset(kinds)
    whole = hashlib.sha256()
    for item in config.each():
        if item.KIND in wanted:
            whole.update(_told(item))
            whole.update(b"\n")
    return whole.hexdigest()


def _told(item: Item) -> bytes:
    if not may_hold(item):
        return type(item).__pydantic_serializer__.to_json(item)
    return json.dumps(_open(item.model_dump(mode="python"))).encode()


def _open(value: object) -> object:
    if isinstance(value, Secret):
        return "secret"
    if isinstance(value, dict):
        return {name: _open(part) for name, part in cast("dict[str, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_open(part) for part in cast("Iterable[object]", value)]
    return value


def digested(text: str) -> str:
    """A digest of text in which no secret is."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha256(value: object) -> str:
    """A digest of data that JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
