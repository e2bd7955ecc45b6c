"""One Item made, changed or deleted. Pure data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict

from netres.errors import InvalidConfig, SecretError
from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.kinds import AnyItem
from netres.model.secret import resolved


class Change(BaseModel):
    """One Item made, changed or deleted."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    action: Literal["create", "modify", "delete"]
    before: AnyItem | None = None
    after: AnyItem | None = None

    @classmethod
    def of(cls, before: Item | None, after: Item | None) -> Change:
        """The change from one state of an Item to another; ``None``: it is not there."""
        action: Literal["create", "modify", "delete"] = (
            "modify" if before and after else "create" if after else "delete"
        )
        return cls(action=action, before=cast("AnyItem | None", before), after=cast("AnyItem | None", after))

    @property
    def item(self) -> Item:
        """The Item after the change, or the one that goes."""
        found = self.after or self.before
        if found is None:
            raise InvalidConfig("a change has neither a before nor an after")
        return found

    @property
    def key(self) -> Key:
        """What is changed."""
        return self.item.key

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that a modification changes."""
        return self.before.differing(self.after) if self.before and self.after else ()

    def inverse(self) -> Change:
        """The change that takes this one back."""
        return Change.of(self.after, self.before)


def changed(config: Config, changes: Iterable[Change]) -> Config:
    """A configuration after changes."""
    items = dict(config.by_key)
    for change in changes:
        items.pop(change.key, None)
        if change.after:
            items[change.key] = change.after
    return Config.of(items.values())


def with_secrets(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes with the secrets of what they lead to.

    Raises:
        SecretError: a reference leads nowhere; it names the Item.
    """
    return tuple(change.model_copy(update={"after": _known(change.after)}) for change in changes)


def _known(item: Item | None) -> Item | None:
    try:
        return resolved(item)
    except SecretError as error:
        raise SecretError(f"{item.key if item else ''}: {error}") from error
