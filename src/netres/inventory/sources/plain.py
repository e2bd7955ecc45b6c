"""An inventory file of netres itself, in YAML or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from netres import files
from netres.inventory.sources import Found


class Plain:
    """One file, as `Inventory.load` reads it."""

    title = "an inventory file, in YAML or JSON"
    options: Mapping[str, str] = {}

    def read(self, place: str, options: Mapping[str, str]) -> Found:
        """The file's sections; what is wrong in them is said when they are loaded."""
        sections = cast("dict[str, object]", files.load(Path(place)))
        if options:
            defaults = cast("Mapping[str, object]", sections.get("defaults") or {})
            sections["defaults"] = {**options, **defaults}
        return Found(sections)


SOURCE: Final = Plain()
