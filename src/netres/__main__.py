"""``python -m netres`` is ``netres``."""

from __future__ import annotations

import sys

from netres.cli import main

if __name__ == "__main__":
    sys.exit(main())
