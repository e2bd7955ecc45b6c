"""What a simulated device keeps of what was said to it."""

from __future__ import annotations

from toydevice import toy


def test_a_dialogue_has_bounds() -> None:
    device = toy()
    for number in range(10_500):
        device.operate("cli", str(number), lambda: "x", str)
    assert 5_000 <= len(device.dialogue) <= 10_000
    assert device.dialogue[-1].sent == "10499"
    device.operate("cli", "long", lambda: "x" * 30_000, str)
    assert device.dialogue[-1].answer == "x" * 20_000 + "\n(10000 characters more)"


def test_no_secret_of_the_device_is_in_its_dialogue() -> None:
    device = toy()
    device.operate("cli", f"login {device.password}", lambda: f"token {device.token}", str)
    assert str(device.dialogue[-1]) == "cli> login ********\n    token ********\n"
