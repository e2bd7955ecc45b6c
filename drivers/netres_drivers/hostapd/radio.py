"""``hw_mode``, ``channel`` and what makes a channel wide: the radio that a file configures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from netres.errors import InvalidConfig
from netres.model import Item, Radio
from netres.model.wireless import Band
from netres_drivers.hostapd.security import Strange, strange
from netres_drivers.hostapd.text import File, Line, Section, text

DEFAULT_BAND: Final[Band] = "2.4ghz"
"""hostapd's default is ``hw_mode=b``."""
_MODE: Final = frozenset({"hw_mode"})
_WIDTH: Final = frozenset(
    {
        "op_class",
        "ieee80211n",
        "ieee80211ac",
        "vht_oper_chwidth",
        "vht_oper_centr_freq_seg0_idx",
        "he_oper_chwidth",
        "he_oper_centr_freq_seg0_idx",
    }
)
_OWNED: Final = _MODE | _WIDTH | {"channel", "country_code"}
RELOADED: Final = ("channel", "ieee80211n", "ieee80211ac", "vht_oper_chwidth", "vht_oper_centr_freq_seg0_idx")
"""Keys that hostapd 2.10 does not take from a file that it reads again; 0 is as good as none."""
_HT40: Final = re.compile(r"\[HT40[+-]\]")
_HW_MODES: Final[dict[str, Band]] = {"b": "2.4ghz", "g": "2.4ghz", "a": "5ghz"}
_WIDTHS: Final = {"131": 20, "132": 40, "133": 80, "134": 160}
"""Global operating classes of 6 GHz (IEEE 802.11-2020, table E-4)."""


def read(file: File) -> Radio:
    """The radio of a file.

    Raises:
        Strange: its lines say what the model cannot.
    """
    whole = file.whole
    mode = whole.get("hw_mode")
    if mode is not None and mode not in _HW_MODES:
        raise strange("hw_mode", whole)
    band = _HW_MODES[mode] if mode else None
    if band == "5ghz" and (whole.get("op_class") or "") in {*_WIDTHS, "135", "136"}:
        band = "6ghz"
    channel = whole.get("channel")
    number = None if channel in {None, "0", "acs_survey"} else _number("channel", whole, 233)
    country = whole.get("country_code")
    if country is not None and not re.fullmatch(r"[A-Z]{2}", country):
        raise strange("country_code", whole)
    width = _width(whole, band)
    return Radio.model_validate(
        {"name": file.radio, "band": band, "channel": number, "width": width, "country": country}
    )


def _number(key: str, section: Section, most: int) -> int:
    value = section.get(key) or ""
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= most:
        raise strange(key, section)
    return int(value)


def _width(whole: Section, band: Band | None) -> int | None:
    if band == "6ghz":
        if (found := _WIDTHS.get(whole.get("op_class") or "")) is None:
            raise strange("op_class", whole)
        return found
    n, ac, ax = (whole.get(f"ieee80211{standard}") == "1" for standard in ("n", "ac", "ax"))
    wide = [whole.get(f"{kind}_oper_chwidth") or "0" for kind, on in (("vht", ac), ("he", ax)) if on]
    if len(set(wide)) > 1 or not set(wide) <= {"0", "1", "2"}:
        raise Strange(*(line.body for line in whole.lines if line.key.endswith("_oper_chwidth")))
    if wide and wide[0] != "0":
        return {"1": 80, "2": 160}[wide[0]]
    if not (n or ac):
        return None
    return 40 if _HT40.search(whole.get("ht_capab") or "") else 20


def owns(line: Line) -> bool:
    """Whether a line is said by the `Radio`, in part at least."""
    return line.key in _OWNED or line.key == "ht_capab"


def beyond(line: Line) -> str:
    """What a line that is said by the `Radio` says beyond it: capabilities other than the width of the channel."""
    rest = _HT40.sub("", str(line.value)) if line.key == "ht_capab" else ""
    return f"ht_capab={rest}" if rest else ""


def written(file: File, before: Radio | None, after: Radio) -> File:
    """The file with another radio; lines of what does not change stay as they are."""
    old = before or Radio(name=file.radio)
    if old.band != after.band:
        modes: dict[Band, str] = {"2.4ghz": "g", "5ghz": "a", "6ghz": "a"}
        file = _with(file, _MODE, [Line.of("hw_mode", modes[after.band])] if after.band else [])
    if old.channel != after.channel:
        file = _with(file, {"channel"}, [Line.of("channel", after.channel)] if after.channel else [])
    if old.country != after.country:
        file = _with(file, {"country_code"}, [Line.of("country_code", after.country)] if after.country else [])
    shape = [(one.width, one.band == "6ghz", one.channel if (one.width or 20) > 20 else None) for one in (old, after)]
    if shape[0] != shape[1]:
        ax = file.whole.get("ieee80211ax") == "1"
        file = _with(file, _WIDTH, list(_width_lines(after, ax)))
        file = _with_ht40(file, _ht40(after))
    return file


