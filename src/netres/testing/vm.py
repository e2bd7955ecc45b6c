"""A virtual machine that runs a kernel of its own over this machine's files: for what this machine's kernel cannot do.

QEMU emulates its processor, so that nothing is asked of this machine's kernel, and it starts in 7 to 60 seconds. Its
root is this machine's, read-only, under a layer in memory: programs are installed once, here, and nothing that is
written there stays. It reaches nothing outside; this machine reaches its OpenSSH server, as root, at a port of
loopback.
"""

from __future__ import annotations

import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from netres.errors import MissingDependency, UsageError
from netres.inventory.entry import Entry, Scalar, SshSettings, Timeouts
from netres.testing.netns import command, wait_until

START: Final = 240.0
"""Seconds within which a machine must answer: an emulated processor, on a machine with other work."""
FILES: Final = Path("/run/netres")
"""Where a machine sees the files that it was given."""
_EMULATOR: Final = "qemu-system-x86_64"
_TOOLS: Final = {
    _EMULATOR: "qemu-system-x86",
    "busybox": "busybox-static",
    "modprobe": "kmod",
    "cpio": "cpio",
    "sshd": "openssh-server",
    "setpriv": "util-linux",
}
_MODULES: Final = ("virtio_pci", "virtio_net", "9pnet_virtio", "9p", "overlay", "virtio_rng")
# It has no hardware clock to tell the time by until the kernel did, and no disk: two file systems of this machine.
_INITRD: Final = """\
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for module in $(/bin/busybox cat /modules); do /bin/busybox insmod "/$module"; done
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose root /below
/bin/busybox mount -t tmpfs above /above
/bin/busybox mkdir /above/files /above/work
/bin/busybox mount -t overlay -o lowerdir=/below,upperdir=/above/files,workdir=/above/work root /new
/bin/busybox mount --move /dev /new/dev
/bin/busybox mount -t proc proc /new/proc
/bin/busybox mount -t sysfs sys /new/sys
/bin/busybox mount -t tmpfs run /new/run
/bin/busybox mount -t tmpfs tmp /new/tmp
/bin/busybox mkdir /new/run/netres
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose files /new/run/netres
exec /bin/busybox switch_root /new /bin/sh /run/netres/init
"""
# root has an empty home: this machine's is somebody's, with start-up files of any length.
# sshd is the machine's first process, so that the machine ends with it; what it did not start it reaps all the same.
_INIT: Final = """\
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
hostname {name}
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
mkdir -p /dev/pts /run/sshd
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=700 root /root
ip link set lo up
ip address add 10.0.2.15/24 dev eth0
ip link set eth0 up
install -m 600 /run/netres/host_key /run/host_key
sh -eu /run/netres/setup || /bin/busybox reboot -f
exec /usr/sbin/sshd -D -e -f /run/netres/sshd_config
"""
# Key exchanges that paramiko knows too, and the cheapest cipher: an emulated processor is slow at them.
_SSHD: Final = """\
HostKey /run/host_key
AuthorizedKeysFile /run/netres/identity.pub
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
KexAlgorithms curve25519-sha256@libssh.org,ecdh-sha2-nistp256
Ciphers aes128-ctr
MACs hmac-sha2-256
PrintMotd no
PrintLastLog no
UseDNS no
"""


# QEMU's machine protocol: capabilities first, then the monitor's own words.
_ASK_PORT: Final = """\
{"execute": "qmp_capabilities"}
{"execute": "human-monitor-command", "arguments": {"command-line": "info usernet"}}
"""


def available() -> str | None:
    """Why no machine can be started here, in one line; ``None`` where one can."""
    if sys.platform != "linux":
        return f"a machine over this machine's files needs Linux, this is {sys.platform}"
    if platform.machine() != "x86_64":
        return f"a machine over this machine's files is an x86_64 one, this is {platform.machine()}"
    if missing := [package for tool, package in _TOOLS.items() if shutil.which(tool) is None]:
        return f"not installed: {', '.join(missing)}; install with: scripts/system-packages.sh radio"
    return None if _kernels() else "no kernel with modules in /boot; install the package linux-image-amd64, be root"


def _kernels() -> list[str]:
    """Releases of the kernels that can be read and have their modules, the newest last."""
    names = [path.name.removeprefix("vmlinuz-") for path in Path("/boot").glob("vmlinuz-*")]
    usable = [name for name in names if Path("/lib/modules", name, "modules.dep").is_file()]
    return sorted(usable, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])


