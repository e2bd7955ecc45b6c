"""Names of transactions: in the order of time, and unique across machines."""

from __future__ import annotations

import secrets
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A UUID of version 7 (RFC 9562, 5.7), the milliseconds' fraction in the 12 bits after them (6.2, method 3)."""
    global _last  # noqa: PLW0603 - two ids of one process must not have one time
    with _lock:
        _last = max(time.time_ns() * 4096 // 1_000_000, _last + 1)
        milliseconds, fraction = divmod(_last, 4096)
    value = milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))
