"""A directory of inventory files: one for each site, say. Together they are one inventory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from netres import files
from netres.errors import InvalidConfig
from netres.inventory.sources import Found

_SUFFIXES: Final = frozenset({".yaml", ".yml", ".json"})


class Directory:
    """All files ending in ``.yaml``, ``.yml`` and ``.json`` in a directory, by name; not those below it."""

    title = "a directory of inventory files"
    options: Mapping[str, str] = {}

    def read(self, place: str, options: Mapping[str, str]) -> Found:
        """The sections of all files; what one defines no other may, and defaults stand in one alone."""
        folder = Path(place)
        if not folder.is_dir():
            raise InvalidConfig(f"{place}: is no directory; name one, or use the source yaml for a file")
        sections: dict[str, dict[str, object]] = {"defaults": {}, "groups": {}, "devices": {}}
        origin: dict[tuple[str, str], Path] = {}
        for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES):
            for section, held in files.load(path).items():
                if section not in sections or not isinstance(held, dict | None):
                    raise InvalidConfig(f"{path}: {section}: is no section; write defaults, groups and devices")
                for name, value in cast("dict[str, object]", held or {}).items():
                    if (other := origin.setdefault((str(section), name), path)) is not path:
                        raise InvalidConfig(f"{path}: {section}.{name} is there already, in {other}; remove one")
                    sections[str(section)][name] = value
        if not origin:
            raise InvalidConfig(f"{place}: holds no inventory; put .yaml or .json files there")
        sections["defaults"] = {**options, **sections["defaults"]}
        return Found({name: held for name, held in sections.items() if held or name == "devices"})


SOURCE: Final = Directory()
