"""A way in to a process, for those that were given it and nobody else. Knows sockets, not what is said over them.

It has no name and stands in no folder, so that nothing can remove it and no other program can find it. Whoever knocks makes a
pair of sockets and hands one of the two through; what waits there outlives the process that is to take it.
"""

from __future__ import annotations

import socket

KNOCK = b"k"


class Door:
    """Both sides of a door; made before the processes that share it are forked, each of which keeps one side."""

    def __init__(self) -> None:
        self.inside, self.outside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.inside.setblocking(False)
        self.outside.setblocking(False)

    def fileno(self) -> int:
        """Return the number of the side that connections are taken at, for who waits for one."""
        return self.inside.fileno()

    def accept(self) -> socket.socket:
        """Return the next connection, without waiting; raises OSError where none is there."""
        _, files, _, _ = socket.recv_fds(self.inside, 1, 1)
        if not files:
            raise OSError("nobody knocks")
        return socket.socket(fileno=files[0])

    def connect(self) -> socket.socket:
        """Return a connection that whoever is inside will take; raises OSError where too many wait already."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self.outside, [KNOCK], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
        return ours

    def close(self) -> None:
        """Close both sides in this process."""
        self.inside.close()
        self.outside.close()
