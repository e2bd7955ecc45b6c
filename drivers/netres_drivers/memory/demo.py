"""The main job on the device that lives in this process: for machines where no real software can be started."""

from __future__ import annotations

from typing import Final

from netres.testing.demo import Stage

real = False
_INVENTORY: Final = """\
devices:
  m1: {platform: memory, host: m1.demo, options: {state: m1.json}}
"""
_DESIRED: Final = """\
items:
  - {kind: vlan, id: 20, name: voice}
  - {kind: interface, name: eth0, description: to the core, addresses: [192.0.2.1/30]}
  - {kind: static_route, prefix: 198.51.100.0/24, next_hop: 192.0.2.2}
"""
_BY_HAND: Final = """\
items:
  - {kind: vlan, id: 20, name: by-hand}
"""


def available() -> str | None:
    """It runs everywhere."""
    return None


def run(stage: Stage) -> None:
    """Plan, apply, find drift, roll back."""
    (stage.folder / "inventory.yaml").write_text(_INVENTORY)
    (stage.folder / "m1.yaml").write_text(_DESIRED)
    (stage.folder / "by-hand.yaml").write_text(_BY_HAND)
    stage.say("What can this device do?")
    stage.netres("capabilities", "m1")
    stage.say("What would have to change, so that it is as m1.yaml says?")
    stage.netres("plan", "m1", "m1.yaml")
    stage.netres("apply", "m1", "m1.yaml", "--yes", "-o", "m1.result.json")
    stage.say("Somebody renames a VLAN. The next plan shows the drift:")
    stage.netres("apply", "m1", "by-hand.yaml", "--yes")
    stage.netres("plan", "m1", "m1.yaml")
    stage.netres("apply", "m1", "m1.yaml", "--yes")
    stage.say("All the way back, from the result that was stored:")
    stage.netres("rollback", "m1", "m1.result.json")
    stage.netres("observe", "m1")
