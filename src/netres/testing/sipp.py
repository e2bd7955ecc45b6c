"""SIPp in a `Host`: callers, and far ends that are called. Its scenarios lie beside this file."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from netres.testing.netns import Host, wait_until

CALLER: Final = Path(__file__).with_name("uac.xml")
"""Calls, and hangs up."""
FAR_END: Final = Path(__file__).with_name("uas.xml")
"""Answers, and waits for the end."""


def available() -> str | None:
    """Why SIPp cannot run here, in one line; ``None`` where it can."""
    missing = [tool for tool in ("sipp", "ss") if shutil.which(tool) is None]
    return f"not installed: {', '.join(missing)}; install the packages sip-tester and iproute2" if missing else None


@dataclass(frozen=True)
class Calls:
    """How calls of `Sipp.call` went."""

    successful: int
    failed: int
    answers: Mapping[int, int]
    """How often each final answer came that was not expected, by status code."""


class Sipp:
    """Makes and takes calls in a host, over what it tests: an SBC at ``server``, ``address:port``.

    It calls from ``port``; one with another may call at the same time.
    """

    def __init__(self, host: Host, server: str, port: int = 5090) -> None:
        self.host = host
        self.server = server
        self.port = port
        self._statistics = host.directory / f"caller-{port}.csv"
        self._errors = host.directory / f"caller-{port}.err"

    def answer(
        self, port: int, *, transport: Literal["udp", "tcp"] = "udp", scenario: Path = FAR_END
    ) -> subprocess.Popen[bytes]:
        """Start a far end at 127.0.0.1 that answers calls and OPTIONS, and keeps what it gets for `heard`."""
        listening = ("ss", "-Hln", "--udp" if transport == "udp" else "--tcp", f"sport = :{port}")
        keep = ("-trace_msg", "-message_file", str(self._messages(port)), "-message_overwrite", "true")
        self._messages(port).unlink(missing_ok=True)
        media = ("-mi", "127.0.0.1", "-mp", str(8 * (port - 5000)))
        at = ("-i", "127.0.0.1", "-p", str(port), "-t", f"{transport[0]}1")
        process = self.host.start("sipp", "-sf", str(scenario), "-aa", *at, *media, *keep, "-nostdin")
        wait_until(lambda: bool(self.host.run(*listening)), f"sipp at port {port}")
        return process

    def _messages(self, port: int) -> Path:
        return self.host.directory / f"sipp-{port}.log"

    def heard(self, port: int, method: str = "INVITE") -> list[str]:
        """The requests that a far end got, and sent; of the last caller with its port."""
        log = self._messages(port)
        text = log.read_text(errors="replace") if log.exists() else ""
        return re.findall(rf"^{method} sip.*?(?=^-----|\Z)", text, re.MULTILINE | re.DOTALL)

    def call(
        self,
        number: str,
        *,
        count: int = 1,
        rate: int = 100,
        hold: int = 50,
        caller: str = "+4930",
        source: str = "127.0.0.1",
    ) -> Calls:
        """Call a number over the SBC, and wait for the end of all calls."""
        return self.called(self.calling(number, count=count, rate=rate, hold=hold, caller=caller, source=source))

    def calling(
        self,
        number: str,
        *,
        count: int = 1,
        rate: int = 100,
        hold: int = 50,
        caller: str = "+4930",
        source: str = "127.0.0.1",
        scenario: Path = CALLER,
    ) -> subprocess.Popen[bytes]:
        """Begin to call; ``rate``: new calls per second, ``hold``: milliseconds that each lasts."""
        for file in (self._statistics, self._errors):
            file.unlink(missing_ok=True)
        what = (self.server, "-s", number, "-key", "caller", caller, "-i", source, "-p", str(self.port), "-mi", source)
        load = ("-m", str(count), "-r", str(rate), "-rp", "1000", "-d", str(hold), "-l", "500", "-timeout", "20")
        told = ("-trace_stat", "-stf", str(self._statistics), "-fd", "1")
        heard = ("-trace_msg", "-message_file", str(self._messages(self.port)), "-message_overwrite", "true")
        wrong = ("-trace_err", "-error_file", str(self._errors))
        return self.host.start("sipp", "-sf", str(scenario), *what, *load, *told, *heard, *wrong, "-nostdin")

    def called(self, process: subprocess.Popen[bytes]) -> Calls:
        """How calls went, once all have ended."""
        wait_until(lambda: process.poll() is not None, "the end of all calls", 30)
        self.host.stop(process)
        with self._statistics.open() as file:
            last = list(csv.DictReader(file, delimiter=";"))[-1]
        told = self._errors.read_text(errors="replace") if self._errors.exists() else ""
        codes = re.findall(r"'SIP/2\.0 (\d{3}) ", told)
        answers = {int(code): codes.count(code) for code in codes}
        return Calls(int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"]), answers)
