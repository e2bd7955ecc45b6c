"""A real access point on the air: hostapd over two radios of the kernel's own (mac80211_hwsim), and a station in range.

They live in a virtual machine, because few kernels carry mac80211. Two configuration files, one per radio, one hostapd:
``wlan0`` transmits in the 2.4 GHz band, ``wlan2`` in the 5 GHz band. The station, wpa_supplicant over ``wlan1``, has a
network namespace of its own, so that what it sends goes over the air. A second hostapd is the RADIUS server.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from netres import registry
from netres.device import Device
from netres.errors import MissingDependency, UsageError
from netres.flow import Exec, Transport
from netres.model.secret import Secret
from netres.testing import vm
from netres.testing.vm import FILES, Machine
from netres.transport import open_transport

STATION: Final = "02:00:00:00:01:00"
"""MAC address of the station: mac80211_hwsim numbers its radios."""
ADDRESS: Final = "10.77.0.1"
"""Of the access point's ``wlan0``; the station has the next one."""
USER, PASSWORD, RADIUS_SECRET = "alice", "wonderland", "between-access-point-and-radius"
"""Whom the RADIUS server at 127.0.0.1 lets in, and what access point and server share."""
OPTIONS: Final = {
    "config": "/etc/hostapd/wlan0.conf /etc/hostapd/wlan2.conf",
    "control": "/run/hostapd",
    "pid": "/run/hostapd.pid",
}
_TOOLS: Final = {"hostapd": "hostapd", "hostapd_cli": "hostapd", "wpa_supplicant": "wpasupplicant", "iw": "iw"}
_REGULATORY: Final = Path("/lib/firmware/regulatory.db")
# The country is set before hostapd asks for it: hostapd waits 5 seconds for an answer that does not come when the
# country does not change.
_SETUP: Final = """\
modprobe mac80211_hwsim radios=3
iw reg set DE
ip netns add station
iw phy phy1 set netns name station
ip -n station address add 10.77.0.2/24 dev wlan1
ip address add 10.77.0.1/24 dev wlan0
hostapd -B /run/netres/radius.conf
/run/netres/access-point
"""
_RADIUS: Final = """\
driver=none
radius_server_clients=/run/netres/radius_clients
eap_server=1
eap_user_file=/run/netres/eap_users
"""
_ACCESS_POINT: Final = """\
#!/bin/sh
set -eu
if [ -e /run/hostapd.pid ]; then
    kill "$(cat /run/hostapd.pid)"
    while [ -e /run/hostapd.pid ]; do sleep 0.1; done
fi
mkdir -p /etc/hostapd
rm -f /etc/hostapd/* /run/hostapd.log
cp /run/netres/wlan0.conf /run/netres/wlan2.conf /etc/hostapd/
chmod 600 /etc/hostapd/*
hostapd -B -P /run/hostapd.pid -f /run/hostapd.log /etc/hostapd/wlan0.conf /etc/hostapd/wlan2.conf
"""
# Comments and a line that no Item has: what a person wrote there must survive.
_WLAN0: Final = """\
# set up by hand
interface=wlan0
driver=nl80211
ctrl_interface=/run/hostapd
country_code=DE
hw_mode=g
channel=1
ieee80211n=1
wmm_enabled=1
beacon_int=100
ssid=before
"""
_WLAN2: Final = """\
interface=wlan2
driver=nl80211
ctrl_interface=/run/hostapd
country_code=DE
hw_mode=a
channel=36
ieee80211n=1
wmm_enabled=1
ssid=before
"""
# What the station does, as a program, so that nothing has to pass through two shells.
_PROGRAM: Final = """\
#!/bin/sh
set -eu
inside() { ip netns exec station "$@"; }
case $1 in
join)
    "$0" leave
    cat >/run/station.conf
    inside wpa_supplicant -B -i wlan1 -c /run/station.conf -P /run/station.pid -f /run/station.log
    ;;
leave)
    if [ -e /run/station.pid ]; then
        wpa_cli -p /run/station -i wlan1 terminate
        while [ -e /run/station.pid ]; do sleep 0.1; done
    fi
    rm -f /run/station.log
    ;;
status) wpa_cli -p /run/station -i wlan1 status ;;
log) cat /run/station.log ;;
ping) inside ping -c 3 -W 5 "$2" ;;
scan)
    ip -n station link set wlan1 up
    for time in 1 2 3; do inside timeout 20 iw dev wlan1 scan freq 2412 2437 2462 5180 5200 flush || true; done
    ;;
esac
"""


