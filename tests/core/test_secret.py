"""Secrets: where they come from, and that they stay unseen."""

from __future__ import annotations

import copy
import pickle
import sys
import types
from pathlib import Path

import pytest
from pydantic import ValidationError

from netres.errors import InvalidConfig, MissingDependency, SecretError
from netres.flow import Cli, Http
from netres.model import BgpNeighbor, Config, Secret
from netres.model.secret import MASK, resolved

VALUE = "hunter2-hunter2"


def test_a_reference_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", VALUE)
    assert Secret("env:PW").resolve().reveal() == VALUE


def test_a_reference_to_a_file_is_its_one_line(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text(VALUE + "\n")
    assert Secret(f"file:{tmp_path / 'pw'}").resolve().reveal() == VALUE


def _keyring(monkeypatch: pytest.MonkeyPatch, *, error: bool = False) -> None:
    class KeyringError(Exception):
        pass

    def get_password(service: str, user: str) -> str | None:
        if error:
            raise KeyringError("locked")
        return {("lab", "ops"): VALUE}.get((service, user))

    errors = types.ModuleType("keyring.errors")
    vars(errors)["KeyringError"] = KeyringError
    keyring = types.ModuleType("keyring")
    vars(keyring).update(get_password=get_password, errors=errors)
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


def test_a_reference_to_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    _keyring(monkeypatch)
    assert Secret("keyring:lab/ops").resolve().reveal() == VALUE
    with pytest.raises(SecretError, match=r"no entry for 'keyring:lab/root'; add it with: keyring set lab root"):
        Secret("keyring:lab/root").resolve()


def test_a_keyring_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    _keyring(monkeypatch, error=True)
    with pytest.raises(SecretError, match=r"the keyring does not give 'keyring:lab/ops': locked"):
        Secret("keyring:lab/ops").resolve()


def test_a_keyring_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(MissingDependency, match=r"pip install 'netres\[keyring\]'"):
        Secret("keyring:lab/ops").resolve()


@pytest.mark.parametrize(
    ("content", "problem"),
    [("", "is empty"), ("two\nlines", "control character or line break"), ("a\x00b", "control character")],
)
def test_a_value_that_cannot_be_used(tmp_path: Path, content: str, problem: str) -> None:
    (tmp_path / "pw").write_text(content)
    with pytest.raises(SecretError, match=problem):
        Secret(f"file:{tmp_path / 'pw'}").resolve()


def test_references_that_lead_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOT_THERE", raising=False)
    with pytest.raises(SecretError, match="environment variable NOT_THERE is not set"):
        Secret("env:NOT_THERE").resolve()
    with pytest.raises(SecretError, match=r"cannot be read: FileNotFoundError; check the path"):
        Secret(f"file:{tmp_path / 'nowhere'}").resolve()
    with pytest.raises(SecretError, match="is not resolved"):
        Secret("env:PW").reveal()
    observed = Secret(Secret.observed(VALUE).fingerprint())
    with pytest.raises(SecretError, match="a secret read from a device is not stored in a file"):
        observed.resolve()


@pytest.mark.parametrize("value", [VALUE, 12345678, ["a"], {"env": "PW"}, "env:", "file:", "keyring:x", "env:A B"])
def test_a_value_in_place_of_a_reference_is_refused_and_not_shown(tmp_path: Path, value: object) -> None:
    with pytest.raises(ValidationError) as direct:
        BgpNeighbor.model_validate({"address": "192.0.2.2", "remote_as": 1, "password": value})
    assert VALUE not in str(direct.value)
    path = tmp_path / "desired.yaml"
    shown = f"'{value}'" if isinstance(value, str) else value
    path.write_text(
        f"items:\n  - kind: bgp_neighbor\n    address: 192.0.2.2\n    remote_as: 1\n    password: {shown}\n"
    )
    with pytest.raises(InvalidConfig) as error:
        Config.load(path)
    assert str(error.value).startswith(f"{path}:5: password: is not a reference to a secret; write it as env:NAME")
    assert error.value.__cause__ is None


def test_a_secret_never_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", VALUE)
    for secret in (Secret("env:PW").resolve(), Secret.observed(VALUE)):
        item = BgpNeighbor(address="192.0.2.2", remote_as=1, password=secret)
        shown = [str(secret), repr(secret), repr(item), item.model_dump_json(), repr(item.model_dump())]
        shown += [repr(pickle.dumps(secret)), repr(copy.copy(secret)), str(Cli(("x ", secret)))]
        shown.append(str(Http("PUT", "/x", {"a": [{"b": secret}], "n": 1})))
        assert not any(VALUE in text for text in shown)
    assert MASK in str(Http("PUT", "/x", {"a": secret}))
    assert Http("PUT", "/x", {"a": [secret]}).reveal() == {"a": [VALUE]}


def test_equality_is_by_value_where_both_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE", VALUE)
    monkeypatch.setenv("TWO", "something else")
    one, two = Secret("env:ONE"), Secret("env:TWO")
    assert one.resolve() == Secret.observed(VALUE)
    assert two.resolve() != Secret.observed(VALUE)
    assert one == Secret("env:ONE")
    assert one != two
    assert one.resolve() == one
    assert one != VALUE
    assert hash(one.resolve()) == hash(Secret.observed(VALUE))


def test_resolving_leaves_what_holds_no_secret_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", VALUE)
    plain = Config.of([BgpNeighbor(address="192.0.2.2", remote_as=1)])
    assert resolved(plain) is plain
    config = Config.of([*plain.items, BgpNeighbor(address="192.0.2.6", remote_as=1, password=Secret("env:PW"))])
    neighbor = resolved(config).items[1]
    assert isinstance(neighbor, BgpNeighbor)
    assert neighbor.password
    assert neighbor.password.known
    assert resolved(config).items[0] is config.items[0]
