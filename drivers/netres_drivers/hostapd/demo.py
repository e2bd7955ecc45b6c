"""A real hostapd for the demo."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from netres.testing.demo import Part
from netres_drivers.hostapd.lab import HostapdLab, available

__all__ = ["available", "families", "part", "real"]

families = ("access-point",)
real = True
_DESIRED: Final = """\
items:
  - {{kind: radio, name: wlan0, band: 2.4ghz, channel: 11, width: 20}}
  - kind: wlan
    name: corp
    ssid: Corp
    security: {{mode: psk-sae, passphrase: "file:{folder}/passphrase"}}
    fast_transition: true
    neighbor_report: true
    bss_transition: true
  - {{kind: wlan, name: guest, ssid: Gäste, bands: [2.4ghz], client_isolation: true, max_clients: 50}}
"""


@contextmanager
def part(family: str, folder: Path) -> Generator[Part]:
    """An access point with two radios in a network namespace, behind its own SSH server."""
    (folder / "passphrase").write_text("made-up-for-the-demo\n")
    with HostapdLab() as lab:

        def by_hand() -> str:
            text = lab.config("wlan0").read_text()
            lab.write("wlan0", text.replace("max_num_sta=50", "max_num_sta=500"))
            lab.restart()
            return "max_num_sta of the guests is 500 now"

        software = "hostapd without a radio (driver none), in a network namespace, over SSH"
        yield Part(lab.entry(), software, _DESIRED.format(folder=folder), by_hand, lab.native)
