"""Reading YAML and JSON files: what is read, and every way a file can be wrong, to the word and the line."""

from __future__ import annotations

import gc
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from netres import files
from netres.errors import InvalidConfig

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"
Shape: TypeAlias = "tuple[str, list[Shape]] | None"
TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
KEYS = TEXT.filter(lambda key: key != "<<")
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(KEYS, DATA, max_size=5)
TABS = "use blanks instead of tabs"
CHECK = "check indentation, quotes and brackets here and above"
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(content: str | bytes, name: str = "x.yaml") -> object:
    path = Path(name)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return files.load(path)


def fault(content: str | bytes, name: str = "x.yaml") -> str:
    with pytest.raises(InvalidConfig) as caught:
        load(content, name)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: no", {"a": "no"}),
        ("a: on", {"a": "on"}),
        ("a: true", {"a": True}),
        ("a: 0123", {"a": 123}),
        ("a: 0o17", {"a": 15}),
        ("a: 1:20", {"a": "1:20"}),
        ("a: 00:11:22:33:44:55", {"a": "00:11:22:33:44:55"}),
        ("a: 2026-11-23", {"a": "2026-11-23"}),
        ("a: 2026-11-23T10:00:00Z", {"a": "2026-11-23T10:00:00Z"}),
        ("a: 10.0.0.1", {"a": "10.0.0.1"}),
        ("a: 2001:db8::1", {"a": "2001:db8::1"}),
        ("a:", {"a": None}),
        ("a: &x {p: 1}\nb: *x", {"a": {"p": 1}, "b": {"p": 1}}),
        ("1: a", {1: "a"}),
        ("\ufeffa: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("---\na: 1\n...\n", {"a": 1}),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
    ],
)
def test_yaml_is_read_as_yaml_1_2(text: str, data: object) -> None:
    assert load(text) == data


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: &x {p: 1}\nb: {<<: *x, q: 2}", {"a": {"p": 1}, "b": {"p": 1, "q": 2}}),
        ("a: &x {p: 1}\nb: {<<: *x, p: 2}", {"a": {"p": 1}, "b": {"p": 2}}),
        ("z: [{<<: [&x {p: 1}, &y {p: 2, q: 2}]}]", {"z": [{"p": 1, "q": 2}]}),
        ("a: &x {p: 1}\nb: &y {<<: *x}\nc: {<<: *y}", {"a": {"p": 1}, "b": {"p": 1}, "c": {"p": 1}}),
        ("a: b << c", {"a": "b << c"}),
    ],
)
def test_merge_keys_are_carried_out_as_pyyaml_does(text: str, data: object) -> None:
    assert load(text) == data == yaml.safe_load(text)


@given(MAPPINGS)
def test_json_and_the_same_text_as_yaml_give_the_same_data(data: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("x.json", "x.yaml", "X.JSON"):
            path = Path(folder, name)
            path.write_text(json.dumps(data))
            assert files.load(path) == data


@given(
    st.dictionaries(st.text("abenorsty ", min_size=1), st.text("anotyes-:# ") | st.integers() | st.none(), min_size=1)
)
def test_block_yaml_as_pyyaml_writes_it_is_read_back(data: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.yaml")
        path.write_text(yaml.safe_dump(data))
        assert files.load(path) == data


@given(st.binary(max_size=60) | st.text("ab1 \n:-,[]{}&*!|>'\"%#?~\t<\0é", max_size=40).map(str.encode))
@example(b"? {a: [1]}\n: 2")
@example(b"[a]: &a\n*a : 1")
@example(b"a: " + b"9" * 5000)
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
def test_no_content_leads_to_another_error_than_a_one_line_invalid_config(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("x.json", "x.yaml"):
            path = Path(folder, name)
            path.write_bytes(content)
            try:
                message = f"{path}: {len(files.load(path))} keys"
            except InvalidConfig as error:
                message = str(error)
            assert message.startswith(f"{path}:")
            assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "x.yaml: is empty; write 'name: value' pairs"),
        ("# nothing\n", "x.yaml: is empty; write 'name: value' pairs"),
        ("- a\n", "x.yaml: holds no mapping at its top; write 'name: value' pairs"),
        ("a", "x.yaml: holds no mapping at its top; write 'name: value' pairs"),
        ("a: 1\n---\nb: 2\n", "x.yaml:2: a second document begins; write one document to a file"),
        ("a: 1\n---\n", "x.yaml:2: a second document begins; write one document to a file"),
        (b"a: 1\nb: \xff\n", "x.yaml:2: is not UTF-8 text; save the file as UTF-8"),
        ("a: 1".encode("utf-16"), "x.yaml:1: is not UTF-8 text; save the file as UTF-8"),
        ("a: 1\nb: x\0y\nc: 3", "x.yaml:2: holds the control character 0x00; remove it"),
        ("a: \x1b[1m", "x.yaml:1: holds the control character 0x1b; remove it"),
        (
            "a:\n\tb: 1\n",
            f"x.yaml:2: is not YAML: tabs disallowed within this context (block indentation); {TABS}",
        ),
        (
            "a: [1, 2\nb: 3\n",
            f"x.yaml:2: is not YAML: illegal placement of ':' indicator; {CHECK}",
        ),
        ("a: 1\nb: {c: 1}\nb: 2\n", "x.yaml:3: b is there already, in line 2; remove one"),
        ("a:\n  - b: 1\n    'b': 2\n", "x.yaml:3: a.0.b is there already, in line 2; remove one"),
        ("1: a\ntrue: b\n", "x.yaml: duplicate mapping key: True; remove one"),
        ('"a\\nb": 1\n"a\\nb": 2\n', "x.yaml:2: 'a\\nb' is there already, in line 1; remove one"),
        (LAUGHS, "x.yaml: its aliases (*name) expand to too much; write the values out"),
        ("? {a: [1]}\n: 2\n", "x.yaml: a key is a list or a mapping; use text"),
        ("a: !!int secret\n", "x.yaml: a value does not fit its tag (!!name); remove the tag"),
        ("a: {<<: 5}\n", "x.yaml: a merge key (<<) has no mapping to merge; write <<: *name"),
    ],
)
def test_a_faulty_yaml_file_is_refused_with_line_and_remedy(content: str | bytes, message: str) -> None:
    assert fault(content) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "x.json: is empty; write 'name: value' pairs"),
        (" \n", "x.json: is empty; write 'name: value' pairs"),
        ("null", "x.json: is empty; write 'name: value' pairs"),
        ("[]", "x.json: holds no mapping at its top; write 'name: value' pairs"),
        ('{\n"a": 1,\n}', "x.json:3: is not JSON: Expecting property name enclosed in double quotes; {check}"),
        ('{\n\t"a": {"b": 1,\n\t"b": 2}}', "x.json:3: a.b is there already, in line 2; remove one"),
        ('{"a": NaN}', "x.json: is not JSON: NaN is no JSON number; write a number or null"),
        ('{"a": ' + "[" * 100_000, "x.json: is nested too deeply"),
        ("a: 1", "x.json:1: is not JSON: Expecting value; {check}"),
    ],
)
def test_a_faulty_json_file_is_refused_with_line_and_remedy(content: str, message: str) -> None:
    assert fault(content, "x.json") == message.replace("{check}", "check commas, quotes and brackets")


