"""A real BIRD's timer, as the driver uses it: tried over one session, confirmed over another; no engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from netres import differ, observation, registry
from netres.confirming import Confirming, Trial
from netres.driver import Driver, Scope
from netres.errors import DeviceError
from netres.flow import Operation, Transport, run
from netres.model import BgpRouter, Config, Item, StaticRoute
from netres.testing.netns import wait_until
from netres.transport import open_transport
from netres_drivers.bird.lab import BirdLab

pytestmark = pytest.mark.real

TOKEN = "0123456789ab"
BLACKHOLE = StaticRoute(prefix="203.0.113.0/24", blackhole=True)
OLD, NEW = BgpRouter(asn=65001), BgpRouter(asn=65002)


@dataclass
class Router:
    """A BIRD, a session with it, and what the driver has to say."""

    lab: BirdLab
    driver: Driver
    session: Transport

    @property
    def confirming(self) -> Confirming:
        assert self.driver.confirming is not None
        return self.driver.confirming

    def execute(self, *operations: Operation) -> None:
        for operation in operations:
            self.session.execute(operation)

    def anew(self, *operations: Operation) -> None:
        """Over another session."""
        transport = open_transport(self.lab.entry(), self.driver)
        try:
            for operation in operations:
                transport.execute(operation)
        finally:
            transport.close()

    def read(self) -> observation.Observation:
        return run(observation.observe(self.driver), self.session.execute)

    def staged(self, *items: Item) -> tuple[Operation, ...]:
        seen, wanted = self.read(), Config.of(items)
        changes = differ.changes(self.driver, seen.config, wanted)
        return observation.render(self.driver, changes, Scope(seen.config, wanted, seen.native))

    def change(self, *items: Item) -> None:
        """Without a timer."""
        self.execute(*self.driver.begin, *self.staged(*items), *self.driver.commit, *self.driver.finish)

    def on_trial(self, *items: Item, seconds: int = 60) -> Trial:
        trial = Trial(seconds, TOKEN)
        self.execute(*self.driver.begin, *self.staged(*items), *self.confirming.commit(trial))
        return trial

    def waits(self, trial: Trial) -> bool:
        return run(self.confirming.waits(trial), self.session.execute)

    def finish(self) -> None:
        self.execute(*self.driver.finish)

    def asn(self) -> str:
        """On which BIRD runs."""
        return self.lab.birdc("eval", "netres_asn").strip()


@pytest.fixture
def router(bird_lab: BirdLab) -> Iterator[Router]:
    """With an Item, and lines by hand."""
    bird_lab.reset()
    bird_lab.scribble()
    session = open_transport(bird_lab.entry(), registry.get("bird"))
    try:
        driver = run(observation.fitted(registry.get("bird"), bird_lab.entry().options), session.execute)
        found = Router(bird_lab, driver, session)
        found.change(OLD)
        yield found
    finally:
        session.close()


def before_and_after(router: Router) -> tuple[str, str]:
    """The files before a change to `NEW`, and after it."""
    before = router.lab.stored()
    router.change(NEW)
    after = router.lab.stored()
    router.change(OLD)
    router.lab.write(router.lab.file, before.partition("\f\n")[2])
    router.lab.configure()
    return before, after


def test_what_is_confirmed_stands_and_is_there_after_a_start(router: Router) -> None:
    before, after = before_and_after(router)
    trial = router.on_trial(NEW)
    assert (router.asn(), router.lab.stored(), router.waits(trial)) == ("65002", before, True)
    assert NEW in router.read().config.items
    router.anew(*router.confirming.confirm(trial))
    assert (router.asn(), router.lab.stored(), router.waits(trial)) == ("65002", after, False)
    assert not router.lab.left_behind()
    router.anew(*router.confirming.confirm(trial))  # an answer may have been lost
    router.anew(*router.confirming.cancel(trial))  # of what is over, nothing
    router.lab.restart()
    assert (router.asn(), router.lab.stored()) == ("65002", after)


def test_what_is_cancelled_is_gone_at_once(router: Router) -> None:
    before = router.lab.stored()
    trial = router.on_trial(NEW)
    router.anew(*router.confirming.cancel(trial))
    assert (router.asn(), router.lab.stored(), router.waits(trial)) == ("65001", before, False)
    assert not router.lab.left_behind()
    assert router.lab.birdc("configure", "confirm").strip() == "Nothing to do"
    router.anew(*router.confirming.cancel(trial))
    assert (router.asn(), router.lab.stored()) == ("65001", before)


def test_what_nobody_confirms_comes_back_by_itself(router: Router) -> None:
    before = router.lab.stored()
    trial = router.on_trial(NEW, seconds=1)
    assert router.waits(trial)
    wait_until(lambda: router.asn() == "65001", "the end of the trial", timeout=5)
    assert (router.lab.stored(), router.waits(trial)) == (before, False)
    assert router.read().config.items == (OLD,)  # what is left of the trial counts for nothing
    assert router.driver.verify is not None
    run(router.driver.verify(), router.session.execute)
    with pytest.raises(DeviceError, match="its time is over"):
        router.anew(*router.confirming.confirm(trial))
    router.finish()
    assert not router.lab.left_behind()
    router.change(NEW)
    assert router.asn() == "65002"


def test_what_was_staged_and_never_taken_counts_for_nothing(router: Router) -> None:
    before = router.lab.stored()
    router.execute(*router.staged(NEW))
    assert len(router.lab.left_behind()) == 2
    router.lab.restart()
    assert (router.asn(), router.lab.stored(), router.waits(Trial(60, TOKEN))) == ("65001", before, False)
    assert router.read().config.items == (OLD,)
    router.finish()
    assert not router.lab.left_behind()


@pytest.mark.parametrize("end", ["restart", "configure"])
def test_a_start_or_an_administrator_in_between_leaves_what_was_stored(router: Router, end: str) -> None:
    before = router.lab.stored()
    trial = router.on_trial(NEW)
    router.lab.restart() if end == "restart" else router.lab.configure()
    assert (router.asn(), router.lab.stored(), router.waits(trial)) == ("65001", before, False)
    with pytest.raises(DeviceError, match="somebody had BIRD read its configuration"):
        router.anew(*router.confirming.confirm(trial))
    router.anew(*router.confirming.cancel(trial))
    assert (router.asn(), router.lab.stored()) == ("65001", before)
    assert not router.lab.left_behind()


def test_while_a_change_waits_another_cannot_and_a_plain_one_takes_its_place(router: Router) -> None:
    trial = router.on_trial(NEW)
    other = Trial(60, "ba9876543210")
    router.finish()  # nothing of a trial that waits is removed
    with pytest.raises(DeviceError, match="another change waits for its confirmation"):
        router.execute(*router.staged(NEW, BLACKHOLE), *router.confirming.commit(other))
    assert (router.waits(trial), router.waits(other), router.asn()) == (True, False, "65002")
    router.execute(*router.confirming.cancel(other))
    assert router.waits(trial)
    router.change(NEW, BLACKHOLE)
    assert (router.waits(trial), router.asn()) == (False, "65002")
    assert router.read().config == Config.of([NEW, BLACKHOLE])
    assert router.lab.birdc("configure", "confirm").strip() == "Nothing to do"
    with pytest.raises(DeviceError, match="its time is over"):
        router.anew(*router.confirming.confirm(trial))


def test_a_file_that_somebody_wrote_during_a_trial_is_not_overwritten(router: Router) -> None:
    trial = router.on_trial(NEW)
    router.lab.write(router.lab.file, router.lab.file.read_text() + "# written meanwhile\n")
    before = router.lab.stored()
    with pytest.raises(DeviceError, match="was written since; the change is not kept"):
        router.anew(*router.confirming.confirm(trial))
    router.anew(*router.confirming.cancel(trial))
    assert (router.asn(), router.lab.stored()) == ("65001", before)


@pytest.mark.parametrize("plain", [True, False])
def test_what_bird_refuses_leaves_all_as_it_was(router: Router, plain: bool) -> None:
    """The administrator's file went bad since it was read."""
    staged = router.staged(NEW)
    router.lab.write(router.lab.config, router.lab.config.read_text() + "protokoll device;\n")
    before = router.lab.stored()
    commit = router.driver.commit if plain else router.confirming.commit(Trial(60, TOKEN))
    with pytest.raises(DeviceError, match=r"syntax error"):
        router.execute(*staged, *commit)
    router.execute(*router.driver.abort)
    assert (router.asn(), router.lab.stored()) == ("65001", before)
    assert not router.lab.left_behind()


def test_what_the_login_lacks_is_told(router: Router) -> None:
    def lacks() -> str:
        return run(router.confirming.lacks(), router.session.execute)

    assert not lacks()
    router.lab.directory.chmod(0o555)
    try:
        assert f"cannot write in {router.lab.directory}" in lacks()
    finally:
        router.lab.directory.chmod(0o2770)
    router.lab.stop()
    assert "no BIRD is there" in lacks()
