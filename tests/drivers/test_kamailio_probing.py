"""What the driver learns of a script before it is used, and what it makes of an entry's options."""

from __future__ import annotations

import pytest

from netres import observation, registry
from netres.errors import InvalidConfig, Rejected
from netres.flow import Exec, Operation, Reply, run
from netres.inventory.entry import Scalar
from netres_drivers.kamailio.script import Script, probed


def probe(answers: dict[str, str], options: dict[str, Scalar] | None = None) -> Script:
    def execute(operation: Operation) -> Reply:
        assert isinstance(operation, Exec)
        assert not operation.writes
        return Reply("".join(f">>> {request} <<<\n{text}" for request, text in {**STOCK, **answers}.items()))

    return run(probed(options or {}), execute)


STOCK = {
    "core.version": "kamailio 5.6.3 (x86_64/linux) 8b9a3a\n",
    "core.modules": "dispatcher\npermissions\ntm\n",
    "core.ppdefines_full": "{\n\tname: KAMAILIO\n\ttype: 0\n\tvalue: none\n}\n",
    "core.sockets_list": "{\n\tsocket: {\n\t\tproto: udp\n\t\tipaddress: 192.0.2.1\n\t\tport: 5060\n\t}\n}\n",
    "cfg.get netres routes": "error: 400 - Failed to get the variable\n",
    "cfg.get netres media": "error: 400 - Failed to get the variable\n",
}


def test_a_script_without_netres_cfg() -> None:
    found = probe({}, {"directory": "/etc/kamailio"})
    assert found.files == ("dispatcher.list", "address.list")
    assert (found.directory, found.routes, found.media) == ("/etc/kamailio", False, False)


def test_a_script_without_the_modules() -> None:
    driver = registry.get("kamailio")
    answers = {**STOCK, "core.modules": "tm\n"}

    def execute(operation: Operation) -> Reply:
        return Reply("".join(f">>> {request} <<<\n{text}" for request, text in answers.items()))

    fitted = run(observation.fitted(driver, {}), execute)
    assert fitted.capability("sip_trunk").reason == "the script does not load dispatcher"
    assert fitted.capability("allowed_peer").reason == "the script does not load permissions"
    assert fitted.capability("sip_interface").support == "read-only"


def test_the_script_tells_where_its_lists_are() -> None:
    defines = "{\n\tname: NETRES_DIR\n\ttype: 0\n\tvalue: /srv/sbc\n}\n"
    assert probe({"core.ppdefines_full": defines}).directory == "/srv/sbc"
    assert probe({"core.ppdefines_full": defines}, {"directory": "/etc/own"}).directory == "/etc/own"
    odd = defines.replace("/srv/sbc", "/srv; reboot")
    assert probe({"core.ppdefines_full": odd}).directory == "/etc/kamailio/netres"


def test_a_kamailio_that_is_down() -> None:
    down = {"core.version": "ERROR: connect_unix_sock: connect(/run/kamailio/kamailio_ctl): No such file [2]\n"}
    with pytest.raises(Rejected, match="kamailio_ctl"):
        probe(down)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"direktory": "/x"}, "kamailio knows no 'direktory'; it knows directory, socket"),
        ({"directory": "etc"}, "directory 'etc' is not the absolute path"),
        ({"directory": "/etc/../root"}, "is not the absolute path"),
        ({"directory": "/etc/x; reboot"}, "is not the absolute path"),
        ({"directory": 5}, "directory 5 is not"),
        ({"socket": "unix:/run/ctl -x"}, "is not the socket of the module ctl"),
        ({"socket": "tcp:192.0.2.1:2049"}, "is not the socket of the module ctl"),
    ],
)
def test_options_that_cannot_be(options: dict[str, Scalar], words: str) -> None:
    def execute(operation: Operation) -> Reply:
        raise AssertionError(operation)

    with pytest.raises(InvalidConfig, match=words):
        run(probed(options), execute)
