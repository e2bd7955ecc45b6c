"""A router of IOS-XE, and what every login at it can do: configure, show configurations, save, restart."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Final

from netres.testing.sim.cli import Refused
from netres.testing.sim.clock import Timer
from netres.testing.sim.device import Simulated
from netres.testing.sim.indented import PRIVILEGED, USER, Call, IndentedCli, IndentedStore, command
from netres.testing.sim.revert import Reverter
from netres.testing.sim.tree import Node
from netres_drivers.cisco_iosxe.sim_dialect import DIALECT, HARDWARE, UNCONFIGURED, factory, shown
from netres_drivers.cisco_iosxe.sim_values import TYPES, is_password

NVRAM: Final = 33554432
_NO_USER: Final = (
    "This operation will remove all username related configurations with same name.Do you want to continue? [confirm]"
)


class RouterStore(IndentedStore):
    """Running and startup configuration, and whether a change of it waits to be confirmed."""

    reverter: Reverter | None = None

    def left_open(self) -> tuple[str, ...]:
        """The change that waits to be confirmed."""
        pending = self.reverter.pending if self.reverter else None
        return (f"a change of {pending.user} waits for its confirmation",) if pending else ()


class Router:
    """What a router is beside its configuration."""

    def __init__(self, name: str) -> None:
        digest = hashlib.sha256(name.encode()).hexdigest()
        self.serial = "FDO" + digest[:8].upper()
        self.mac = "0062ec" + digest[8:12]
        """The first four bytes and a half of the addresses of its ports."""
        self.store = RouterStore(DIALECT, factory(name, self.serial), shown)
        self.device = Simulated(name, "cisco_iosxe", self.store)
        self.reverter = self.store.reverter = Reverter(self.device.clock)
        self.archives: list[str] = []
        """Paths of the archived configurations, the latest last."""
        self.written: dict[str, float] = {}
        """When each file was written, on the device's clock."""
        self.changed: tuple[float, str] | None = None
        """When the configuration was last changed, and by whom."""
        self._made = datetime.now(UTC), self.device.clock.now
        self.booted = self.device.clock.now
        self.reason = "PowerOn"
        self._reload: Timer | None = None
        self.store.forgets.append(self._booted)

    def _booted(self) -> None:
        self.booted = self.device.clock.now
        if not self.store.saved.children:  # the startup configuration was erased
            self.store.running.replace(self.whole(UNCONFIGURED))
        self.changed = None
        self.reverter.forget()
        self.cancelled()

    def reload_in(self, minutes: int) -> None:
        """Start anew in so many minutes, unless that is cancelled."""

        def reload() -> None:
            self._reload, self.reason = None, "Reload Command"
            self.device.reboot()

        self.cancelled()
        self._reload = self.device.clock.after(minutes * 60, reload)

    def cancelled(self) -> bool:
        """Forget a restart to come; whether there was one."""
        timer, self._reload = self._reload, None
        self.device.clock.cancel(timer)
        return timer is not None

    def whole(self, text: str) -> Node:
        """The configuration that a file with all of it describes.

        Raises:
            ValueError: a line of it is refused.
        """
        return self.store.parsed(HARDWARE + text)

    def time(self, at: float | None = None) -> datetime:
        """What a watch shows at a time of the device's clock; default: now."""
        date, since = self._made
        return date + timedelta(seconds=(self.device.clock.now if at is None else at) - since)

    def value(self, *way: str) -> str:
        """What is configured, without the words of ``way`` that tell the line from others; empty: nothing."""
        node = self.store.running.at(way)
        return node.line[len(way[-1]) :].strip() if node else ""


def moment(time: datetime) -> str:
    """``13:18:38 UTC Tue Nov 24 2026``."""
    return f"{time:%H:%M:%S UTC %a %b} {time.day} {time.year}"


