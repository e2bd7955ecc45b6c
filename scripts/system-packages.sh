#!/usr/bin/env bash
# Installs, with apt, the Debian packages that netres's tests and its demo use, as far as they are missing.
#
# Usage: system-packages.sh [python|radio]   python: only what a virtual environment needs
#                                            radio: also what the tests with a real radio need (a virtual machine)
#
# Needs root, or a sudo that asks no password. Where it may not install, or there is no apt, it says what is missing
# and succeeds: tests and demo tell themselves what they leave out. It fails only where an installation fails.
set -euo pipefail

policy=/usr/sbin/policy-rc.d
wanted=()
python3 -c 'import ensurepip, venv' 2>/dev/null || wanted+=(python3-venv)
if [[ ${1:-} != python ]]; then
    command -v make >/dev/null || wanted+=(make)
    wanted+=(frr frr-pythontools openssh-server nftables iproute2 iputils-ping)
    wanted+=(bird2)                                                                    # router with a timer of its own
    wanted+=(kamailio kamailio-tls-modules rtpengine-daemon sip-tester openssl procps) # SBC
    wanted+=(hostapd snmpd snmp lldpd)                                                 # access point, SNMP
    wanted+=(libsqlite3-mod-spatialite libgdal32)                                      # OpenWISP
    wanted+=(libyang-tools)                                                            # vendor schemas
    wanted+=(postgresql)                                                               # the journal on a server
    wanted+=(chromium)                                                                 # opens the report of a run
fi
if [[ ${1:-} == radio ]]; then
    wanted+=(qemu-system-x86 linux-image-amd64 busybox-static kmod cpio iw wireless-regdb wpasupplicant)
fi

if ! command -v apt-get >/dev/null; then
    echo "system-packages: this is no Debian; install yourself what is missing of: ${wanted[*]}" >&2
    exit 0
fi

missing=()
for package in "${wanted[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
if [[ ${#missing[@]} == 0 ]]; then
    exit 0
fi

as_root=()
if [[ $EUID != 0 ]]; then
    if ! sudo -n true 2>/dev/null; then
        echo "system-packages: not root, so not installed: ${missing[*]}" >&2
        exit 0
    fi
    as_root=(sudo -n)
fi

# What is freshly installed must not start on this machine, now or at its next boot: the tests start their own.
if [[ ! -e $policy ]]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0)
log=$(mktemp)
echo "system-packages: installing ${missing[*]}"
if ! { "${apt[@]}" update && "${apt[@]}" install --yes --no-install-recommends "${missing[@]}"; } </dev/null >"$log" 2>&1; then
    cat "$log" >&2
    echo "system-packages: apt-get failed, see above (whole log: $log)" >&2
    exit 1
fi
rm -f "$log"
if command -v systemctl >/dev/null; then
    for package in "${missing[@]}"; do
        case $package in
            frr | hostapd | kamailio | lldpd | postgresql | rtpengine-daemon | snmpd) service=$package ;;
            bird2) service=bird ;;
            openssh-server) service=ssh ;;
            wpasupplicant) service=wpa_supplicant ;;
            *) continue ;;
        esac
        if systemctl is-enabled --quiet "$service.service" 2>/dev/null; then # hostapd comes masked
            "${as_root[@]}" systemctl disable --quiet "$service.service"
        fi
    done
fi
