"""A file of desired configuration: Items, native lines and templates of them, for one device at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from netres.model.base import Item
from netres.model.kinds import AnyItem
from netres.model.native import NativeConfig
from netres.templates import Template

if TYPE_CHECKING:
    from netres.inventory.entry import Entry


class Desired(BaseModel):
    """What a file of desired configuration may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    items: tuple[AnyItem, ...] = ()
    native: tuple[NativeConfig, ...] = ()
    """Lines in a platform's own words; their ``kind`` may be left out."""
    templates: tuple[Template, ...] = ()
    """Native lines as Jinja2 templates."""

    def all(self, entry: Entry | None, variables: Mapping[str, object] | None) -> list[Item]:
        """The Items for one device, in the order in which they stand in the file.

        Raises:
            InvalidConfig: see `Template.render`.
        """
        rendered = [template.render(entry, variables) for template in self.templates]
        return [*self.items, *self.native, *rendered]

    def places(self) -> list[tuple[str | int, ...]]:
        """Where in the file the Items stand, in that order."""
        parts = (("items", self.items), ("native", self.native), ("templates", self.templates))
        return [(name, place) for name, found in parts for place in range(len(found))]
