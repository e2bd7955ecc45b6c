"""A real Kamailio with rtpengine for the demo."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from netres.testing.demo import Part
from netres_drivers.kamailio.lab import KamailioLab, available
from netres_drivers.kamailio.samples import DESIRED
from netres_drivers.kamailio.script import ADDRESS

__all__ = ["available", "families", "part", "real"]

families = ("sbc",)
real = True


@contextmanager
def part(family: str, folder: Path) -> Generator[Part]:
    """An SBC in a network namespace, behind its own SSH server."""
    with KamailioLab() as lab:

        def by_hand() -> str:
            listed = lab.read(ADDRESS).splitlines(keepends=True)
            lab.write(ADDRESS, "".join(line for line in listed if "127.0.0.2" not in line))
            lab.rpc("permissions.addressReload")
            return "the PBX is taken out of the list of sources"

        software = "Kamailio and rtpengine, in a network namespace, over SSH"
        yield Part(lab.entry(), software, DESIRED, by_hand, lab.native)
