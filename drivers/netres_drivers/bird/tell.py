"""The programs that a router is given: a file staged beside the one that counts, checked, taken, confirmed, or gone.

Beside the administrator's file C and netres's F there may be F.netres-new, what F shall become, and F.netres-old, F as
it was then. A change that waits for its confirmation is F.netres-trial, and C.netres-trial is C with that in F's place
and a constant that names the trial: BIRD runs on it, and F is as before, so that BIRD starts on that.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from netres.confirming import Trial
from netres.errors import Rejected
from netres.flow import Exec, Flow, Operation, Part, ask
from netres.model.secret import Secret
from netres_drivers.bird.site import PATH, Site
from netres_drivers.bird.text import Document

_TOOLS: Final = {
    "no": 'no() { echo "$1"; exit 1; }',
    "ctl": r"""nl='
'
ctl() { r=$(timeout 10 birdc -s $socket "$@" </dev/null 2>&1); r=${r#BIRD *" ready."}; echo "${r#$nl}"; }""",
    "digest": "digest() { sha256sum <$1; }",
    "serial": r"serial() { sed -n 's/^define netres_serial = \([0-9]*\);$/\1/p' $1; }",
    "names": r"""names() {
  [ -e $mine.netres-trial ] && grep -qxF "define netres_trial = \"$1\";" $c.netres-trial 2>/dev/null
}""",
    "waiting": 'waiting() { [ -e $mine.netres-trial ] && names "$(ctl eval netres_trial)"; }',
    "forget": "forget() { rm -f $c.netres-trial $mine.netres-trial; }",
    "settle": r"""settle() {
  case $said in *progress*) ;; *) return;; esac
  i=0
  while [ $i -lt 100 ] && ctl show status | grep -q 'econfiguration in progress'; do i=$((i+1)); sleep 0.05; done
}""",
    "other": r"""other() {
  [ "$(grep -cE 'INCLUDE' $c)" = 1 ] || no "$c does not include $mine in one line"
  cp -p $c $1 && { sed -E "s#"'INCLUDE'"#\1$2\3#" $c; printf '\n'; printf '%s\n' "$3" "$4"; } >$1 || exit 1
}""",
}
"""By name, each after those that it calls. ``waiting``: BIRD runs on a trial of ours. ``settle``: until BIRD has done
what it was told; it closes sessions first. ``other FILE NEW LINES``: C with NEW in F's place, and lines at its end."""
_READ: Final = r"""
f=$mine; waiting && f=$mine.netres-trial
s=$(wc -c <$f) || exit 1; printf '## %s %s\n' $mine $s; cat $f || exit 1
"""
# Two who write at once: the second must not take back what the first was told is there.
_STAGE: Final = r"""
f=$mine; waiting && f=$mine.netres-trial
rm -f $new $old; read was; read will
[ "$(digest $f)" = "$was  -" ] || no "$mine changed since it was read; plan again"
cp -p $mine $old && cp -p $mine $new && cat >$new || exit 1
[ "$(digest $new)" = "$will  -" ] || { rm -f $new $old; no 'what arrived is not what was sent'; }
"""
_UNCHANGED: Final = 'cmp -s $mine $old || no "$mine changed since it was read; plan again"'
# These go on where the session is lost. A file may be reached over a symbolic link, which stays.
_TAKE: Final = rf"""
trap '' HUP PIPE
take() {{ said=$(ctl configure); case $said in *Reconfigur*) settle;; *) return 1;; esac; }}
if [ -e $new ]; then
  {_UNCHANGED}
  other $c.netres-check $new; said=$(ctl configure check "\"$c.netres-check\""); rm -f $c.netres-check
  case $said in *'Configuration OK'*) ;; *) no "$said";; esac
  mv $new "$(readlink -f $mine)" || exit 1
  take || {{ why=$said; mv $old "$(readlink -f $mine)"; take; no "$why"; }}
  rm -f $old
else
  take || no "$said"
fi
forget
"""
_TRY: Final = rf"""
trap '' HUP PIPE
waiting && no "$mine: another change waits for its confirmation; confirm it, take it back, or wait until it is gone"
[ -e $new ] || no "$new is gone"
{_UNCHANGED}
mv $new $mine.netres-trial || exit 1
other $c.netres-trial $mine.netres-trial 'define netres_trial = "TOKEN";' "# instead of $(digest $mine)"
said=$(ctl configure "\"$c.netres-trial\"" timeout SECONDS)
case $said in *'Undo scheduled'*Reconfigur*) rm -f $old; settle;; *) forget; no "$said";; esac
"""
_RUNS: Final = """
runs() { [ "$(ctl eval netres_trial)" = TOKEN ]; }
trap '' HUP PIPE
"""
_CONFIRM: Final = r"""
over="BIRD does not run on the change TOKEN: its time is over, or somebody had BIRD read its configuration since"
if names TOKEN; then
  runs || no "$over"
  grep -qxF "# instead of $(digest $mine)" $c.netres-trial || no "$mine was written since; the change is not kept"
  ctl configure confirm >/dev/null
  runs || no "$over"
  mv $mine.netres-trial "$(readlink -f $mine)" || exit 1
  forget
else
  runs && [ "$(ctl eval netres_serial)" = "$(serial $mine)" ] || no "$over"
fi
"""
_CANCEL: Final = r"""
if names TOKEN && runs; then
  said=$(ctl configure undo); settle
  runs && no "$said"
fi
rm -f $new $old; names TOKEN && forget; true
"""
_WAITS: Final = r"""
names TOKEN || { echo no; exit; }
said=$(ctl eval netres_trial)
case $said in TOKEN) echo yes;; '') no 'BIRD does not answer';; *) echo no;; esac
"""
_LACKS: Final = r"""
for d in ${c%/*} ${mine%/*}; do [ -w $d ] || no "this login cannot write in $d; let its group do so"; done
[ -w $socket ] || no "this login cannot open the socket $socket, or no BIRD is there; let its group do so"
"""
_CHECK: Final = r"""
n=$mine.netres-check.$$; m=$c.netres-check.$$; trap 'rm -f $n $m' EXIT; trap 'exit 1' HUP PIPE INT TERM
cp -p $mine $n && cat >$n || exit 1
other $m $n; said=$(ctl configure check "\"$m\"")
case $said in *'Configuration OK'*) ;; *) echo "$said" | sed "s|$n|$mine|g; s|$m|$c|g"; exit 1;; esac
"""
_VERIFY: Final = r"""
f=$mine; waiting && f=$mine.netres-trial
has=$(serial $f) || exit 1; runs=$(ctl eval netres_serial)
case $runs in ''|*connect*) no "BIRD does not answer: $runs";; *[!0-9]*) runs=;; esac
[ "$runs" = "$has" ] || no "BIRD runs on serial ${runs:-none} of $mine, which has ${has:-none}"
"""


def program(site: Site, text: str) -> str:
    """A program with the names and tools that it uses."""
    tools = ""
    for name in reversed(_TOOLS):
        if re.search(rf"\b{name}\b", text + tools):
            tools = f"{_TOOLS[name].replace('INCLUDE', site.include)}\n{tools}"
    names = f"c={site.config}; mine={site.file}; socket={site.socket}; new=$mine.netres-new; old=$mine.netres-old"
    return f"{PATH}{names}\n{tools}{text.strip()}"


def read(site: Site) -> Exec:
    """What tells netres's file as BIRD runs on it: while a change waits for its confirmation, the new one."""
    return Exec(program(site, _READ))


def staged(site: Site, old: Document, new: Document) -> Operation:
    """What puts a new file beside the old one, if that is still as it was read.

    The digest of a file with a password is kept as the password is: who has the one can guess the other.
    """
    return Exec(program(site, _STAGE), (_digest(old), "\n", _digest(new), "\n", *new.parts()), writes=True)


def _digest(document: Document) -> Secret:
    text = document.text
    if text is None:  # then it is not sent either
        return Secret()
    return Secret.observed(hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest())


def taken(site: Site) -> Operation:
    """What checks the staged file, puts it in place and has BIRD run on it; where none is, on what is there."""
    return Exec(program(site, _TAKE), writes=True)


def cleanup(site: Site) -> Operation:
    """Removes what was staged, and a trial that is over."""
    return Exec(program(site, "rm -f $new $old; waiting || forget"), writes=True)


def tried(site: Site) -> Callable[[Trial], Sequence[Operation]]:
    """What has BIRD run on the staged file for a time; the file that counts at its next start stays."""
    return lambda trial: [_for(site, _TRY, trial)]


def confirmed(site: Site) -> Callable[[Trial], Sequence[Operation]]:
    """What stops the timer, and puts the staged file in place. It may be said twice."""
    return lambda trial: [_for(site, _RUNS + _CONFIRM, trial)]


def cancelled(site: Site) -> Callable[[Trial], Sequence[Operation]]:
    """What has BIRD run on what it ran on before, and removes the staged file; of a trial that is over, only that."""
    return lambda trial: [_for(site, _RUNS + _CANCEL, trial)]


def _for(site: Site, text: str, trial: Trial) -> Operation:
    filled = text.replace("TOKEN", trial.token).replace("SECONDS", str(trial.seconds))
    return Exec(program(site, filled), writes=True)


def waits(site: Site) -> Callable[[Trial], Flow[bool]]:
    """Whether BIRD runs on a trial that is not confirmed."""

    def ask_it(trial: Trial) -> Flow[bool]:
        reply = yield from ask(Exec(program(site, _WAITS.replace("TOKEN", trial.token))))
        said = reply.text.strip()
        if reply.status or said not in {"yes", "no"}:
            raise Rejected("birdc eval netres_trial", said or f"exit status {reply.status}")
        return said == "yes"

    return ask_it


def lacks(site: Site) -> Callable[[], Flow[str]]:
    """What this login lacks to stage a change and to have BIRD take it."""

    def ask_it() -> Flow[str]:
        reply = yield from ask(Exec(program(site, _LACKS)))
        return reply.text.strip() or f"exit status {reply.status}" if reply.status else ""

    return ask_it


def verify(site: Site) -> Callable[[], Flow[None]]:
    """Asks BIRD whether it runs on the file that it should run on, by that file's serial."""

    def ask_it() -> Flow[None]:
        reply = yield from ask(Exec(program(site, _VERIFY)))
        if reply.status:
            raise Rejected("birdc eval netres_serial", reply.text.strip() or f"exit status {reply.status}")

    return ask_it


def dry_check(site: Site) -> Callable[[Iterable[Operation]], Flow[str]]:
    """Has BIRD read what would be written, under another name; nothing is left of that."""

    def ask_it(operations: Iterable[Operation]) -> Flow[str]:
        command = program(site, _STAGE)
        for operation in operations:
            if isinstance(operation, Exec) and operation.command == command:
                content: tuple[Part, ...] = operation.stdin[4:]
                reply = yield from ask(Exec(program(site, _CHECK), content))
                if reply.status:
                    raise Rejected("birdc configure check", reply.text.strip() or f"exit status {reply.status}")
        return "passed birdc configure check"

    return ask_it
