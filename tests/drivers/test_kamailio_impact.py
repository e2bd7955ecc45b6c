"""What a plan for a Kamailio says of calls; that it is true of real calls is shown in tests/real."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netres.change import Change
from netres.draining import drained, released
from netres.driver import Scope
from netres.errors import Busy, NetresError, Rejected, Unsupported
from netres.flow import Exec, Operation, Pause, Reply, run
from netres.impact import Impact
from netres.impacts import foreseen
from netres.model import AllowedPeer, CallRoute, Config, Item, MediaPolicy, SipPeer, SipTrunk
from netres_drivers.kamailio import driver
from netres_drivers.kamailio.script import Script

PEER = SipPeer(host="192.0.2.1")
ITSP = SipTrunk(name="itsp", peers=(PEER,), media_policy="relayed")
PBX = SipTrunk(name="pbx", peers=(PEER,))
BEFORE = Config.of([ITSP, PBX, MediaPolicy(name="relayed")])
LIMIT = Change.of(ITSP, ITSP.model_copy(update={"max_sessions": 3}))
GONE = Change.of(ITSP, None)


def told(change: Change, answer: str | NetresError = "itsp 5\npbx 0\n", script: Script | None = None) -> Impact:
    def execute(operation: Operation) -> Reply:
        assert isinstance(operation, Exec)
        assert not operation.writes
        assert "dlg.profile_get_size" in operation.command
        if isinstance(answer, NetresError):
            raise answer
        return Reply(answer)

    return run(foreseen(driver(script or Script()), (change,), Scope(BEFORE, Config(), Reply())), execute)


def counts(found: Impact) -> dict[str, int | None]:
    return {effect.where: effect.count for effect in found.effects}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (LIMIT, {"itsp": 5}),
        (GONE, {"itsp": 5}),
        (Change.of(PBX, None), {"pbx": 0}),
        (Change.of(MediaPolicy(name="relayed"), MediaPolicy(name="relayed", ice="pass")), {"itsp": 5}),
        (Change.of(None, SipTrunk(name="new", peers=(PEER,))), {}),
        (Change.of(None, CallRoute(name="all", trunks=("itsp",))), {}),
        (Change.of(AllowedPeer(prefix="192.0.2.1/32"), None), {}),
    ],
)
def test_the_calls_of_the_trunks_that_are_touched(change: Change, expected: dict[str, int]) -> None:
    found = told(change)
    assert counts(found) == expected
    assert (found.management, found.known) == ("no", True)
    assert bool(found.notes) == (change is GONE or change.key.values in {("pbx",), ("new",)})


@given(st.text(max_size=40))
def test_what_is_not_understood_never_becomes_zero(answer: str) -> None:
    count = counts(told(GONE, answer)).get("itsp")
    assert count is None or f"itsp {count}" in answer


def test_who_does_not_count_has_not_no_calls() -> None:
    for words in ("", "itsp error: 500 - Profile not found\n", "itsp sh: kamcmd: not found\n"):
        assert counts(told(GONE, words)) == {"itsp": None}
    assert counts(told(GONE, script=Script(routes=False))) == {"itsp": None}
    assert not told(GONE, Rejected("kamcmd", "no")).known


DESTINATIONS = """\
ID: 1000
URI: sip:192.0.2.1:5060
FLAGS: AP
BODY: trunk={trunk};rweight=1
"""


def test_what_kamailio_does_not_tell_of_a_trunk_that_is_drained() -> None:
    """Its peers: nothing is done. Its calls: it is taken back."""

    def execute(operation: Operation) -> Reply:
        if isinstance(operation, Pause):
            return Reply()
        assert isinstance(operation, Exec)
        sent.append(operation)
        if "dispatcher.list" in operation.command:
            return Reply(f">>> dispatcher.list <<<\n{listed}")
        if operation.writes:
            fed.append(f"{operation.command.split('set_state ')[1][:2]} {operation.reveal()}")
        return Reply()

    sent: list[Exec] = []
    fed: list[str] = []
    listed = "error: 500 - busy\n"
    with pytest.raises(Rejected, match="500"):
        run(drained(driver(Script()), (GONE,), 1), execute)
    assert not any(operation.writes for operation in sent)
    listed = DESTINATIONS.format(trunk="itsp")
    with pytest.raises(Busy, match="trunk itsp is not known after 1 s"):
        run(drained(driver(Script()), (GONE,), 1), execute)
    assert fed == ["dx 1000 sip:192.0.2.1:5060\n"]
    listed = listed.replace("AP", "DX")
    assert run(released(driver(Script()), (GONE,)), execute) == ""
    assert fed[1:] == ["ap 1000 sip:192.0.2.1:5060\n"]
    listed = DESTINATIONS.format(trunk="pbx").replace("AP", "DX")
    assert run(released(driver(Script()), (GONE,)), execute) == ""
    assert len(fed) == 2


def test_a_script_without_the_routes_cannot_drain() -> None:
    with pytest.raises(Unsupported, match="kamailio cannot drain"):
        run(drained(driver(Script(routes=False)), (GONE,), 1), lambda operation: Reply())


def test_items_of_other_kinds_are_not_drained() -> None:
    item: Item = AllowedPeer(prefix="192.0.2.1/32")
    sent: list[Operation] = []

    def execute(operation: Operation) -> Reply:
        sent.append(operation)
        return Reply()

    run(drained(driver(Script()), (Change.of(item, None), Change.of(None, ITSP)), 5), execute)
    assert not sent
