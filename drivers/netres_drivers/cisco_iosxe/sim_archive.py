"""IOS-XE's ways back: the archive, ``configure replace``, and changes that must be confirmed.

Texts: issues of napalm (135, 121) quote them from devices; the archive's are in the recordings of genie.
"""

from __future__ import annotations

from typing import Final

from netres.testing.sim.cli import Refused
from netres.testing.sim.differences import differences, only
from netres.testing.sim.indented import Call, command
from netres.testing.sim.tree import Node
from netres_drivers.cisco_iosxe.sim_files import Files, write

NO_ARCHIVE: Final = "%Please turn config archive on before using Rollback Confirmed Change\n"
NONE_PENDING: Final = "%No Rollback Confirmed Change pending\n"
SURE: Final = """\
This will apply all necessary additions and deletions
to replace the current running configuration with the
contents of the specified configuration file, which is
assumed to be a complete configuration, not a partial
configuration. Enter Y if you are sure you want to proceed. ? [no]: """
DONE: Final = "Total number of passes: 1\nRollback Done\n\n"


class Archive(Files):
    """Commands that take changes back."""

    @property
    def _path(self) -> str:
        return self.router.value("archive", "path")

    def save(self) -> None:
        """Save; and keep a copy, where the archive says so."""
        super().save()
        if self._path and self.store.running.at(("archive", "write-memory")):
            self._archive()

    def _archive(self) -> str:
        """Keep a copy of the running configuration; its path.

        Raises:
            Refused: no archive is configured.
        """
        if not self._path:
            raise Refused(NO_ARCHIVE)
        router = self.router
        time = router.time()
        path = f"{self._path}-{time:%b}-{time.day}-{time:%H-%M-%S}.{time.microsecond // 1000:03}-{len(router.archives)}"
        write(router, path, self.store.native().encode())
        router.archives.append(path)
        for gone in router.archives[: -int(router.value("archive", "maximum") or 10)]:
            self.device.files.pop(gone.split(":", 1)[-1].lstrip("/"), None)
            router.archives.remove(gone)
        return path

    @command("archive config")
    def archive_config(self, call: Call) -> str:
        """Keep a copy now."""
        self._archive()
        return ""

    @command("show archive")
    def show_archive(self, call: Call) -> str:
        """The copies."""
        if not self._path:
            return "Archive feature not enabled\n"
        kept, most = self.router.archives, int(self.router.value("archive", "maximum") or 10)
        lines = [f"{number:<9}{path}" for number, path in enumerate(kept, 1)]
        if lines:
            lines[-1] += " <- Most Recent"
        lines += [f"{number:<9}" for number in range(len(kept) + 1, most + 1)]
        return (
            f"The maximum archive configurations allowed is {most}.\n"
            f"There are currently {len(kept)} archive configurations saved.\n"
            f"The next archive file will be named {self._path}-<timestamp>-{len(kept)}\n Archive #  Name\n"
            + "".join(f"   {line}\n" for line in lines)
        )

    def _begin(self, minutes: str, *, idle: bool = False) -> str:
        """Have the change that begins taken back after so many minutes."""
        path = self._archive()
        before = self.store.running.copy()
        self.router.reverter.start(
            self.device.username, int(minutes), lambda: self.store.running.replace(before), idle=idle
        )
        return f"Rollback Confirmed Change: Backing up current running config to {path}\n\n"

    @command("configure terminal revert timer [idle] <1-120>")
    def configure_revert_timer(self, call: Call) -> str:
        """Change the running configuration; it is taken back unless it is confirmed."""
        if self.router.reverter.pending is not None:
            raise Refused("%Rollback Confirmed Change already in progress\n")
        entered = self.configure_terminal(call)
        try:
            return self._begin(call.values[0], idle="idle" in call.words) + entered
        except Refused:
            self.editor = None
            raise

    @command("configure confirm")
    def confirm(self, call: Call) -> str:
        """Keep the change."""
        if self.router.reverter.pending is None:
            raise Refused(NONE_PENDING)
        self.router.reverter.forget()
        return ""

    @command("configure revert now")
    def revert_now(self, call: Call) -> str:
        """Take the change back."""
        if self.router.reverter.pending is None:
            raise Refused(NONE_PENDING)
        path = self.router.archives[-1] if self.router.archives else ""
        self.router.reverter.now()
        return f"Rollback Confirmed Change: rolling to:{path}\n\n{DONE}"

    @command("configure revert timer [idle] <1-120>")
    def revert_timer(self, call: Call) -> str:
        """Give oneself another time."""
        if self.router.reverter.pending is None:
            raise Refused(NONE_PENDING)
        self.router.reverter.extend(int(call.values[0]), idle="idle" in call.words)
        return ""

    @command("show archive config rollback timer")
    def show_timer(self, call: Call) -> str:
        """The change that waits to be confirmed."""
        pending = self.router.reverter.pending
        if pending is None:
            return NONE_PENDING
        since = self.router.time(pending.since)
        return (
            f"Time configured(UTC): {since:%H:%M:%S UTC %a %b} {since.day} {since.year}\n"
            f"Timer type: {'idle' if pending.idle else 'absolute'} timer\nTimer value: {pending.minutes} min\n"
            f"User: {pending.user}\n"
        )

    @command("configure replace <word> [force] [revert trigger error [timer <1-120>]]")
    @command("configure replace <word> [force] [revert timer <1-120>]")
    @command("configure replace <word> [force] [time <1-120>]")
    def configure_replace(self, call: Call) -> str:
        """Have the running configuration be what a file says."""
        self.file(call.values[0])
        if "force" in call.words:
            return self._replaced(call)
        return self.ask(SURE, lambda answer: self._replaced(call) if answer.strip().lower() in {"y", "yes"} else "\n")

    def _replaced(self, call: Call) -> str:
        text = self.file(call.values[0]).decode(errors="replace")
        if self.device.faults.locked:
            raise Refused(self.dialect.locked)
        if "end" not in text.split("\n"):
            raise Refused("%The input file is not a valid config file.\n")
        timed, careful = ("timer" in call.words or "time" in call.words), "trigger" in call.words
        if careful and not self._path:
            raise Refused(NO_ARCHIVE)
        target = self.router.whole("")
        failed = [line for line, said in self.editing(target, text) if not isinstance(said, str)]
        if failed and careful:
            return self._restored(failed[0])
        said = self._begin(call.values[-1]) if timed else "\n"
        self.store.running.replace(target)
        self.router.changed = self.device.clock.now, self.device.username
        if failed:
            return said + _aborted(failed)
        return said + DONE

    def _restored(self, line: str) -> str:
        path = self._archive()
        return (
            f"Failed to apply command {line.strip()}\nAborting Rollback.\n\n"
            f"Rollback failed.Reverting back to the original configuration: {path} ...\n\n{DONE}"
            "The original configuration has been successfully restored.\n"
        )

    @command("show archive config differences [<word> [<word>]]")
    def show_differences(self, call: Call) -> str:
        """What tells two configurations apart."""
        one, other = (*call.values, *("system:running-config",) * 2)[:2]
        if not call.values:
            one = "nvram:startup-config"
        lines = [f"{line}\n" for line in differences(self._parsed(one), self._parsed(other))]
        return "!Contextual Config Diffs:\n" + ("".join(lines) or "!No changes were found\n") + "\n"

    @command("show archive config incremental-diffs <word> [ignorecase]")
    def show_incremental(self, call: Call) -> str:
        """What a file would add."""
        merged = self.store.running.copy()
        for line, said in self.editing(merged, self.file(call.values[0]).decode(errors="replace")):
            if not isinstance(said, str):
                raise Refused(f"% Invalid input detected in {line.strip()!r}\n")
        lines = [*only(merged, self.store.running), "end"]
        gone = list(only(self.store.running, merged)) and not lines[:-1]
        nothing = "" if lines[:-1] or gone else "!No changes were found\n"
        return "!List of Commands:\n" + "".join(f"{line}\n" for line in lines) + nothing + "\n"

    def _parsed(self, url: str) -> Node:
        try:
            return self.tree(url)
        except ValueError as refused:
            raise Refused(f"%Error: {refused}\n") from None


def _aborted(lines: list[str]) -> str:
    failed = "".join(f"{line}\n" for line in lines)
    return (
        "The rollback configlet from the last pass is listed below:\n********\n!List of Rollback Commands:\n"
        f"{failed}end\n********\n\n\nRollback aborted after 5 passes\n"
        f"The following commands are failed to apply to the IOS image.\n********\n{failed}********\n\n"
    )
