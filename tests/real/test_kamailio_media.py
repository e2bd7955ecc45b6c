"""Media of real calls over a real Kamailio with rtpengine: what arrives is what the policy says."""

from __future__ import annotations

from pathlib import Path

import pytest
from calls import EVERYTHING, apply, trunk

from netres.model import MediaPolicy, SipPeer
from netres.resource import Device
from netres_drivers.kamailio.lab import KamailioLab

pytestmark = pytest.mark.real

SCENARIOS = Path(__file__).parent / "sipp"


@pytest.fixture
def device(sbc: KamailioLab, opened: Device) -> Device:
    sbc.reset()
    return opened


class TestMedia:
    def sdp(self, sbc: KamailioLab, device: Device, policy: MediaPolicy | None, **fields: object) -> list[str]:
        """What arrives at the far end when a caller offers PCMU, PCMA and G729, in the clear, with ICE."""
        named = {"media_policy": policy.name} if policy else {}
        apply(device, *((policy,) if policy else ()), trunk(**named, **fields), EVERYTHING)
        assert sbc.sipp.call("+4912345").successful == 1
        return sbc.sipp.heard(5971)[-1].split("\r\n\r\n")[-1].splitlines()

    def test_codecs_in_the_order_of_preference_and_digits(self, sbc: KamailioLab, device: Device) -> None:
        sdp = self.sdp(sbc, device, MediaPolicy(name="relayed", symmetric_rtp=False), codecs=("G729", "PCMA"))
        media = next(line.split() for line in sdp if line.startswith("m=audio"))
        assert media[2:] == ["RTP/AVP", "18", "8", "101"]
        assert not [line for line in sdp if "candidate" in line]
        assert 30000 <= int(media[1]) < 31000  # the relay's

    def test_srtp_required(self, sbc: KamailioLab, device: Device) -> None:
        sdp = self.sdp(sbc, device, MediaPolicy(name="relayed"), srtp="required")
        assert next(line.split()[2] for line in sdp if line.startswith("m=audio")) == "RTP/SAVP"
        assert [line for line in sdp if line.startswith("a=crypto:")]
        assert not [line for line in sdp if line.startswith("a=fingerprint:")]

    def test_srtp_off(self, sbc: KamailioLab, device: Device) -> None:
        sdp = self.sdp(sbc, device, None, srtp="off")
        assert next(line.split()[2] for line in sdp if line.startswith("m=audio")) == "RTP/AVP"
        assert not [line for line in sdp if line.startswith("a=crypto:")]

    def test_srtp_optional_is_offered_beside_plain_rtp(self, sbc: KamailioLab, device: Device) -> None:
        sdp = self.sdp(sbc, device, None, srtp="optional")
        assert next(line.split()[2] for line in sdp if line.startswith("m=audio")) == "RTP/AVP"
        assert [line for line in sdp if line.startswith("a=crypto:")]

    def test_ice_is_passed_or_offered(self, sbc: KamailioLab, device: Device) -> None:
        caller = "127.0.0.1 16384 typ host"
        passed = self.sdp(sbc, device, MediaPolicy(name="relayed", ice="pass"))
        assert [line for line in passed if line.endswith(caller)]
        offered = self.sdp(sbc, device, MediaPolicy(name="relayed", ice="offer"))
        assert [line for line in offered if line.startswith("a=candidate:") and not line.endswith(caller)]
        assert not [line for line in offered if line.endswith(caller)]

    def test_offers_within_a_call_keep_to_the_policy(self, sbc: KamailioLab, device: Device) -> None:
        """The caller has no SRTP, the far end nothing else; first the one offers its media anew, then the other."""
        sbc.sipp.answer(5976, scenario=SCENARIOS / "offers-far-end.xml")
        peer = SipPeer(host="127.0.0.1", port=5976)
        apply(device, MediaPolicy(name="relayed"), trunk(peer, srtp="required", media_policy="relayed"), EVERYTHING)
        calls = sbc.sipp.calling("+4912345", scenario=SCENARIOS / "offers-caller.xml")
        assert sbc.sipp.called(calls).successful == 1
        offered = [invite.split("\r\n\r\n")[-1] for invite in (*sbc.sipp.heard(5976)[:2], sbc.sipp.heard(5090)[-1])]
        assert ["RTP/SAVP" in sdp for sdp in offered] == [True, True, False]
        assert ["a=crypto:" in sdp for sdp in offered] == [True, True, False]
        assert ["o=caller" in sdp for sdp in offered] == [True, True, False]

    def test_media_that_is_not_relayed_is_left_alone(self, sbc: KamailioLab, device: Device) -> None:
        for policy in (MediaPolicy(name="direct", relay=False), None):
            sdp = self.sdp(sbc, device, policy)
            assert "o=caller 53655765 2353687637 IN IP4 127.0.0.1" in sdp
            assert next(line for line in sdp if line.startswith("m=audio")).endswith("RTP/AVP 0 8 18 101")