def _with(file: File, keys: frozenset[str] | set[str], lines: list[Line]) -> File:
    return _edited(file, lambda line: line.key in keys, lines)


def _edited(file: File, gone: Callable[[Line], bool], lines: list[Line]) -> File:
    first, *others = file.sections
    return File(file.path, (first.with_lines(gone, lines), *(other.with_lines(gone, ()) for other in others)))


def _with_ht40(file: File, token: str) -> File:
    found = [line for line in file.whole.lines if line.key == "ht_capab"]
    rest = beyond(found[-1]).removeprefix("ht_capab=") if found else ""
    new = [Line.of("ht_capab", text(token + rest))] if token or rest else []
    return _with(file, {"ht_capab"}, new)


def _width_lines(radio: Radio, ax: bool) -> Iterator[Line]:
    width = radio.width
    if width is None:
        return
    wide = {80: 1, 160: 2}.get(width, 0)
    center = _center(radio) if wide else 0
    if radio.band == "6ghz":
        yield Line.of("op_class", next(number for number, known in _WIDTHS.items() if known == width))
        if not ax:
            yield Line.of("ieee80211ax", 1)
    else:
        yield Line.of("ieee80211n", 1)
        if wide:
            yield Line.of("ieee80211ac", 1)
            yield Line.of("vht_oper_chwidth", wide)
            yield Line.of("vht_oper_centr_freq_seg0_idx", center)
    if wide and (ax or radio.band == "6ghz"):
        yield Line.of("he_oper_chwidth", wide)
        yield Line.of("he_oper_centr_freq_seg0_idx", center)


def _ht40(radio: Radio) -> str:
    """Where the second channel of a pair is (IEEE 802.11-2020, annex E)."""
    if (radio.width or 20) < 40 or radio.band == "6ghz":
        return ""
    channel = radio.channel or 0
    if (radio.band or DEFAULT_BAND) == "2.4ghz":
        return "[HT40+]" if channel <= 7 else "[HT40-]"
    return "[HT40+]" if (channel - _base(channel)) % 8 == 0 or not channel else "[HT40-]"


def _base(channel: int) -> int:
    return next((first for first in (149, 100, 36) if channel >= first), 1)


def _center(radio: Radio) -> int:
    """Number of the channel in the middle of those that a wide one is made of."""
    channel, channels = radio.channel or 0, (radio.width or 20) // 20
    base = 1 if radio.band == "6ghz" else _base(channel)
    size = 4 * channels
    return base + (channel - base) // size * size + size // 2 - 2


def checker(radios: tuple[str, ...]) -> Callable[[Item], None]:
    """What a device with these radios refuses of an Item; without any, what every device does."""

    def check(item: Item) -> None:
        if not isinstance(item, Radio):
            return
        if radios and item.name not in radios:
            raise InvalidConfig(
                f"no file of hostapd has the radio {item.name}; it has {', '.join(radios)} (option config)"
            )
        for problem in _problems(item):
            raise InvalidConfig(f"{item.key}: {problem}")

    return check


def _problems(radio: Radio) -> Iterator[str]:
    band, channel, width = radio.band or DEFAULT_BAND, radio.channel, radio.width or 20
    allowed: dict[Band, range] = {"2.4ghz": range(1, 15), "5ghz": range(36, 178), "6ghz": range(1, 234)}
    if channel is not None and channel not in allowed[band]:
        yield f"channel {channel} is not in {band}; say band and channel that fit each other"
    if width == 320:
        yield "width 320 needs IEEE 802.11be, which hostapd has from 2.11; choose 160"
    if band == "2.4ghz" and width > 40:
        yield f"width {width} does not fit into 2.4ghz; choose 20 or 40"
    if width > 40 and channel is None:
        yield f"width {width} needs a channel: hostapd wants to know the middle of the wide one"
    base = 1 if band == "6ghz" else _base(channel or 0)
    if width > 20 and channel is not None and band != "2.4ghz" and (channel - base) % 4:
        yield f"channel {channel} is no primary channel of a wide one"
    if band == "6ghz" and radio.width is None:
        yield "a radio in 6ghz needs a width: hostapd wants the operating class"
