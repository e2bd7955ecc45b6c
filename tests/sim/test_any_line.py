"""Whatever is typed at a command line of elements, tables, profiles or a shell is answered, and changes no more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netres.testing.sim import registry

_WORDS = {
    "oracle_sbc": "configure terminal session-router session-agent sip-interface sip-port media-manager realm-config "
    "hostname identifier realm-id port state enabled options +x (a select no done show exit quit 1 2 y n save-config "
    'verify-config backup-config restore-backup-config running-config cli more disabled "a a" ""',
    "audiocodes_mediant": "configure voip network system proxy-set 0 1 99999 proxy-ip proxy-name a activate exit no do "
    'show running-config full display defaults interface network-if ip-group cli-settings window-height 10 "a a" "',
    "aruba_aos8": "configure terminal wlan ssid-profile a b essid no exit end show configuration pending "
    'running-config vlan 20 ap-group virtual-ap opmode wpa2-aes encrypt enable paging interface ip vrrp 1 "x y" " y n',
    "openwrt": "uci set get add delete rename reorder add_list del_list show export batch changes revert network.lan "
    "network.lan.proto network.@device[0] network.x=interface network.lan.dns=1 network @device[ .. = a.b.c -q -X ; && "
    "|| | > < /tmp/x cat mv rm 2>&1 ' \" \\ $x ` # ubus call list system board {}",
}
"""Of each platform, words that change nothing that runs, whatever their order."""


@pytest.mark.parametrize("platform", _WORDS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_line(platform: str, data: st.DataObject) -> None:
    device = registry.get(platform).make("d1")
    former, files = device.native(), dict(device.files)
    assert device.cli is not None
    session = device.cli()
    if platform in {"oracle_sbc", "audiocodes_mediant"}:
        assert session.line("enable") + session.line(device.password) == ""
    words = st.lists(st.sampled_from(_WORDS[platform].split()), min_size=1, max_size=5).map(" ".join)
    anything = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)
    for line in data.draw(st.lists(words | anything, max_size=15)):
        session.line(line)
        assert session.shown_prompt
        assert session.refusal(line)
        if session.ended:
            break
    session.close()
    if platform == "audiocodes_mediant":  # what is activated runs, and is lost
        device.reboot()
    if platform != "openwrt":  # a shell writes files
        assert dict(device.files) == files
    assert device.native() == former
