"""A driver with a mistake that shows only with another hash seed: a module of its own, for a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import setline_driver

from netres.change import Change
from netres.driver import Scope
from netres.flow import Operation


def _by_hash(change: Change, scope: Scope) -> Iterator[Operation]:
    made = tuple(setline_driver.write(change, scope))
    yield from made if change.before else set(made)


DRIVER = replace(
    setline_driver.DRIVER,
    features=tuple(replace(feature, write=_by_hash) for feature in setline_driver.DRIVER.features),
)
