"""A program on the router that takes a change back unless it is confirmed: FRR has no timer of its own.

It is left where the login gives a Unix shell, whose ``vtysh`` reaches FRR's daemons. It waits, and then gives vtysh the
lines that lead back, which lie in a folder of its own that only the login's user can enter. What is confirmed first
takes that file away, in one step, so that both never happen. A router that starts anew meanwhile starts on what was
saved, which is as before: a change is saved when it is confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from netres.confirming import Confirming, Trial
from netres.errors import ParseError
from netres.flow import Cli, Exec, Flow, Operation, Part
from netres_drivers.frr.common import BEGIN, COMMIT

_PROBE: Final = "vtysh -c 'show version' >/dev/null 2>&1; echo netres-shell $?"
_WHOLE: Final = "! these are all"
"""The last line, which vtysh takes for a comment: where the session is lost before it, nothing is armed."""
# The program outlives its session: it ignores SIGHUP, and holds none of the channel's streams. It ends within a second
# of what it waits for being taken away.
_ARM: Final = (
    f"umask 077; mkdir {{place}} || exit 1; cat >{{place}}/back && [ \"$(tail -n 1 {{place}}/back)\" = '{_WHOLE}' ] || "
    "{{ rm -rf {place}; exit 1; }}; "
    "(trap '' HUP; cd {place} && n=0 && while [ $n -lt {seconds} ] && [ -e back ]; do sleep 1; n=$((n+1)); done && "
    "mv back fired && {back}; rm -rf {place}) "
    "</dev/null >/dev/null 2>&1 &"
)
_BACK: Final = "vtysh <fired >told 2>&1"
_CONFIRM: Final = "mv {place}/back {place}/kept && rm -rf {place}"
_DONE: Final = "n=0; while [ -d {place} ] && [ ! -e {place}/back ] && [ $n -lt 60 ]; do n=$((n+1)); sleep 0.5; done"
"""Whoever comes while the program sends the lines waits until it is done."""
_CANCEL: Final = f"cd {{place}} || exit 1; if mv back fired; then {{back}}; cd /; rm -rf {{place}}; else {_DONE}; fi"
_WAITS: Final = f"{_DONE}; if [ -e {{place}}/back ]; then echo netres-waits; else echo netres-over; fi"


def _place(trial: Trial) -> str:
    """A folder whose name nobody can foresee, and which is made by us or not at all."""
    return f"/tmp/netres-{trial.token}"  # noqa: S108 - see above


def _begin(trial: Trial) -> Sequence[Operation]:
    command = _ARM.format(place=_place(trial), seconds=trial.seconds, back=_BACK)
    return (Exec(command, tuple(_lines(trial)), writes=True), *BEGIN)


def _lines(trial: Trial) -> list[Part]:
    parts: list[Part] = []
    for operation in trial.back:
        if isinstance(operation, Cli):
            parts += [*operation.parts, "\n"]
    return [*parts, _WHOLE]


def _waits(trial: Trial) -> Flow[bool]:
    told = (yield Exec(_WAITS.format(place=_place(trial)))).text.strip()
    if told not in {"netres-waits", "netres-over"}:
        raise ParseError(f"the router does not tell whether a change waits: {told[:60]!r}")
    return told == "netres-waits"


def _lacks() -> Flow[str]:
    told = re.search(r"^netres-shell (\d+)$", (yield Exec(_PROBE)).text, re.MULTILINE)
    if told is None:
        return "the login gives vtysh; a login with a Unix shell could leave a program there"
    return "" if told[1] == "0" else "vtysh in the login's shell does not reach FRR's daemons"


CONFIRMING: Final = Confirming(
    why="a program that netres leaves on the router",
    begin=_begin,
    commit=lambda trial: COMMIT,
    confirm=lambda trial: [Exec(_CONFIRM.format(place=_place(trial)), writes=True)],
    cancel=lambda trial: [Exec(_CANCEL.format(place=_place(trial), back=_BACK), writes=True)],
    waits=_waits,
    lacks=_lacks,
    needs=("a login with a Unix shell, whose vtysh reaches FRR's daemons",),
    program=True,
)