class RouterCli(IndentedCli):
    """A login."""

    types = TYPES
    bad_password = "% Bad secrets\n"  # noqa: S105 - what the device says

    unknown = "% Unrecognized command\n"

    def __init__(self, device: Simulated, router: Router) -> None:
        super().__init__(device, router.store)
        self.router = router
        self.level = PRIVILEGED if self._logs_in_privileged() else USER

    def _logs_in_privileged(self) -> bool:
        """Where the line, or the user's own entry, has privilege level 15."""
        children = self.store.running.children
        lines = [node for key, node in children.items() if key.startswith("line vty 0")]
        user = children.get(f"username {self.device.username}")
        own = user is not None and f"{user.line} ".startswith(f"username {self.device.username} privilege 15 ")
        return own or any("privilege level 15" in node.lines() for node in lines)

    def greet(self) -> str:
        """The banners."""
        found = [self.router.store.running.children.get(f"banner {kind}") for kind in ("motd", "exec")]
        return "".join("\n" + node.line.split("^C")[1] + "\n" for node in found if node)

    def enter(self, line: str) -> str:
        """Do a line; an idle timer begins anew."""
        self.router.reverter.touched()
        return super().enter(line)

    def configure(self, line: str) -> str:
        """Do a line of a configuration mode; whole users go only after a question."""
        found = re.fullmatch(r"\s*no\s+user\w*\s+(\S+).*", line, re.IGNORECASE)
        if found and f"username {found[1]}" in self.store.running.children:
            return self.ask(_NO_USER, lambda answer: self._configured(line) if confirmed(answer) else "")
        return self._configured(line)

    def _configured(self, line: str) -> str:
        answer = super().configure(line)
        self.router.changed = self.device.clock.now, self.device.username
        return answer

    def enable_password(self) -> str | None:
        """The secret or the password that is configured; empty: none."""
        for kind in ("enable secret", "enable password"):
            if (line := self.router.value(kind)) != "":
                return line.split()[-1]
        return ""

    def opens(self, given: str, wanted: str) -> bool:
        """Whether a password is the configured one."""
        return bool(wanted) and is_password(given, wanted)

    @command("enable", user=True)
    def enable(self, call: Call) -> str:
        """Privileged mode; who comes over the network needs a password for it."""
        if self.level < PRIVILEGED and not self.enable_password():
            raise Refused("% Error in authentication.\n\n")
        return super().enable(call)

    @command("configure terminal")
    def configure_terminal(self, call: Call) -> str:
        """Change the running configuration."""
        return self.edits(self.store.running) + "Enter configuration commands, one per line.  End with CNTL/Z.\n"

    @command("configure")
    def configure_asked(self, call: Call) -> str:
        """The same, after a question."""
        return self.ask(
            "Configuring from terminal, memory, or network [terminal]? ",
            lambda answer: self.configure_terminal(call) if answer.strip() in {"", "terminal"} else "?Must be terminal",
        )

    def _changed_line(self) -> str:
        if self.router.changed is None:
            return ""
        at, who = self.router.changed
        return f"! Last configuration change at {moment(self.router.time(at))} by {who}\n!\n"

    @command("show running-config")
    def show_running(self, call: Call) -> str:
        """The running configuration."""
        text = self.shown(self.store.running)
        return (
            f"Building configuration...\n\nCurrent configuration : {len(text)} bytes\n!\n{self._changed_line()}{text}\n"
        )

    @command("show running-config interface <interface>")
    def show_running_interface(self, call: Call) -> str:
        """One interface's."""
        node = self.store.running.children.get(f"interface {call.values[0]}")
        if node is None:
            raise Refused(self.refusal("show running-config interface"))
        text = "".join(f"{line}\n" for line in [node.line, *node.lines(1)])
        text = self.device.faults.shown(text)
        return f"Building configuration...\n\nCurrent configuration : {len(text)} bytes\n!\n{text}end\n\n"

    @command("show startup-config")
    def show_startup(self, call: Call) -> str:
        """What it starts with."""
        if not self.store.saved.children:
            return "startup-config is not present\n"
        text = self.shown(self.store.saved)
        return f"Using {len(text)} out of {NVRAM} bytes\n!\n{text}\n"

    @command("write [memory]")
    def write(self, call: Call) -> str:
        """Save."""
        self.save()
        return "Building configuration...\n[OK]\n"

    def save(self) -> None:
        """Have the running configuration be the startup configuration."""
        self.store.save()

    @command("write terminal")
    def write_terminal(self, call: Call) -> str:
        """An old name."""
        return self.show_running(call)

    @command("write erase")
    @command("erase startup-config")
    def erase(self, call: Call) -> str:
        """Forget the startup configuration."""
        return self.ask(
            "Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]", self._erased
        )

    def _erased(self, answer: str) -> str:
        if not confirmed(answer):
            return ""
        self.store.saved = Node()
        return "[OK]\nErase of nvram: complete\n"

    @command("reload")
    def reload(self, call: Call) -> str:
        """Start anew."""
        if shown(self.store.running) != shown(self.store.saved):
            return self.ask("\nSystem configuration has been modified. Save? [yes/no]: ", self._save_first)
        return self.ask("Proceed with reload? [confirm]", self._reload)

    @command("reload in <1-999>")
    def reload_in(self, call: Call) -> str:
        """Start anew in so many minutes."""
        minutes = int(call.values[0])

        def later(answer: str) -> str:
            if confirmed(answer):
                self.router.reload_in(minutes)
            return ""

        time = moment(self.router.time(self.device.clock.now + minutes * 60))
        return self.ask(
            f"Reload scheduled for {time} (in {minutes} minutes) by {self.device.username} on vty0 (127.0.0.1)\n"
            "Proceed with reload? [confirm]",
            later,
        )

    @command("reload cancel")
    def reload_cancel(self, call: Call) -> str:
        """Do not."""
        if not self.router.cancelled():
            raise Refused("%No reload is currently scheduled.\n")
        return "\n***\n*** --- SHUTDOWN ABORTED ---\n***\n"

    def _save_first(self, answer: str) -> str:
        if answer.strip().lower() not in {"yes", "y", "no", "n"}:
            return self.ask("% Please answer 'yes' or 'no'.\n" + "Save? [yes/no]: ", self._save_first)
        if answer.strip().lower().startswith("y"):
            self.save()
        return self.ask("Proceed with reload? [confirm]", self._reload)

    def _reload(self, answer: str) -> str:
        if confirmed(answer):
            self.router.reason = "Reload Command"
            self.device.reboot()
        return ""


def confirmed(answer: str) -> bool:
    """Whether a ``[confirm]`` is answered by yes: Return, or ``y``."""
    return answer.strip().lower() in {"", "y", "yes"}
