"""Which release of Kouan this is. Knows nothing else, so that anything may ask."""

from __future__ import annotations

VERSION = "0.1.0"