@pytest.mark.parametrize(
    ("path", "reason"),
    [("none.yaml", "No such file or directory"), (".", "Is a directory"), ("a\0b", "embedded null byte")],
)
def test_a_file_that_cannot_be_read_is_refused(path: str, reason: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        files.load(Path(path))
    assert str(caught.value) == f"{path}: cannot be read: {reason}; check the path and its permissions"


def test_no_part_of_a_faulty_file_is_kept_in_the_error() -> None:
    with pytest.raises(InvalidConfig) as caught:
        load("password: hunter2: x\n")
    error: BaseException | None = caught.value
    while error:
        assert "hunter2" not in f"{error!r}{error}"
        error = error.__cause__ or error.__context__


@st.composite
def _numbered(draw: st.DrawFn) -> dict[str, Tree]:
    """Nested data in which every key, and every scalar element of a list, is a word of its own."""
    words = (f"w{number}w" for number in range(1000))

    def filled(shape: Shape) -> Tree:
        match shape:
            case "list", inner:
                return [filled(each) for each in inner] or next(words)
            case "mapping", inner:
                return {next(words): filled(each) for each in inner} or next(words)
            case _:
                return next(words)

    shapes: st.SearchStrategy[Shape] = st.deferred(
        lambda: st.none() | st.tuples(st.sampled_from(["list", "mapping"]), st.lists(shapes, max_size=3))
    )
    return {next(words): filled(draw(shapes)), next(words): filled(draw(shapes))}


def _spots(data: Tree, loc: files.Loc = ()) -> Iterator[tuple[files.Loc, str]]:
    """Every place with a word that stands in its line."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield (*loc, key), key
            yield from _spots(value, (*loc, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            if isinstance(value, str):
                yield (*loc, index), value
            yield from _spots(value, (*loc, index))


@given(_numbered(), st.sampled_from(["block.yaml", "flow.yaml", "x.json", "tabs.json"]))
def test_locate_finds_the_line_of_every_place(data: dict[str, Tree], name: str) -> None:
    match name:
        case "block.yaml":
            text = yaml.safe_dump(data)
        case "flow.yaml":
            text = yaml.safe_dump(data, default_flow_style=True, width=20)
        case _:
            text = json.dumps(data, indent="\t" if name == "tabs.json" else 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(text)
        for loc, word in _spots(data):
            line = files.locate(path, loc)
            assert line is not None
            assert word in text.splitlines()[line - 1]


@pytest.mark.parametrize(
    ("loc", "line"),
    [
        (("a", "b"), 2),
        (("a", "b", "missing"), 2),
        (("c", "b"), 3),  # not the b of a
        (("d", 1, "e"), 6),
        (("d", 7), 4),
        ((1, "f"), 7),
        (("g", "x"), 8),  # behind an alias: the alias's line
        (("h",), 11),
        (("none",), None),
        ((), None),
    ],
)
def test_locate_gives_the_nearest_place_around(loc: files.Loc, line: int | None) -> None:
    Path("x.yaml").write_text("a: &a\n  b: 1\nc: 2\nd:\n- e: 1\n- e: 2\n1: {f: 1}\ng: *a\n? [k, l]\n: 0\nh: 3\n")
    assert files.locate(Path("x.yaml"), loc) == line


def test_locate_stands_by_what_it_found_before_pyyaml_gives_up() -> None:
    Path("x.yaml").write_text("a: 1\nb: 2\nc: x\u2028y\n")
    assert files.load(Path("x.yaml")) == {"a": 1, "b": 2, "c": "x\u2028y"}
    assert files.locate(Path("x.yaml"), ("b",)) == 2
    assert files.locate(Path("x.yaml"), ("z",)) is None


def test_at_begins_with_file_and_line() -> None:
    Path("x.yaml").write_text("a: 1\nb: 2\n")
    assert files.at(Path("x.yaml"), ("b",), "is wrong") == "x.yaml:2: is wrong"
    assert files.at(Path("x.yaml"), (), "is wrong") == "x.yaml: is wrong"


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(*, enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    try:
        load("a: 1")
        assert gc.isenabled() is enabled
        fault("a: [")
        assert gc.isenabled() is enabled
    finally:
        gc.enable()