def available() -> str | None:
    """Why no access point can be put on the air here, in one line; ``None`` where one can."""
    if reason := vm.available():
        return reason
    missing = [package for tool, package in _TOOLS.items() if shutil.which(tool) is None]
    missing += [] if _REGULATORY.exists() else ["wireless-regdb"]
    names = ", ".join(dict.fromkeys(missing))
    return f"not installed: {names}; install with: scripts/system-packages.sh radio" if missing else None


class Station:
    """What wants to join a wireless LAN."""

    def __init__(self, lab: RadioLab) -> None:
        self._lab = lab

    def join(self, ssid: str, key_mgmt: str = "NONE", passphrase: Secret | None = None) -> None:
        """Forget every network and try to join this one; it goes on trying.

        Args:
            ssid: of the WLAN, hidden or not.
            key_mgmt: what the station is willing to do, in wpa_supplicant's words; with WPA-EAP as user `USER`.
            passphrase: of the WLAN, or of the user.
        """
        network: list[str | Secret] = [f"ssid={ssid.encode().hex()}\nkey_mgmt={key_mgmt}\n"]
        network.append("ieee80211w=2\n" if key_mgmt == "SAE" else "ieee80211w=1\n")
        if key_mgmt == "WPA-EAP":
            network.append(f'eap=PWD\nidentity="{USER}"\n')
        if passphrase is not None:
            network += ["password" if key_mgmt == "WPA-EAP" else "psk", '="', passphrase, '"\n']
        head = (
            "ctrl_interface=/run/station\np2p_disabled=1\nnetwork={\nscan_ssid=1\nscan_freq=2412 2437 2462 5180 5200\n"
        )
        self._program("join", head, *network, "}\n")

    def leave(self) -> None:
        """Leave, and stop trying."""
        self._program("leave")

    def status(self) -> dict[str, str]:
        """What wpa_supplicant says of itself: ``wpa_state=COMPLETED`` when it has joined."""
        return dict(line.split("=", 1) for line in self._program("status").splitlines() if "=" in line)

    def joined(self) -> bool:
        """Whether it is associated and, where the WLAN has keys, both sides have shown that they know them."""
        return self.status().get("wpa_state") == "COMPLETED"

    def log(self) -> str:
        """What wpa_supplicant wrote since it joined."""
        return self._program("log")

    def ping(self) -> str:
        """Three packets to the access point, over the air; how many came back, in ping's words."""
        return next(line for line in self._program("ping", argument=ADDRESS).splitlines() if "received" in line)

    def scan(self) -> str:
        """What is on the air, as ``iw`` shows it in three scans: one misses some. Not while it has joined."""
        return self._program("scan")

    def _program(self, verb: str, *fed: str | Secret, argument: str = "") -> str:
        return self._lab.run(f"{FILES}/station {verb} {argument}".rstrip(), *fed)


class RadioLab:
    """The access point and the station; use it as a context manager. It takes about 10 to 60 seconds to start."""

    device: Device
    """The access point; it shares its SSH session with `run`, because a login is slow on an emulated processor."""

    def __init__(self) -> None:
        files = {
            "access-point": _ACCESS_POINT,
            "wlan0.conf": _WLAN0,
            "wlan2.conf": _WLAN2,
            "station": _PROGRAM,
            "radius.conf": _RADIUS,
            "radius_clients": f"127.0.0.1/32 {RADIUS_SECRET}\n",
            "eap_users": f'"{USER}" PWD "{PASSWORD}"\n',
        }
        self.machine = Machine("ap1", _SETUP, files)
        self.station = Station(self)

    def __enter__(self) -> Self:
        if reason := available():
            raise MissingDependency(reason)
        self.machine.__enter__()
        try:
            entry = self.machine.entry("hostapd", OPTIONS)
            driver = registry.get("hostapd")
            self._transport: Transport = open_transport(entry, driver)
            self.device = Device(entry.name, driver, self._transport, entry.options)
        except BaseException:
            self.machine.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.device.close()
        self.machine.close()

    def reset(self) -> None:
        """The files as at the beginning, and a hostapd that runs on them, anew."""
        self.run(f"{FILES}/access-point")

    def run(self, command: str, *fed: str | Secret) -> str:
        """What a program of the machine prints.

        Raises:
            UsageError: its exit status is not 0.
        """
        reply = self._transport.execute(Exec(command, fed))
        if reply.status:
            raise UsageError(f"{command} ended with status {reply.status}: {reply.text.strip()}")
        return reply.text
