"""What must hold of every device together with all it inherits."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from netres.files import Loc
from netres.inventory.merge import Book
from netres.inventory.shape import RESERVED, Common, Refuse, among


def check(book: Book, refuse: Refuse, others: Collection[str] = ()) -> None:
    """Raise ``refuse`` of the first device, group or default that cannot be; ``others``: platforms without a driver."""
    from netres.registry import platforms  # the registry knows drivers, which know entries

    known = frozenset({*platforms(), *others})
    for loc, settings in _all(book):
        if (platform := settings.get("platform")) is not None and platform not in known:
            raise refuse((*loc, "platform"), f"unknown platform {platform!r}{among(platform, known)}")
        if not RESERVED.isdisjoint(tags := settings.get("tags", {})):
            taken = min(RESERVED & tags.keys())
            raise refuse((*loc, "tags", taken), "is a word of selections; give the tag another name")
    for name, device in book.devices.items():
        inherited = book.inherited(device)
        for field in ("platform", "host"):
            if field not in device and field not in inherited:
                raise refuse(("devices", name), f"has no {field}, nor has a group of it or defaults; add '{field}: …'")


def _all(book: Book) -> Iterator[tuple[Loc, Common]]:
    yield ("defaults",), book.defaults
    for name, group in book.groups.items():
        yield ("groups", name), group
    for name, device in book.devices.items():
        yield ("devices", name), device
