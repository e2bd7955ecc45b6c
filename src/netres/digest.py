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
    items = [_opened(item) for item in config.only(wanted).each()]
    return sha256(items)


def _opened(item: Item) -> object:
    told = item.model_dump(mode="python")
    return _open(told) if may_hold(type(item)) else told


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
