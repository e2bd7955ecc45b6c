"""Ansible's inventory, in INI or YAML, with ``group_vars`` and ``host_vars`` beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias, cast

from netres import files
from netres.errors import InvalidConfig
from netres.inventory.sources import Found
from netres.inventory.sources.ansible_ini import parse
from netres.inventory.sources.ansible_ranges import expanded
from netres.inventory.sources.ansible_tree import Tree
from netres.inventory.sources.taker import Taker

_Map: TypeAlias = Mapping[str, object]
_FIELDS: Final = {
    "ansible_host": "host",
    "ansible_ssh_host": "host",
    "ansible_port": "port",
    "ansible_ssh_port": "port",
    "ansible_user": "username",
    "ansible_ssh_user": "username",
    "ansible_network_os": "platform",
}
_SECRETS: Final = frozenset({"ansible_password", "ansible_ssh_pass", "ansible_ssh_password"})
_VAULT: Final = "$ANSIBLE_VAULT"


class Ansible:
    """A file. What a host inherits is written at the device: Ansible's order of precedence holds."""

    title = "an inventory of Ansible, in INI or YAML, with group_vars and host_vars beside it"
    options: Mapping[str, str] = {}

    def read(self, place: str, options: Mapping[str, str]) -> Found:
        """The hosts with their variables: those of netres as fields, all other text and numbers as tags."""
        path, taker = Path(place), Taker(options)
        tree = _tree(path)
        depths, parents = tree.depths(), tree.parents()
        order: dict[tuple[str, ...], list[str]] = {}
        of_groups = {name: _beside(path.parent / "group_vars", name, taker) for name in tree.groups}
        for name, own in tree.hosts.items():
            mine = tuple(dict.fromkeys(tree.memberships[name]))
            if mine not in order:  # what Ansible looks at last, and what wins, comes last
                order[mine] = sorted(_ancestors(mine, parents), key=lambda one: (depths[one], one))
            variables = dict(tree.groups["all"].variables)
            for group in order[mine]:
                variables |= tree.groups[group].variables
            for group in ("all", *order[mine]):
                variables |= of_groups[group]
            variables |= {**own, **_beside(path.parent / "host_vars", name, taker)}
            groups = [group for group in reversed(order[mine]) if group != "ungrouped"]
            taker.device(name, {**_fields(taker, name, variables), "groups": groups}, name)
        return taker.found()


def _ancestors(groups: tuple[str, ...], parents: Mapping[str, list[str]]) -> set[str]:
    found, waiting = set[str](), list(groups)
    while waiting:
        if (name := waiting.pop()) not in found and name != "all":
            found.add(name)
            waiting += parents[name]
    return found


def _fields(taker: Taker, host: str, variables: _Map) -> dict[str, object]:
    fields: dict[str, object] = {"host": host}
    tags: dict[str, object] = {}
    for name, value in variables.items():
        where = f"{host}.{name}"
        if isinstance(value, str) and value.startswith(_VAULT):
            taker.leave(where, "is in a vault; name a reference to it (env:NAME, file:PATH)")
        elif name in _SECRETS:
            taker.leave(where, "is a secret; give a reference to it with password=env:NAME")
        elif isinstance(value, str) and ("{{" in value or "{%" in value):
            taker.leave(where, "is a template of Jinja2, which only Ansible can fill in")
        elif name in _FIELDS:
            fields[_FIELDS[name]] = int(str(value)) if name.endswith("port") and str(value).isdecimal() else value
        elif name == "ansible_ssh_private_key_file":
            fields["ssh"] = {"identity": value}
        elif name.startswith("ansible_"):
            taker.leave(where, "is for Ansible alone")
        else:
            tags[name] = value
    return {**fields, "tags": tags}


def _beside(folder: Path, name: str, taker: Taker) -> dict[str, object]:
    """The variables of a group or host in the files beside the inventory: NAME, NAME.yml, or all files in NAME/."""
    found: dict[str, object] = {}
    for path in _files(folder, name):
        if path.read_bytes().startswith(_VAULT.encode()):
            taker.leave(str(path), "is in a vault; its variables are left out")
        else:
            found |= cast("dict[str, object]", files.load(path))
    return found


def _files(folder: Path, name: str) -> Iterator[Path]:
    if "/" in name or name in {".", ".."} or not folder.is_dir():
        return
    for suffix in ("", ".yml", ".yaml", ".json"):
        path = folder / f"{name}{suffix}"
        if path.is_dir():
            yield from sorted(one for one in path.iterdir() if one.suffix in {"", ".yml", ".yaml", ".json"})
        elif path.is_file():
            yield path


def _tree(path: Path) -> Tree:
    if path.suffix.lower() in {".yml", ".yaml", ".json"}:
        tree = Tree()
        for name, told in files.load(path).items():
            _grown(tree, str(name), told)
        return tree
    try:
        return parse(path, path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidConfig(f"{path}: cannot be read: {error.strerror}; check the path") from error
    except UnicodeDecodeError as error:
        raise InvalidConfig(f"{path}: is not UTF-8 text; save the file as UTF-8") from error


def _grown(tree: Tree, name: str, told: object) -> None:
    group, content = tree.group(name), _map(told, name)
    group.variables |= _map(content.get("vars"), f"{name}.vars")
    for pattern, variables in _map(content.get("hosts"), f"{name}.hosts").items():
        for host in expanded(str(pattern)):
            tree.host(host, name, _map(variables, host))
    for child, inner in _map(content.get("children"), f"{name}.children").items():
        tree.child(name, child)
        _grown(tree, child, inner)


def _map(value: object, where: str) -> _Map:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidConfig(f"group {where}: holds no mapping; write hosts:, vars: and children: as Ansible has them")
    return cast("_Map", value)


SOURCE: Final = Ansible()
