"""Device: a `Resource` whose verbs block."""

from __future__ import annotations

import threading
import time  # noqa: TID251 - the shells around the engine measure how long it took
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar, Unpack

from netres import engine, observation, settle, verbs
from netres.baseline import Baseline
from netres.drift import DriftReport
from netres.driver import Capability, Driver, Facts
from netres.errors import ApplyFailed, NetresError, UsageError
from netres.flow import Flow, Transport, run
from netres.inventory.entry import Scalar
from netres.ledger import Ledger
from netres.model.base import Key
from netres.model.config import Config
from netres.model.state import State, WirelessClient
from netres.plan import ApplyResult, Outcome, Plan
from netres.terms import ApplyTerms, Terms
from netres.transport.session import Session

S = TypeVar("S", bound=State)
T = TypeVar("T")


class Device:
    """A `Resource` over a blocking transport. Not for several threads at once.

    Every verb may raise `netres.errors.TransportError` and `netres.errors.DeviceError`; what else, it says itself. What
    was applied with ``confirm_within`` and not confirmed is taken back when its time is over, and when the device is
    closed, which leaving its ``with`` block does; `taken_back` tells.
    """

    def __init__(
        self,
        name: str,
        driver: Driver,
        transport: Transport,
        options: Mapping[str, Scalar] = MappingProxyType({}),
        *,
        ledger: Ledger | None = None,
    ) -> None:
        """A device at the other end of a transport; ``ledger``: where what is done to it is written down."""
        self.name = name
        self.driver = driver
        """The platform's; once the device was asked anything, fitted to this device."""
        self.taken_back: list[ApplyResult] = []
        """What came of the changes that nobody confirmed in time: results of rollbacks."""
        self._session = Session(transport, ledger, lambda text: observation.masked(self.driver, text))
        self._options = options
        self._busy = threading.RLock()
        self._held: ApplyResult | None = None
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        back = self._close()
        if back is None or back.outcome.holds:
            return
        failure = ApplyFailed(f"{self.name}: what nobody confirmed could not be taken back: {back.error}", back)
        if error is None:
            raise failure
        error.add_note(str(failure))

    def __repr__(self) -> str:
        return f"Device({self.name!r}, {self.driver.platform!r})"

    def close(self) -> None:
        """Take back what waits for its confirmation, and end the session; `taken_back` tells of it. Never raises."""
        self._close()

    def _close(self) -> ApplyResult | None:
        with self._busy:
            try:
                return self._take_back(self._held) if self._held else None
            finally:
                self._session.close()

    def drive(self, verb: Callable[[Driver], Flow[T]]) -> T:
        """Run a flow on this device: ``verb`` makes it from the driver, which is fitted to the device."""
        with self._busy:
            if self.driver.fit is not None:
                self.driver = run(observation.fitted(self.driver, self._options), self._session.execute)
            return run(verb(self.driver), self._session.execute, batches=self._session.batches)

    def _change(self, verb: verbs.Verb) -> ApplyResult:
        began = time.monotonic()
        done = self.drive(verb)
        return done.model_copy(update={"seconds": round(time.monotonic() - began, 3)})

    def facts(self) -> Facts:
        """What the device says of itself."""
        return self.drive(lambda driver: observation.read(driver.facts()))

    def capabilities(self) -> tuple[Capability, ...]:
        """One Capability per kind of the vocabulary: of Items, then of State. Sends reads at most, mostly nothing."""
        return self.drive(verbs.capabilities)

    def state(self, kind: type[S]) -> tuple[S, ...]:
        """What the device tells of one kind of `netres.State`: ``state(AccessPoint)``.

        Raises:
            Unsupported: the platform does not tell it.
        """
        return self.drive(lambda driver: observation.state(driver, kind))

    def clients(self) -> tuple[WirelessClient, ...]:
        """The stations that are associated.

        Raises:
            Unsupported: the platform does not tell them.
        """
        return self.state(WirelessClient)

    def observe(self, kinds: Collection[str] | None = None) -> Config:
        """The Items the device has, of some kinds or of all it can tell.

        Raises:
            InvalidConfig, Unsupported: a kind that does not exist, or that the platform does not have.
        """
        return self.drive(lambda driver: observation.observe(driver, kinds)).config

    def plan(self, config: Config, prune: Collection[str | Key] = frozenset()) -> Plan:
        """What would lead to ``config``. Items it does not name stay, but those in ``prune``, by kind or by key.

        Raises:
            InvalidConfig, Unsupported, SecretError: naming Item and field; only reads were sent.
        """
        with config.placing_errors():
            wanted = config.resolved()
            return self.drive(lambda driver: engine.plan(driver, self.name, wanted, prune))

    def apply(self, plan: Plan, **terms: Unpack[ApplyTerms]) -> ApplyResult:
        """Make ``plan`` true, read it back, and undo everything where that fails.

        With ``confirm_within`` the result waits for `confirm`: ``confirmed`` is false, ``confirm_by`` tells how long.

        Args:
            plan: for this device, as it is now.
            terms: see `netres.ApplyTerms`.

        Raises:
            UsageError: a term is not usable, or another change waits for its confirmation; nothing was sent.
            Unsupported: the device cannot do what the terms ask; nothing was sent.
            TamperedPlan, StalePlan, SecretError, JournalFailed: only reads were sent.
        """
        known = Terms.of(terms)
        with self._busy:
            if self._held:
                raise UsageError(f"{self.name}: a change waits for its confirmation; confirm it, or roll it back")
            done = self._change(verbs.apply(self.name, plan, known))
            if done.confirmed is False:
                self._hold(done)
        return done

    def confirm(self, result: ApplyResult) -> ApplyResult:
        """Have what waits for its confirmation stand for good, once it was read back over a new session.

        The result tells whether it does: ``confirmed``. Where it was taken back before, the outcome is `NOT_APPLIED`.

        Raises:
            UsageError: nothing waits for a confirmation, or another change does.
        """
        with self._busy:  # the timer must not take back in between what was confirmed
            verbs.require_no_other(self.name, self._held, result)
            done = self._change(verbs.confirm(self.name, result))
            if done.confirmed or done.outcome is Outcome.NOT_APPLIED:
                self._release(result)
        return done

    def verify(self, result: ApplyResult) -> ApplyResult:
        """`refresh` over a new session: whether the device can still be reached is part of the question."""
        known = result.resolved()
        return self.drive(lambda driver: settle.verify(driver, known))

    def leave(self, result: ApplyResult) -> None:
        """Let what waits for its confirmation wait on without us: the device itself takes it back in time.

        Raises:
            UsageError: this device does not do that, or the change does not wait here.
        """
        with self._busy:
            verbs.require_leavable(self.name, self._held, result)
            self.drive(lambda _: verbs.leave(result))
            self._release(result)

    def rollback(self, result: ApplyResult, *, save: bool = True, force: bool = False) -> ApplyResult:
        """Lead everything that ``result`` changed back to what it was; ``save``: for the next start too.

        ``force``: also where somebody changed the same Items since, which is lost then.

        Raises:
            StalePlan: somebody changed the Items since; only reads were sent.
            InvalidConfig, SecretError: the way back is not known; only reads were sent.
            UsageError: another change waits for its confirmation.
        """
        with self._busy:
            verbs.require_no_other(self.name, self._held, result)
            done = self._change(verbs.rollback(self.name, result, save=save, force=force))
            self._release(result)
        return done

    def refresh(self, result: ApplyResult) -> ApplyResult:
        """Read the device and say which outcome of ``result`` is true now. Changes nothing."""
        known = result.resolved()
        return self.drive(lambda driver: settle.refresh(driver, known))

    def drift(self, baseline: Baseline, ignoring: Collection[str] = ()) -> DriftReport:
        """What differs on the device from what netres last applied, but at the paths in ``ignoring``. Only reads.

        Raises:
            InvalidConfig: the baseline is another device's; a path that can match nothing.
        """
        return self.drive(verbs.drifted(self.name, baseline, ignoring))

    def _hold(self, result: ApplyResult) -> None:
        self._held = result
        if result.confirm_by:
            left = (result.confirm_by - datetime.now(UTC)).total_seconds()
            self._timer = threading.Timer(max(left, 0), self._expire, (result,))
            self._timer.daemon = True
            self._timer.start()

    def _release(self, result: ApplyResult) -> None:
        if verbs.same(self._held, result):
            self._held = None
            if self._timer:
                self._timer.cancel()

    def _expire(self, result: ApplyResult) -> None:
        with self._busy:
            if self._held is result:
                self._take_back(result)

    def _take_back(self, result: ApplyResult) -> ApplyResult:
        try:
            done = self.rollback(result, save=False)
        except NetresError as error:
            self.drive(verbs.abandon)
            self._release(result)
            told = {"outcome": Outcome.UNKNOWN, "error": str(error), "error_type": type(error).__name__}
            done = result.model_copy(update=told)
        self.taken_back.append(done)
        return done
