"""A device led back, in all that its driver can write, to how it was before a transaction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Unpack

from netres.device import Device
from netres.errors import SecretError
from netres.fleet.journal import Backup
from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.secret import OBSERVED, Secret, paired, resolved
from netres.observation import masked, observe
from netres.plan import ApplyResult, Plan
from netres.terms import ApplyTerms


@dataclass(frozen=True)
class WayBack:
    """What leads a device back to a backup."""

    backup: Backup
    plan: Plan
    kept: tuple[Key, ...] = ()
    """Items that had a secret which is not in the journal; it stays what the device has now."""


def way_back(device: Device, backup: Backup) -> WayBack:
    """Plan the way back to a backup: what it has comes again, what came since goes. Sends only reads.

    Raises:
        SecretError: an Item that is gone had a secret which nobody knows any more.
        InvalidConfig, Unsupported, TransportError, DeviceError: as `Device.plan`.
    """
    now = device.drive(observe).config
    driver = device.driver
    kinds = frozenset(kind for kind, feature in driver.table.items() if feature.write is not None)
    kept: list[Key] = []
    items = [_with_secrets(item, now.by_key.get(item.key), kept) for item in backup.config.only(kinds).items]
    return WayBack(backup, device.plan(Config.of(items), prune=kinds), tuple(dict.fromkeys(kept)))


def restore(device: Device, way: WayBack, **terms: Unpack[ApplyTerms]) -> ApplyResult:
    """Go a way back. ``exact`` tells whether the native configuration is now as it was then, to the letter.

    Raises:
        NetresError: as `Device.apply`.
    """
    done = device.apply(way.plan, **terms)
    if not done.outcome.holds or not way.backup.native:
        return done
    now = device.drive(observe).native.text
    text = now if way.backup.exact else masked(device.driver, now)
    return done.model_copy(update={"exact": text == way.backup.native})


def _with_secrets(item: Item, now: Item | None, kept: list[Key]) -> Item:
    """The Item with its secrets: by their references, or, where nobody knows them any more, those it has now."""

    def pick(mine: Secret, theirs: Secret) -> Secret:
        if not _lost(mine):
            return mine
        kept.append(item.key)
        return theirs

    whole = paired(item, now, pick)
    if _secrets_lost(whole):
        raise SecretError(
            f"{item.key}: its secret is not in the journal, and the device has it no more; make it anew with a plan of "
            f"its own (the journal keeps secrets where its backups are 'sealed', and opens them with its key)"
        ).about(item.key)
    try:
        return resolved(whole)
    except SecretError as error:
        raise SecretError(f"{item.key}: {error}").about(item.key) from None


def _secrets_lost(item: Item) -> bool:
    found: list[bool] = []

    def look(mine: Secret, same: Secret) -> Secret:
        found.append(_lost(mine))
        return same

    paired(item, item, look)
    return any(found)


def _lost(secret: Secret) -> bool:
    """Whether neither its value is known, nor a reference that leads to it."""
    return not secret.known and (secret.ref is None or re.match(OBSERVED, secret.ref) is not None)