class Machine:
    """A virtual machine; use it as a context manager. Leaving it, or the end of this process, stops it."""

    directory: Path
    port: int
    """Of its OpenSSH server, on 127.0.0.1."""

    def __init__(self, name: str, setup: str, files: Mapping[str, str]) -> None:
        """A machine that starts when its context is entered.

        Args:
            name: its host name.
            setup: a script for ``sh -eu`` that prepares it, before anybody can log in; the machine ends where it fails.
            files: name and text of programs that it finds in `FILES`.
        """
        self.name = name
        self._files = {**files, "setup": setup, "init": _INIT.format(name=name), "sshd_config": _SSHD}

    def __enter__(self) -> Self:
        if reason := available():
            raise MissingDependency(reason)
        self.directory = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        try:
            self._prepare()
            self._boot()
        except BaseException:
            shutil.rmtree(self.directory)
            raise
        try:
            self.port = self._forwarded()
            self._write_known_hosts()
            wait_until(self._answers, f"an answer of sshd in {self.name}", START)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop it, as by pulling the plug."""
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.directory)

    @property
    def console(self) -> str:
        """The last lines that its kernel and its first process wrote."""
        path = self.directory / "console"
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        return " / ".join(lines[-10:])

    def entry(self, platform: str, options: Mapping[str, Scalar]) -> Entry:
        """It as a device of an inventory, with deadlines for an emulated processor."""
        directory = self.directory
        return Entry(
            name=self.name,
            platform=platform,
            host="127.0.0.1",
            port=self.port,
            username="root",
            ssh=SshSettings(
                known_hosts=directory / "known_hosts",
                config=directory / "ssh_config",
                identity=directory / "files" / "identity",
                agent=False,
            ),
            timeouts=Timeouts(connect=180.0, command=180.0),
            options=options,
        )

    def _prepare(self) -> None:
        files = self.directory / "files"
        files.mkdir()
        for name, text in self._files.items():
            (files / name).write_text(text)
            (files / name).chmod(0o755)
        for key in ("host_key", "identity"):
            command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(files / key))
        (self.directory / "ssh_config").touch()
        self._release = _kernels()[-1]
        self._make_initrd()

    def _make_initrd(self) -> None:
        root = self.directory / "root"
        for name in ("bin", "dev", "below", "above", "new"):
            (root / name).mkdir(parents=True)
        shutil.copy(shutil.which("busybox") or "busybox", root / "bin" / "busybox")
        shown = command("modprobe", "-S", self._release, "--show-depends", "-a", *_MODULES)
        paths = dict.fromkeys(line.split()[1] for line in shown.splitlines() if line.startswith("insmod "))
        for path in paths:
            shutil.copy(path, root)
        (root / "modules").write_text("\n".join(Path(path).name for path in paths))
        (root / "init").write_text(_INITRD)
        (root / "init").chmod(0o755)
        names = "\0".join(str(path.relative_to(root)) for path in root.rglob("*"))
        pack = ("cpio", "--quiet", "--null", "--create", "--format=newc", "--directory", str(root))
        archive = str(self.directory / "initrd")
        command(*pack, "--file", archive, input=names)

    def _boot(self) -> None:
        shared = "readonly=on,security_model=none,multidevs=remap"
        self._monitor, theirs = socket.socketpair()
        arguments = (
            *("-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "768"),
            *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
            *("-kernel", f"/boot/vmlinuz-{self._release}", "-initrd", str(self.directory / "initrd")),
            *("-append", "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable random.trust_cpu=on"),
            *("-serial", f"file:{self.directory}/console"),
            *("-chardev", f"socket,id=monitor,fd={theirs.fileno()}", "-mon", "chardev=monitor,mode=control"),
            *("-virtfs", f"local,path=/,mount_tag=root,{shared}"),
            *("-virtfs", f"local,path={self.directory}/files,mount_tag=files,{shared}"),
            *("-nic", "user,model=virtio-net-pci,restrict=on,hostfwd=tcp:127.0.0.1:0-:22"),
            *("-device", "virtio-rng-pci"),
        )
        with theirs, (self.directory / "qemu.out").open("wb") as output:
            self._process = subprocess.Popen(
                # Whatever ends this process, no machine is left behind that eats the processor.
                ["setpriv", "--pdeathsig", "KILL", _EMULATOR, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the test, which then stops the machine in order
            )

    def _forwarded(self) -> int:
        """The port of loopback that leads to the machine's port 22: this machine's kernel chose a free one."""
        with self._monitor, self._monitor.makefile("rw") as dialogue:
            self._monitor.settimeout(START)
            dialogue.write(_ASK_PORT)
            dialogue.flush()
            for line in dialogue:
                if found := re.search(r"HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)", line):
                    return int(found[1])
        self._process.wait()
        raise self._ended()

    def _write_known_hosts(self) -> None:
        key = (self.directory / "files" / "host_key.pub").read_text()
        (self.directory / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {key}")

    def _ended(self) -> UsageError:
        said = (self.directory / "qemu.out").read_text(errors="replace").strip()
        return UsageError(f"machine {self.name} ended: {said or self.console}")

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise self._ended()
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False
