"""Break off a client's connection, so that half an answer does not look like a whole one. Knows sockets, no HTTP.

The server ends a streamed answer well whatever happens in here, and offers no way to end it badly; the client's
address is enough to find its socket among the open files of this process.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import stat
import struct
from pathlib import Path

OPEN_FILES = Path("/proc/self/fd")


def break_off(client: str) -> bool:
    """Return whether the connection with a client, given as host:port, was found and shut."""
    host, _, port = client.rpartition(":")
    wanted = (host.strip("[]"), port)
    for entry in OPEN_FILES.iterdir() if OPEN_FILES.is_dir() else ():
        with contextlib.suppress(OSError, ValueError):
            if not stat.S_ISSOCK(os.fstat(int(entry.name)).st_mode):
                continue
            with socket.socket(fileno=os.dup(int(entry.name))) as connection:
                peer = connection.getpeername()
                if isinstance(peer, tuple) and (str(peer[0]), str(peer[1])) == wanted:
                    _reset(connection)
                    return True
    return False


def _reset(connection: socket.socket) -> None:
    """Reset the connection at once: an end in good order would wait behind what the client does not take."""
    connection.shutdown(socket.SHUT_RD)
    # To connect with nobody dissolves a connection, and tells the other side so (connect(2), AF_UNSPEC).
    nobody = struct.pack("H14x", socket.AF_UNSPEC)
    ctypes.CDLL(None).connect(connection.fileno(), nobody, len(nobody))
