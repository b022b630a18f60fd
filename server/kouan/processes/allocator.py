"""Start the server again where the C library has a setting that it reads only at a start. Knows no dataset.

A query allocates some hundred small things and frees them again. With the few that glibc keeps of each size for a
thread, a lookup in pyoxigraph takes 26 µs, and with more of them 22; what it keeps of them is memory of each thread.
"""

from __future__ import annotations

import os
import sys

from kouan.settings import set_variable

TUNABLES = "glibc.malloc.tcache_count=300"


def tune() -> None:
    """Start this process again with the C library's settings, unless somebody set them or it is another library."""
    if _has_glibc() and set_variable("GLIBC_TUNABLES", TUNABLES):
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(sys.executable, sys.orig_argv)


def _has_glibc() -> bool:
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except ValueError:
        return False
