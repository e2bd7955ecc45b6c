"""One try to change a device: send, read back, save; on any failure find out what is true, and go back. Pure flows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from netres import differ
from netres.confirming import Trial
from netres.driver import Driver
from netres.errors import DeviceError, JournalFailed, NetresError, ParseError, TransportError, UsageError
from netres.flow import Flow, Operation, Reconnect
from netres.model.config import Config
from netres.observation import Observation, observe, surely
from netres.outcome import differences, lost, settled, verified
from netres.plan import ApplyResult, Difference, Outcome
from netres.terms import Terms
from netres.trial import cancelled, confirmed, reached, waiting
from netres.way_back import restore_surely, send

LEFT_BEHIND: Final = "what was kept for the way back is still there"
_TOLD: Final = "_netres_told"
"""What an error has, that interrupted a change: its result."""


class Attempt:
    """One try to lead a device from ``before`` to ``wanted``, and the way back.

    ``trial``: the change stands for a time only, and is confirmed once it was read back over a new session. Where the
    terms say ``confirm_within``, that is left to whoever asked for the change.
    """

    def __init__(
        self,
        driver: Driver,
        before: Observation,
        wanted: Config,
        blank: ApplyResult,
        *,
        terms: Terms,
        trial: Trial | None = None,
    ) -> None:
        self.driver = driver
        self.before = before
        self.wanted = wanted
        self.blank = blank
        self.terms = terms
        self.trial = trial
        self.held = terms.confirm_within is not None
        self.final = False
        """Whether it was confirmed."""
        self.keys = frozenset(change.key for change in blank.changes)
        self.sent: list[str] = []
        self.notes: list[str] = []
        self.after = Config()

    def run(self, operations: Sequence[Operation]) -> Flow[ApplyResult]:
        """Send, read back, save; on any failure undo, and say what is true."""
        try:
            yield from send(self.driver, operations, self.sent, self.trial)
            if self.trial or self.held:  # an old session may outlive the way by which the next one would come
                yield Reconnect()
            wrong, unchanged = yield from self._wrong()
            return (yield from (self._unchanged() if wrong and unchanged else self._judge(wrong)))
        except DeviceError as error:
            return (yield from self._undo(error))
        except NetresError as error:  # lost or not understood: was it the session alone, or a start anew, unsaved?
            return (yield from self._find_out(error))
        except GeneratorExit:
            raise
        except BaseException as error:  # an interrupt must leave neither half a change behind nor one on trial
            error.__dict__[_TOLD] = self._result(Outcome.UNKNOWN, error=error)  # a second one may come meanwhile
            told = error.__dict__[_TOLD] = yield from self._find_out(error)
            error.add_note(f"{told.device}: {told.outcome}")
            raise

    def _wrong(self) -> Flow[tuple[tuple[Difference, ...], bool]]:
        """What is not as it was wanted, and whether all is byte for byte as it was before."""

        def look() -> Flow[tuple[tuple[Difference, ...], bool]]:
            after = yield from observe(self.driver)
            self.after = after.config
            wrong = differences(self.driver, self.keys, self.wanted, after.config)
            wrong += lost(self.driver, self.before, after)
            return wrong, after.native.text == self.before.native.text

        return (yield from surely(look, lambda told: not told[0]))

    def _unchanged(self) -> Flow[ApplyResult]:
        """The device took every operation and has nothing of it: a timer of its own, or somebody, brought it back."""
        if self.trial:
            yield from cancelled(self.driver, self.trial, self.sent)
        self.notes.extend((yield from finish(self.driver)))
        error = DeviceError("the device took everything, and is as it was before: something else brought it back")
        return self._result(Outcome.NOT_APPLIED, error=error, exact=True)

    def _judge(self, wrong: tuple[Difference, ...]) -> Flow[ApplyResult]:
        """The result of an attempt whose every operation was taken, and of which ``wrong`` was read back."""
        if self.held:
            yield from self._require_waiting()
            held = self._result(Outcome.DIFFERS if wrong else Outcome.APPLIED, wrong=wrong)
            return held.model_copy(update={"confirmed": False})
        if self.trial and not self.final:
            yield from confirmed(self.driver, self.trial, self.sent)
            self.final = True
            again, unchanged = yield from self._wrong()  # a device may take the confirmation of what it has taken back
            if again != wrong and unchanged:
                return (yield from self._unchanged())
            wrong = again
        saved, notes = (yield from store(self.driver)) if self.terms.save else (None, ())
        self.notes.extend(notes)
        if not wrong:
            self.notes.extend((yield from finish(self.driver)))
        told = yield from settled(self.driver, self.blank.changes, wrong)
        self.notes.extend(told.notes)
        done = self._result(told.outcome, wrong=told.wrong, saved=saved, pending=told.pending)
        return done.model_copy(update={"confirmed": True if self.trial else None})

    def _require_waiting(self) -> Flow[None]:
        """See that the device takes the change back unless it is confirmed: its time may have been over too early.

        Raises:
            DeviceError: it does not wait.
        """
        confirming = self.driver.confirming
        if self.trial and confirming and not (yield from waiting(confirming, self.trial)):
            raise DeviceError("the device does not wait for a confirmation: its time was over, or it started anew")

    def _undo(self, error: DeviceError) -> Flow[ApplyResult]:
        """The device refused something: go back, over a new session where this one is lost."""
        try:
            return (yield from self._go_back(error))
        except NetresError:
            return (yield from self._find_out(error))

    def _find_out(self, error: BaseException) -> Flow[ApplyResult]:
        """The session is gone: open another, see what is true, and go back unless all was done."""
        try:
            yield from reached(None if self.final else self.trial)
            wrong, _ = yield from self._wrong()
            astray = () if wrong else (yield from verified(self.driver))
            stopped = self.held and not isinstance(error, NetresError)  # whoever was to confirm it is gone
            if not wrong and not astray and not stopped:
                what = "an answer was not understood" if isinstance(error, ParseError) else "the session was lost"
                self.notes.append(f"{what} ({error}), but the device had taken everything")
                return (yield from self._confirmed_or_back())
            self.notes.extend(map(str, astray))
            return (yield from self._go_back(error))
        except NetresError as lost:
            return self._result(Outcome.UNKNOWN, error=error, note=f"the device could not be read again: {lost}")

    def _confirmed_or_back(self) -> Flow[ApplyResult]:
        try:
            return (yield from self._judge(()))
        except DeviceError as refused:  # the confirmation, of what was there a moment ago
            return (yield from self._go_back(refused))

    def _go_back(self, error: BaseException) -> Flow[ApplyResult]:
        try:
            wrong, exact = yield from restore_surely(
                self.driver, self.before, self.wanted, self.keys, self.sent, trial=self.trial
            )
        except (DeviceError, UsageError) as refused:
            after = yield from observe(self.driver)
            wrong = differences(self.driver, self.keys, self.before.config, after.config)
            self.notes.append(f"the way back was refused: {refused}")
            exact = False
        if not wrong and not exact:  # something else is not as before: "not applied" would not be the whole truth
            now = yield from observe(self.driver)
            wrong = differences(self.driver, self.before.config.by_key, self.before.config, now.config)
        if not wrong:
            self.notes.extend((yield from finish(self.driver)))
        outcome = Outcome.DIFFERS if wrong else Outcome.NOT_APPLIED
        return self._result(outcome, error=error, wrong=wrong, exact=exact)

    def _result(
        self,
        outcome: Outcome,
        *,
        error: BaseException | None = None,
        note: str = "",
        wrong: tuple[Difference, ...] = (),
        saved: bool | None = None,
        exact: bool | None = None,
        pending: tuple[str, ...] = (),
    ) -> ApplyResult:
        return self.blank.model_copy(
            update={
                "outcome": outcome,
                "sent": tuple(self.sent),
                "error": (str(error) or type(error).__name__) if error else "",
                "error_type": type(error).__name__ if error else "",
                "after": None if error else self._read_back(),
                "differences": wrong,
                "pending": pending,
                "saved": saved,
                "confirmed": False if self.held and outcome is Outcome.UNKNOWN else None,
                "exact": exact,
                "notes": (*self.notes, *((note,) if note else ())),
            }
        )

    def _read_back(self) -> Config:
        items = (item for item in self.after.items if item.key in self.keys)
        return differ.referenced(Config.of(items), self.wanted)


def interrupted(error: BaseException) -> ApplyResult | None:
    """What is true of a device whose change was interrupted by an error that is none of netres's; else ``None``."""
    one: BaseException | None = error
    while one is not None:
        told: object = one.__dict__.get(_TOLD)
        if isinstance(told, ApplyResult):
            return told
        one = one.__context__
    return None


def store(driver: Driver) -> Flow[tuple[bool | None, tuple[str, ...]]]:
    """Have the device keep its configuration for its next start: whether it did, and why not.

    Raises:
        TransportError: the session is lost, and nobody knows what the device has now.
        JournalFailed: it could not be recorded, and was not sent.
    """
    try:
        for operation in driver.save:
            yield operation
    except (TransportError, JournalFailed):
        raise
    except NetresError as error:
        return False, (f"the change holds, but was not stored for the next start: {error}",)
    return (True if driver.save else None), ()


def finish(driver: Driver) -> Flow[tuple[str, ...]]:
    """Have the device drop what was kept for the way back: what there is to tell of it.

    Raises:
        TransportError: as `store`.
    """
    try:
        for operation in driver.finish:
            yield operation
    except (TransportError, JournalFailed):
        raise
    except NetresError as error:
        return (f"the change holds, but {LEFT_BEHIND}: {error}",)
    return ()
