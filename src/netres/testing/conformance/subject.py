"""What the laws are held against: a device under test."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final

from netres.driver import Driver
from netres.flow import Transport
from netres.model import Config
from netres.testing.samples import fitting
from netres.testing.sim.device import Simulated
from netres.testing.sim.faults import FaultKind
from netres.testing.sim.session import SimulatedSession


class Subject(ABC):
    """A device under test: real software, or a simulation that shares no code with the driver."""

    driver: Driver
    """Fitted to the device, where it is one of those that are (`netres.observation.fitted`)."""

    @abstractmethod
    def open(self) -> Transport:
        """A new session. It must take `netres.flow.Reconnect`."""

    @abstractmethod
    def native(self) -> str:
        """The device's own configuration, got in another way than through netres."""

    @abstractmethod
    def reset(self) -> None:
        """Give the device its first configuration again, saved; sessions that are open may be lost."""

    @abstractmethod
    def scribble(self) -> Sequence[str]:
        """Put lines by hand that no feature owns, some of them inside the blocks of Items.

        Returns them as `native` shows them.
        """

    def left_open(self) -> Sequence[str]:
        """What is left on the device that should not be: a candidate, a lock, a timer, files of a change."""
        return ()

    def reboot(self) -> bool:
        """Start the device anew, what was not saved being lost: whether it can be done."""
        return False

    def fail(self, kind: FaultKind, wanted: Config) -> bool:
        """Have this go wrong inside the device from now on: whether it can.

        Args:
            kind: ``clock-jump``, ``normalised`` or ``salted``: no wire can make it up.
            wanted: what the device is about to be told.
        """
        return False

    def heal(self) -> None:  # noqa: B027 - most devices cannot be made to fail
        """Nothing goes wrong inside the device from now on."""

    def change(self) -> tuple[Config, Config]:
        """The two configurations between which everything is broken: all that is in the second and third sample.

        Where each operation takes long, a pair that needs fewer of them, and still creates, changes and deletes.
        """
        one, other = fitting(self.driver)[1:3]
        return one, other


class SimulatedSubject(Subject):
    """A simulated device, over a session in this process.

    Args:
        driver: what is held to the laws.
        device: what it meets.
        by_hand: native lines for `Store.load` that no feature owns, as the device shows them.
        first: native lines that it has from the beginning.
        salts: for a platform that shows a secret as another hash at each read: a pattern whose group 1 is the secret.
    """

    def __init__(
        self, driver: Driver, device: Simulated, by_hand: Sequence[str], *, first: str = "", salts: str = ""
    ) -> None:
        self.driver = driver
        self.device = device
        self._by_hand = by_hand
        self._first = first
        self._salts = salts

    def open(self) -> Transport:
        """A session that sees the device's faults."""
        return SimulatedSession(self.device, self.driver)

    def native(self) -> str:
        """What its store shows."""
        return self.device.native()

    def reset(self) -> None:
        """As it came from the factory, and what it has from the beginning."""
        self.heal()
        self.device.store.reset()
        if self._first:
            self.device.store.load(self._first)

    def scribble(self) -> Sequence[str]:
        """The lines by hand."""
        self.device.store.load("".join(f"{line}\n" for line in self._by_hand))
        return self._by_hand

    def left_open(self) -> Sequence[str]:
        """What its store says of it, where it has a candidate, locks or timers."""
        told = getattr(self.device.store, "left_open", None)
        return tuple(told()) if told is not None else ()

    def reboot(self) -> bool:
        """Start it anew."""
        self.device.reboot()
        return True

    def fail(self, kind: FaultKind, wanted: Config) -> bool:
        """Time passes; a text is stored in capitals; a secret is shown as a hash."""
        match kind:
            case FaultKind.CLOCK_JUMP:
                self.device.clock.advance(_LONG)
            case FaultKind.NORMALISED if text := _free_text(wanted):
                self.device.fail(kind, find=re.escape(text), replace=text.upper())
            case FaultKind.SALTED if self._salts:
                self.device.fail(kind, find=self._salts)
            case _:
                return False
        return True

    def heal(self) -> None:
        """Forget all faults."""
        self.device.faults.clear()


_LONG: Final = 86_400.0
"""Seconds: longer than any rollback timer."""
_FREE: Final = ("description", "name", "ssid", "location")
"""Fields whose text means nothing to the device."""


def _free_text(config: Config) -> str:
    """A text that a device may spell otherwise, in the field of an Item that is not its key."""
    for item in config.items:
        for name in _FREE:
            value = getattr(item, name, None)
            if name not in item.KEY and isinstance(value, str) and value != value.upper():
                return value
    return ""
