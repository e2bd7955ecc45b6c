"""A recording as a device: it answers what was recorded, in the order in which it was recorded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from netres.flow import Operation, Reply
from netres.terms import TOKEN
from netres.testing.record.dialogue import UNNAMED, Told, told, untold, untold_body
from netres.testing.record.shape import load

_AROUND: Final = 3
"""How many operations are shown before and after the one that differs."""


class DialogueChanged(BaseException):
    """What was sent is not what was recorded; the message shows the difference and the remedy.

    No `Exception`, as the failures of pytest are none: neither the engine, which turns whatever breaks a change into an
    outcome, nor an orchestrator under test may take it for a device's fault. A test that meets it fails.
    """


class Replay:
    """A `netres.flow.Transport` that answers from a recording.

        with Replay("r1.yaml") as replay, Device("r1", registry.get(replay.platform), replay) as device:
            assert device.observe() == …

    At the end of its block every operation must have been asked. What a test sends holds the values of the recording:
    those that replaced the device's own. A secret that is sent may be any; it is masked.

    Raises:
        InvalidConfig: the file is no recording, or a secret was left in it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        document, self._steps = load(self._path)
        self.platform = document.platform
        """The driver it was recorded with."""
        self.date = document.date
        """When, in ISO 8601."""
        self._asked = 0
        self._token = UNNAMED
        self._changed: DialogueChanged | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or (self._changed is not None and isinstance(error, Exception)):
            self.assert_finished()

    def execute(self, operation: Operation) -> Reply:
        """Answer as it was recorded.

        Raises:
            DialogueChanged: another operation was recorded at this place, or none; from then on nothing is answered.
            NetresError: what was recorded is an error.
        """
        if self._changed is not None:
            raise self._changed
        asked = told(operation)
        if self._asked == len(self._steps) or self._steps[self._asked].told != asked:
            self._changed = DialogueChanged(self._difference(asked))
            raise self._changed
        step = self._steps[self._asked]
        self._asked += 1
        if step.error is not None:
            raise step.error
        assert step.reply is not None
        if found := TOKEN.search(str(operation)):
            self._token = found[0]
        reply, token = step.reply, self._token
        return replace(reply, text=untold(reply.text, token), body=untold_body(reply.body, token), _parsed={})

    def close(self) -> None:
        """End the session; another one may go on."""

    def assert_finished(self) -> None:
        """Require that all that was recorded was asked.

        Raises:
            DialogueChanged: something was not, or another operation was sent before (which somebody caught).
        """
        if self._changed is not None:
            raise self._changed
        left = self._steps[self._asked :]
        if left:
            shown = "".join(f"  {line}\n" for step in left[:_AROUND] for line in _lines(step.told))
            more = f"  and {len(left) - _AROUND} more\n" if len(left) > _AROUND else ""
            raise DialogueChanged(
                f"{self._path}: {self._asked} of {len(self._steps)} recorded operations were asked; not asked:\n"
                f"{shown}{more}{_REMEDY}"
            )

    def _difference(self, asked: Told) -> str:
        at = self._asked
        before = [step.told for step in self._steps[max(0, at - _AROUND) : at]]
        recorded = [step.told for step in self._steps[at : at + 1]]
        then = [step.told for step in self._steps[at + 1 : at + _AROUND]]
        diff = unified_diff(
            list(_all([*before, *recorded, *then])),
            list(_all([*before, asked, *then])),
            f"recorded in {self._path}",
            "sent now",
            lineterm="",
            n=100,
        )
        found = "\n".join(diff)
        return f"operation {at + 1} of {len(self._steps)} is not the one that was recorded\n{found}\n{_REMEDY}"


_REMEDY: Final = "if the change is meant, record again (netres lab record); else mend the driver"


def _all(dialogue: Sequence[Told]) -> Iterator[str]:
    for one in dialogue:
        yield from _lines(one)


def _lines(one: Told) -> list[str]:
    return str(one).split("\n")
