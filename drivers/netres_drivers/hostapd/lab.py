"""A real hostapd on this machine, with two radios that are none, in a network namespace behind its own OpenSSH server.

``driver=none`` is hostapd's own way to run without a radio. It refuses a second BSS, for want of one function; the
laboratory runs a copy of the installed program in which that function is there and says yes (`_with_bsses`). All else,
and every check of a file, is the program as it is installed.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import struct
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from netres.errors import MissingDependency, UsageError
from netres.inventory.entry import Entry
from netres.testing import sshd
from netres.testing.netns import Host, wait_until
from netres.testing.sshd import Sshd, account

USER: Final = "netres"
RADIOS: Final = {"wlan0": ("g", 1), "wlan1": ("a", 36)}
SEARCH: Final = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
_INITIAL: Final = """\
# access point of the laboratory
interface={name}
driver=none
ctrl_interface={control}
hw_mode={mode}
channel={channel}
wmm_enabled=1
start_disabled=1
"""
BY_HAND: Final = ("# made by hand: do not touch", "beacon_int=200", "wpa_group_rekey=3600")
"""Lines that no Item says."""
_BSS_BY_HAND: Final = """\
bss=byhand0
ctrl_interface={control}
ssid=byhand
# not for guests
uapsd_advertisement_enabled=1
"""
_RETURN_0: Final = {"x86_64": b"\x31\xc0\xc3", "aarch64": b"\x00\x00\x80\x52\xc0\x03\x5f\xd6"}
_INIT, _IF_ADD = 5, 60
"""Places in ``struct wpa_driver_ops`` (src/drivers/driver.h, 2.10)."""
_DESCRIPTION: Final = b"no driver (RADIUS server/WPS ER)\0"


def available() -> str | None:
    """Why no hostapd can run here, in one line; ``None`` where one can."""
    if reason := sshd.available():
        return reason
    missing = [
        tool for tool in ("hostapd", "hostapd_cli", "runuser", "setpriv") if shutil.which(tool, path=SEARCH) is None
    ]
    if missing:
        return f"not installed: {', '.join(missing)}; install the packages hostapd and util-linux"
    try:
        _with_bsses(_program().read_bytes())
    except (ValueError, StopIteration, KeyError, struct.error) as error:
        return f"this hostapd cannot be given several BSSes without a radio: {error!r}; hostapd 2.10 of Debian 12 can"
    return None


def _program() -> Path:
    return Path(shutil.which("hostapd", path=SEARCH) or "/usr/sbin/hostapd")


def _with_bsses(program: bytes) -> bytes:
    """A hostapd whose driver ``none`` takes further BSSes.

    In the table of that driver the entry ``init``, which hostapd never uses, becomes the entry ``if_add``, and leads
    to a function of the program that returns 0.
    """
    elf = bytearray(program)
    start, size, count = struct.unpack_from("<Q10xHH", elf, 40)[0], *struct.unpack_from("<HH", elf, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", elf, start + number * size) for number in range(count)]

    def address(offset: int) -> int:
        found = next(one for one in sections if one[3] and one[1] != 8 and one[4] <= offset < one[4] + one[5])
        return int(offset - found[4] + found[3])

    entry = struct.unpack_from("<Q", elf, 24)[0]
    code = next(one for one in sections if one[3] <= entry < one[3] + one[5])
    moved = {
        struct.unpack_from("<Q", elf, place)[0]: place
        for one in sections
        if one[1] == 4
        for place in range(one[4], one[4] + one[5], 24)
    }
    description = address(elf.index(_DESCRIPTION))
    table = next(at for at, place in moved.items() if struct.unpack_from("<q", elf, place + 16)[0] == description) - 8
    place = moved[table + 8 * _INIT]
    struct.pack_into("<Q", elf, place, table + 8 * _IF_ADD)
    struct.pack_into("<q", elf, place + 16, address(elf.index(_RETURN_0[platform.machine()], code[4])))
    return bytes(elf)


class HostapdLab:
    """One access point with the radios ``wlan0`` and ``wlan1``, a file each. A context manager."""

    host: Host
    sshd: Sshd

    def __init__(self, daemons: Literal[1, 2] = 1) -> None:
        """An access point that starts when its context is entered; one daemon for both radios, or one for each."""
        self._daemons = [tuple(RADIOS)] if daemons == 1 else [(name,) for name in RADIOS]

    def __enter__(self) -> Self:
        if reason := available():
            raise MissingDependency(reason)
        self.host = Host("ap1").__enter__()
        try:
            self._directory = self.host.directory / "hostapd"
            self._directory.mkdir()
            account(USER)
            shutil.chown(self._directory, USER)
            self.program = self._directory / "hostapd"
            self.program.write_bytes(_with_bsses(_program().read_bytes()))
            self.program.chmod(0o755)
            self.sshd = Sshd(self.host, USER)
            self.reset()
        except BaseException:
            self.host.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.host.close()

    @property
    def control(self) -> Path:
        """The directory of the control sockets."""
        return self._directory / "control"

    def config(self, radio: str) -> Path:
        """The configuration file of a radio."""
        return self._directory / f"{radio}.conf"

    def entry(self) -> Entry:
        """How the access point is reached."""
        return self.sshd.entry(
            "ap1",
            "hostapd",
            command=30,
            options={
                "config": " ".join(str(self.config(name)) for name in RADIOS),
                "control": str(self.control),
                "pid": " ".join(str(self._pid(radios)) for radios in self._daemons),
                "bridge": "br-vlan{vlan}",
                # Without a radio hostapd never hears that a country is set, and waits for 5 seconds each time.
                "settle": 0,
            },
        )

    def native(self) -> str:
        """Both files, one after the other, to the byte."""
        contents = [self.config(name).read_text(errors="surrogateescape") for name in RADIOS]
        return "\f\n".join(contents)

    def cli(self, interface: str, *words: str) -> str:
        """What the daemon answers at an interface."""
        return self._as_user("hostapd_cli", "-p", str(self.control), "-i", interface, *words)

    def reset(self) -> None:
        """Files as at the beginning, and a daemon that runs on them, anew."""
        self.stop()
        for left in self._directory.glob("*.netres-*"):
            left.unlink()
        for name, (mode, channel) in RADIOS.items():
            text = _INITIAL.format(name=name, control=self.control, mode=mode, channel=channel)
            self.write(name, text)
        self.start()

    def write(self, radio: str, text: str) -> None:
        """Make a file what somebody wrote, without telling the daemon."""
        path = self.config(radio)
        path.write_text(text, errors="surrogateescape")
        path.chmod(0o600)
        shutil.chown(path, USER)

    def scribble(self) -> Sequence[str]:
        """Put lines by hand that no Item says: into the first BSS of both radios, and into a further one."""
        for name in RADIOS:
            self.write(name, self.config(name).read_text(errors="surrogateescape") + "\n".join(BY_HAND) + "\n")
        bss = _BSS_BY_HAND.format(control=self.control)
        self.write("wlan1", self.config("wlan1").read_text(errors="surrogateescape") + bss)
        self.restart()
        return (*BY_HAND, *bss.splitlines()[-2:])

    def _pid(self, radios: tuple[str, ...]) -> Path:
        return self._directory / f"{radios[0]}.pid"

    def start(self) -> None:
        """Start the daemons that do not run, on the files as they are; they answer when this returns.

        Raises:
            UsageError: hostapd refused them, in its own words.
        """
        for radios in (one for one in self._daemons if not self._pid(one).is_file()):
            files = [str(self.config(name)) for name in radios]
            log = ("-f", str(self._log(radios[0])))
            self._as_user(str(self.program), "-B", *log, "-P", str(self._pid(radios)), *files)
        wait_until(self._answers, "an answer of hostapd")

    def _answers(self) -> bool:
        return all("state=ENABLED" in self.cli(name, "status") for name in RADIOS) and all(
            self._pid(radios).is_file() for radios in self._daemons
        )

    def stop(self, *stopped: str) -> None:
        """End the daemons that run, or only those of some radios."""
        for radios in self._daemons:
            pid = self._pid(radios)
            if pid.is_file() and (not stopped or set(radios) & set(stopped)):
                os.kill(int(pid.read_text()), signal.SIGTERM)
                wait_until(lambda: not self._pid(radios).exists(), "the end of hostapd")  # noqa: B023 - awaited here
        if not stopped:
            shutil.rmtree(self.control, ignore_errors=True)

    def restart(self) -> None:
        """End the daemon and start it on the files as they are."""
        self.stop()
        self.start()

    def left_behind(self) -> list[Path]:
        """Files of a change that was not finished, in the order of the radios."""
        return sorted(self._directory.glob("*.netres-*"))

    @contextmanager
    def other_program_for_the_daemon(self) -> Generator[None]:
        """The pid file names a program that takes a SIGHUP for nothing."""
        file = self._pid(self._daemons[0])
        pid = file.read_text()
        program = self.host.start(
            "setpriv", "--reuid", USER, "--clear-groups", "sh", "-c", "trap : HUP; while :; do sleep 1; done"
        )
        try:
            file.write_text(f"{program.pid}\n")
            yield
        finally:
            file.write_text(pid)
            self.host.stop(program)

    def log(self, radio: str = "wlan0") -> str:
        """What the daemon of a radio said."""
        radios = next(one for one in self._daemons if radio in one)
        return self._log(radios[0]).read_text(errors="replace")

    def _log(self, radio: str) -> Path:
        return self._directory / f"{radio}.log"

    def _as_user(self, *argv: str) -> str:
        try:
            return self.host.run("env", f"PATH={SEARCH}", "runuser", "-u", USER, "--", *argv)
        except UsageError as error:
            if argv[0] == "hostapd_cli":
                return str(error)
            raise
