"""From changes to new lists: staged beside the old ones, compared with what was meant, swapped, and loaded."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from netres.change import Change
from netres.driver import Scope
from netres.errors import InvalidConfig, Rejected
from netres.flow import Exec, Flow, Operation
from netres.model import AllowedPeer, CallRoute, Config, Item, Key, MediaPolicy, SipTrunk
from netres_drivers.kamailio import address, media, peers, route, rows
from netres_drivers.kamailio.lists import Lists, edited, understood, whole
from netres_drivers.kamailio.script import ADDRESS, DISPATCHER, ROUTE, TRUNK, Script

MOST: Final = 400
"""Of each kind, and of destinations: kamcmd shows answers of 64 kB, and what cannot be shown cannot be verified."""
RELOAD: Final[Mapping[str, str]] = {
    DISPATCHER: "dispatcher.reload",
    ADDRESS: "permissions.addressReload",
    TRUNK: "htable.reload netres",
    ROUTE: "dialplan.reload",
}
_LISTS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "sip_trunk": (DISPATCHER, TRUNK),
    "allowed_peer": (ADDRESS,),
    "media_policy": (TRUNK,),
    "call_route": (ROUTE,),
}
# Kamailio reads a table again only where its time is later than it was, in whole seconds; so it is made later.
_STAGE: Final = (
    "{cd} && f={name} && cp -p $f $f.netres-new && cat > $f.netres-new && was=$(stat -Lc %Y $f) && "
    "{{ [ $(stat -c %Y $f.netres-new) -gt $was ] || touch -d @$((was + 1)) $f.netres-new; }} && "
    "{{ echo '{digest}  '$f.netres-new | sha256sum --check --status || "
    "{{ echo 'what arrived is not what was sent'; false; }}; }}"
)
# Two who write at once: the second must not take back what the first was told is there.
_UNCHANGED: Final = (
    "printf '%s\\n' '{was}  {name}' '{digest}  {name}.netres-new' | sha256sum --check --status || "
    "{{ echo '{name} changed since it was read; plan again'; exit 1; }}; "
)
# One program for all, which goes on where the session is lost: nobody else would have Kamailio read the new lists.
# A list may be reached over a symbolic link, which stays.
# A reload is refused for the seconds of reload_delta after the one before.
_SWAP: Final = (
    "trap '' HUP PIPE; {cd} && {{ {unchanged}for f in {names}; do "
    'cp -p $f $f.netres-old && mv $f.netres-new "$(readlink -f $f)" || exit 1; done; }} && '
    "for request in {requests}; do "
    "for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do said=$({rpc}); "
    "case $said in *ngoing*reload*) sleep 0.5;; *) break;; esac; done; "
    'case $said in [Ee][Rr][Rr][Oo][Rr]*|*ngoing*reload*) echo "$said"; exit 1;; esac; done'
)
# With its DNS cache on, as it is by default, Kamailio asks name servers alone; without, it asks as the system does.
_RESOLVE: Final = (
    "while read -r name; do "
    'case $({a}) in *disabled*) getent ahosts "$name" > /dev/null && continue;; [Ee][Rr][Rr]*) '
    "case $({aaaa}) in [Ee][Rr][Rr]*);; *) continue;; esac;; *) continue;; esac; "
    'echo "Kamailio cannot resolve the name $name"; exit 1; done'
)


def compose(script: Script, changes: Sequence[Change], scope: Scope) -> Iterator[Operation]:
    """What writes and loads the lists that change, and no other; of no changes, what loads all lists again.

    Raises:
        InvalidConfig: a trunk wants from the relay what its media policy keeps from it; or more than can be verified.
    """
    if not changes:
        yield _swap(script, "", (), script.files)
    old = scope.native.parsed(understood)
    was = scope.restore.parsed(understood) if scope.restore else None
    wanted = _wanted(script, changes, old, was)
    texts = {name: _text(old, was, name, wanted[name]) for name in script.files if name in wanted}
    new = {name: text for name, text in texts.items() if text != old.texts.get(name)}
    if was is None:  # the way back is not asked whether it was wise
        _check_relay(scope.after, {change.key for change in changes})
        _check_size(texts.get(DISPATCHER, ""))
        if names := _names(changes):
            yield Exec(resolving(script), ("".join(f"{name}\n" for name in names),), writes=True)
    unchanged = ""
    for name, text in new.items():
        unchanged += _UNCHANGED.format(name=name, was=_digest(old.texts.get(name, "")), digest=_digest(text))
        yield Exec(_STAGE.format(cd=script.cd, name=name, digest=_digest(text)), (text,), writes=True)
    if new:
        yield _swap(script, unchanged, new, new)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def _swap(script: Script, unchanged: str, staged: Iterable[str], loaded: Iterable[str]) -> Operation:
    names, requests = " ".join(staged), " ".join(shlex.quote(RELOAD[name]) for name in loaded)
    command = _SWAP.format(
        cd=script.cd, unchanged=unchanged, names=names, requests=requests, rpc=script.rpc("$request")
    )
    return Exec(command, writes=True)


def cleanup(script: Script) -> Operation:
    """Removes what was kept for the way back, and what was staged."""
    names = " ".join(f"{name}.netres-{kind}" for name in script.files for kind in ("old", "new"))
    return Exec(f"{script.cd} && rm -f {names}", writes=True)


def resolving(script: Script) -> str:
    """The command that fails where Kamailio cannot resolve one of the names that it is fed."""
    return _RESOLVE.format(a=script.rpc('dns.lookup A "s:$name"'), aaaa=script.rpc('dns.lookup AAAA "s:$name"'))


def dry_check(script: Script, operations: Sequence[Operation]) -> Flow[str]:
    """Ask the device whether the names of peers can be resolved: Kamailio leaves out those that cannot.

    Raises:
        Rejected: one cannot.
    """
    for operation in operations:
        if isinstance(operation, Exec) and operation.command == resolving(script):
            reply = yield Exec(operation.command, operation.stdin)
            if reply.status:
                raise Rejected("dns.lookup", reply.text.strip())
            return "the names of the peers can be resolved"
    return "nothing but the form of the lines"


def _names(changes: Sequence[Change]) -> list[str]:
    hosts = {peer.host for change in changes if isinstance(change.after, SipTrunk) for peer in change.after.peers}
    return sorted(host for host in hosts if not re.fullmatch(r"[0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*", host))


def _check_relay(after: Config, changed: set[Key]) -> None:
    for item in after.items:
        if not isinstance(item, SipTrunk) or not (item.codecs or item.srtp) or item.media_policy is None:
            continue
        key = Key("media_policy", (item.media_policy,))
        policy = after.by_key.get(key)
        if isinstance(policy, MediaPolicy) and not policy.relay and {key, item.key} & changed:
            field = "codecs" if item.codecs else "srtp"
            raise InvalidConfig(
                f"{item.key} {field}: media_policy {item.media_policy!r} has relay false, and without the relay nobody "
                f"keeps to it; leave one of the two out"
            )


def _check_size(text: str) -> None:
    if (count := sum(" sip:" in line for line in whole(text))) > MOST:
        raise InvalidConfig(
            f"{DISPATCHER} would have {count} destinations; kamcmd can show at most {MOST}: fewer peers"
        )


def _wanted(
    script: Script, changes: Sequence[Change], old: Lists, was: Lists | None
) -> Mapping[str, Mapping[Key, tuple[str, ...]]]:
    """By list and Item: the lines that are to stand there."""
    wanted: dict[str, dict[Key, tuple[str, ...]]] = {}
    taken = set(peers.sets(old.texts.get(DISPATCHER, "")))
    for change in changes:
        key, after = change.key, change.after
        restored = was is not None and after is not None and was.items.get(key) == after
        lines = {} if restored else dict(_lines(script, after, old, taken))
        for name in _LISTS_OF[key.kind]:
            if name in script.files:
                spelled = was.owned(name, key) if was is not None and restored else lines.get(name, ())
                wanted.setdefault(name, {})[key] = spelled
    return wanted


def _lines(script: Script, item: Item | None, old: Lists, taken: set[int]) -> Mapping[str, tuple[str, ...]]:
    match item:
        case SipTrunk():
            count = len(peers.levels(item, by_priority=script.routes))
            numbers = peers.numbered(_sets(old, item.key), count, taken)
            taken.update(numbers)
            ends = peers.lines(item, numbers, by_priority=script.routes)
            return {DISPATCHER: ends, TRUNK: rows.lines(item, numbers)}
        case AllowedPeer():
            return {ADDRESS: address.lines(item)}
        case MediaPolicy():
            return {TRUNK: media.lines(item)}
        case CallRoute():
            return {ROUTE: route.lines(item)}
        case _:
            return {}


def _sets(old: Lists, key: Key) -> list[int]:
    """The sets that a trunk has."""
    mine = (line.values for line in old.lines if line.file == DISPATCHER and old.belongs(line, key))
    return list(dict.fromkeys(int(str(values["set"])) for values in mine if values))


def _text(old: Lists, was: Lists | None, name: str, wanted: Mapping[Key, tuple[str, ...]]) -> str:
    """A list with its new lines; on the way back, where it has the same lines as then, in their old order."""
    new = edited(old, name, wanted)
    then = was.texts.get(name) if was else None
    return then if then is not None and sorted(whole(then)) == sorted(whole(new)) else new
