"""Ranges in Ansible's names of hosts: ``web[01:50].example.net``, ``db[a:f]``, ``r[0:10:2]``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from string import ascii_letters
from typing import Final

from netres.errors import InvalidConfig

_RANGE: Final = re.compile(r"\[([0-9]*|[A-Za-z]):([0-9]+|[A-Za-z])(?::([0-9]+))?\]")
_MOST: Final = 1_000_000


def expanded(pattern: str) -> Iterator[str]:
    """The names that a pattern stands for, in order.

    Raises:
        InvalidConfig: a range has no end, or goes backwards, or there are more than a million names.
    """
    parts = _RANGE.split(pattern)
    ranges = [_range(pattern, *parts[place : place + 3]) for place in range(1, len(parts), 4)]
    count = 1
    for one in ranges:
        count *= len(one)
    if count > _MOST:
        raise InvalidConfig(f"the range {pattern!r} stands for {count} hosts; {_MOST} is the most")
    texts = parts[::4]
    return ("".join(map("".join, zip(texts, (*values, ""), strict=True))) for values in product(*ranges))


def _range(pattern: str, first: str, last: str, step: str | None) -> list[str]:
    stride = int(step or 1)
    if last.isdecimal() and (first.isdecimal() or not first):
        if stride and int(first or 0) <= int(last) <= _MOST * stride:
            width = len(first) if first.startswith("0") and len(first) > 1 else 0
            return [str(number).zfill(width) for number in range(int(first or 0), int(last) + 1, stride)]
    elif first.isalpha() and last.isalpha() and stride:
        begin, end = ascii_letters.index(first), ascii_letters.index(last)
        if begin <= end:
            return list(ascii_letters[begin : end + 1 : stride])
    raise InvalidConfig(f"the range in {pattern!r} cannot be; write [FIRST:LAST] or [FIRST:LAST:STEP]")
