"""The commands that hostapd's device is given: files checked by hostapd itself and put in place, the daemon told."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from netres.errors import Rejected
from netres.flow import Exec, Flow, Operation, ask
from netres.model.secret import MASK, Secret
from netres_drivers.hostapd.radio import RELOADED
from netres_drivers.hostapd.site import PATH, Site
from netres_drivers.hostapd.text import SECRET, File, text

# hostapd has no option to check a file. It reads a file to its end and tells of every bad line before it touches a
# radio; with one line more, which it cannot know, it ends there, and that line must be all it has to say.
_LAST: Final = "netres_end=1"
_GOOD: Final = "1 errors found in configuration file '/dev/stdin'"
_NOISE: Final = re.compile(r".*item 'netres_end'|\d+ errors found in configuration file .*|Failed to .*|")
_READ: Final = f"{PATH}cat | timeout 10 hostapd /dev/stdin 2>&1"


def _check(path: str) -> str:
    feed = f"{{ cat {path} && printf '\\n{_LAST}\\n'; }}"
    return (
        f'{PATH}t=$({feed} | timeout 10 hostapd /dev/stdin 2>&1); printf "%s\\n" "$t" | '
        f'grep -qx {shlex.quote(_GOOD)} || {{ printf "%s\\n" "$t"; exit 1; }}'
    )


def written(site: Site, files: Sequence[File]) -> Iterator[Operation]:
    """What puts files in place of what is there, and makes hostapd run on them."""
    for file in files:
        path = shlex.quote(file.path)
        yield Exec(f"cp -p {path} {path}.netres-new && cat >{path}.netres-new", file.parts(), writes=True)
        yield Exec(_check(f"{path}.netres-new"), writes=True)
    for file in files:
        path = shlex.quote(file.path)
        yield Exec(f"cp -p {path} {path}.netres-old && mv {path}.netres-new {path}", writes=True)
    for pid in dict.fromkeys(site.pid(file.path) for file in files):
        mine = [file for file in files if site.pid(file.path) == pid]
        yield Exec(_reread(site, pid, mine[0].radio), writes=True)
    for file in files:
        yield Exec(_restarted(site, file), writes=True)


def _reread(site: Site, pid: str, interface: str) -> str:
    """SIGHUP, and a question that is answered only when it was dealt with.

    hostapd 2.10 passes over an interface whose predecessor in its list it made anew: one signal for each file.
    """
    ask_it = f"timeout 1 {site.cli(interface)} ping 2>&1 | grep -q PONG"
    awaited = f'n=$((n+1)); [ $n -lt 10 ] || {{ echo "hostapd does not answer at {interface}"; exit 1; }}; sleep 1'
    times = " ".join(str(number) for number, path in enumerate(site.configs, 1) if site.pid(path) == pid)
    return (
        f'{PATH}for i in {times}; do kill -HUP "$(cat {shlex.quote(pid)})" || exit 1; n=0; '
        f"until {ask_it}; do {awaited}; done; done"
    )


def _restarted(site: Site, file: File) -> str:
    """What hostapd 2.10 does not take from a file that it reads again, and a start of the radio with all that."""
    cli = site.cli(file.radio)
    whole = file.whole
    values = [(key, whole.get(key) or "0") for key in RELOADED]
    values.append(("ht_capab", whole.get("ht_capab") or "[]"))
    sets = "".join(
        f"{cli} set {key} {shlex.quote(text(value))} | grep -qx OK || {{ echo 'set {key} refused'; exit 1; }}; "
        for key, value in values
    )
    return (
        f"{PATH}{sets}{cli} disable >/dev/null; "
        f"{cli} enable | grep -qx OK || {{ echo {shlex.quote(file.radio + ' cannot be enabled')}; exit 1; }}"
    )


def removed(site: Site, suffix: str) -> Operation:
    """What removes the files of a change beside the configuration."""
    return Exec("rm -f " + " ".join(f"{shlex.quote(path)}.{suffix}" for path in site.configs), writes=True)


def dry_check(operations: Iterable[Operation]) -> Flow[str]:
    """Have hostapd read what would be written; nothing is left of that.

    Raises:
        Rejected: in hostapd's own words, with the number of the line.
    """
    count = 0
    for operation in operations:
        if not isinstance(operation, Exec) or not operation.stdin:
            continue
        reply = yield from ask(Exec(_READ, (*operation.stdin, f"\n{_LAST}\n")))
        said = reply.text.splitlines()
        if _GOOD not in said:
            secrets = [part.reveal() for part in operation.stdin if isinstance(part, Secret) and part.known]
            words = [masked(line, secrets) for line in said if not _NOISE.fullmatch(line)]
            path = operation.command.rpartition(">")[2].removesuffix(".netres-new")
            raise Rejected(f"hostapd {path}", " / ".join(words) or f"exit status {reply.status}")
        count += 1
    return f"hostapd read {count} {'file' if count == 1 else 'files'} and found no fault"


def masked(line: str, secrets: Iterable[str]) -> str:
    """What hostapd says of a file, without the secrets in it."""
    line = SECRET.sub(lambda found: found[0].replace(found[1], MASK), line)
    for secret in secrets:
        line = line.replace(secret, MASK)
    return line.encode(errors="replace").decode()
