"""The commands that hostapd's device is given: files checked by hostapd itself and put in place, the daemon told."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from netres.errors import Rejected
from netres.flow import Exec, Flow, Operation, Part, ask
from netres.model.secret import MASK, Secret
from netres_drivers.hostapd.radio import RELOADED
from netres_drivers.hostapd.site import PATH, Site
from netres_drivers.hostapd.text import SECRET, File

END: Final = "netres_end=1"
"""hostapd has no option to check a file. It reads a file to its end and tells of every bad line before it touches a
radio; with this line more, which it cannot know, it ends there."""
GOOD: Final = "1 errors found in configuration file '/dev/stdin'"
"""What hostapd says when that line is all it has to object to."""
_NOISE: Final = re.compile(r".*item 'netres_end'|\d+ errors found in configuration file .*|Failed to .*|")
_TOOLS: Final = """\
no() { echo "$1"; exit 1; }
nap() { sleep 0.05 2>/dev/null || sleep 1; }
say() {
  i=0
  until r=$(timeout 5 hostapd_cli -p "$control" -i "$@" 2>&1); [ "$r" = OK ]; do
    i=$((i+1)); [ "$r" != FAIL ] && [ $i -lt 3 ] || no "hostapd_cli -i $*: $r"; nap
  done
}
"""
"""``say INTERFACE COMMAND``: what hostapd must answer with OK. Who is not heard, asks again."""
_READ: Final = f"{PATH}cat | timeout 10 hostapd /dev/stdin 2>&1"


def written(site: Site, old: Sequence[File], new: Sequence[File]) -> Iterator[Operation]:
    """What puts new files in place of old ones, each checked by hostapd, and makes hostapd run on them."""
    for file in new:
        yield Exec(site.alone() + _stored(shlex.quote(file.path)), file.parts(), writes=True)
    moved = " && ".join(_moved(shlex.quote(file.path)) for file in new)
    remade = [file.path for file, other in zip(new, old, strict=True) if _interfaces(file) != _interfaces(other)]
    told = [_reread(site, pid, new, remade) for pid in dict.fromkeys(site.pid(file.path) for file in new)]
    told += [_restarted(site, file) for file in new]
    begin = f"{PATH}control={shlex.quote(site.control)}\n{_TOOLS}{site.alone()}\n"
    unchanged = (part for file in old for part in _unchanged(file))
    script = "\n".join((f"{moved} || exit 1", *told, ""))
    yield Exec("sh -s hostapd", (begin, *unchanged, script), writes=True)


def _unchanged(file: File) -> Iterator[Part]:
    """Two who write at once: the second must not take back what the first was told is there.

    The digest of a file with a passphrase is kept as the passphrase is: who has the one can guess the other.
    """
    path = shlex.quote(file.path)
    yield f"case $(sha256sum <{path}) in "
    yield Secret.observed(file.digest)
    yield f"*) ;; *) no {path}' changed since it was read; plan again';; esac\n"


def _stored(path: str) -> str:
    """A file beside the one that counts, with its owner and mode, if hostapd has nothing to say against it."""
    check = f"t=$({{ cat {path}.netres-new && printf '\\n{END}\\n'; }} | timeout 10 hostapd /dev/stdin 2>&1)"
    good = f'printf "%s\\n" "$t" | grep -qx {shlex.quote(GOOD)}'
    return (
        f"{PATH}cp -p {path} {path}.netres-new && cat >{path}.netres-new || exit 1; "
        f'{check}; {good} || {{ printf "%s\\n" "$t"; exit 1; }}'
    )


def _moved(path: str) -> str:
    """The file may be reached over a symbolic link, which stays."""
    return f'cp -p {path} {path}.netres-old && mv {path}.netres-new "$(readlink -f {path})"'


def _interfaces(file: File) -> list[str]:
    return [section.interface for section in file.sections]


def _reread(site: Site, pid: str, files: Sequence[File], remade: Sequence[str]) -> str:
    """SIGHUP, and a question that is answered only when it was dealt with.

    hostapd 2.10 passes over an interface whose predecessor in its list it made anew: one signal for each file.
    A question to a socket that is about to be made anew is lost, so where one is, it is asked a little later.
    """
    mine = [file for file in files if site.pid(file.path) == pid]
    answered = f"timeout 1 {site.cli(mine[0].radio)} ping 2>&1 | grep -q PONG"
    times = " ".join(str(number) for number, path in enumerate(site.configs, 1) if site.pid(path) == pid)
    wait = "nap; " if any(file.path in remade for file in mine) else ""
    return (
        f'for i in {times}; do kill -HUP "$(cat {shlex.quote(pid)})" || exit 1; {wait}n=0; until {answered}; '
        f"do n=$((n+1)); [ $n -lt 10 ] || no 'hostapd does not answer'; nap; done; done"
    )


def _restarted(site: Site, file: File) -> str:
    """What hostapd 2.10 does not take from a file that it reads again, and a start of the radio with all that."""
    name, whole = shlex.quote(file.radio), file.whole
    wide = whole.get("ieee80211ac") == "1"
    values = {key: whole.get(key) or "0" for key in RELOADED if wide or not key.startswith("vht_")}
    values["ht_capab"] = whole.get("ht_capab") or "[]"
    sets = [
        f"say {name} set {key} {shlex.quote(value)}"
        for key, value in values.items()
        if value.isascii() and value.isprintable()
    ]
    return "\n".join((*sets, f"{site.cli(file.radio)} disable >/dev/null", f"say {name} enable"))


def removed(site: Site, *suffixes: str) -> Operation:
    """What removes the files of a change beside the configuration."""
    names = " ".join(f"{shlex.quote(path)}.{suffix}" for path in site.configs for suffix in suffixes)
    return Exec(f"rm -f {names}", writes=True)


def dry_check(operations: Iterable[Operation]) -> Flow[str]:
    """Have hostapd read what would be written; nothing is left of that.

    Raises:
        Rejected: in hostapd's own words, with the number of the line.
    """
    count = 0
    for operation in operations:
        if not isinstance(operation, Exec) or not (path := _path(operation)):
            continue
        reply = yield from ask(Exec(_READ, (*operation.stdin, f"\n{END}\n")))
        said = reply.text.splitlines()
        if GOOD not in said:
            secrets = [part.reveal() for part in operation.stdin if isinstance(part, Secret) and part.known]
            words = [masked(line, secrets) for line in said if not _NOISE.fullmatch(line)]
            raise Rejected(f"hostapd {path}", " / ".join(words) or f"exit status {reply.status}")
        count += 1
    return f"hostapd read {count} {'file' if count == 1 else 'files'} and found no fault"


def masked(line: str, secrets: Iterable[str]) -> str:
    """What hostapd says of a file, without the secrets in it."""
    line = SECRET.sub(lambda found: found[0].replace(found[1], MASK), line)
    for secret in secrets:
        line = line.replace(secret, MASK)
    return line.encode(errors="replace").decode()


def _path(operation: Exec) -> str:
    """The configuration file that an operation stores, if it stores one."""
    found = re.search(r"cat >(\S+)\.netres-new", operation.command)
    return found[1] if found else ""
