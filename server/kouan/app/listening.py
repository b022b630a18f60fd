"""Bind the sockets that the HTTP processes of a server take requests from. Knows addresses, no processes.

Each process has one, between which the kernel shares out who connects: from a socket that all share, the quickest takes all
while the others idle. The sockets outlive the processes, so that who connects while one of them ends, or gives way to another,
waits for the next and is not turned away.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from kouan.errors import SettingsError
from kouan.processes.child import OPEN_FILES, uninterrupted
from kouan.settings import Settings

Listeners = tuple[socket.socket, ...]
UNIX = "unix:"
BACKLOG = 1024
# Of struct sockaddr_un in linux/un.h, without the zero at its end.
LONGEST_PATH = 107
# Who has said nothing for so long gives way where connections run out; who shares them out looks so often.
SECONDS_TO_SPEAK = 0.5
SECONDS_BETWEEN_LOOKS = 0.25
# Where the state, the milliseconds since something came, and the bytes that came stand in the kernel's account of a connection
# (struct tcp_info in linux/tcp.h).
TCP_INFO = struct.Struct("=B51xI72xQ")
ESTABLISHED = 1
# Addresses of this machine that the system chooses and nobody is told.
NOBODY: dict[int, Any] = {socket.AF_INET: ("127.0.0.1", 0), socket.AF_INET6: ("::1", 0), socket.AF_UNIX: ""}


def listening(settings: Settings) -> Settings:
    """Return the settings with the address that their host means; raises SettingsError where nobody could listen there.

    What takes long is done after this and before `bound`, so that nobody is told in vain to wait.
    """
    if settings.host.startswith(UNIX):
        path = Path(settings.host.removeprefix(UNIX))
        if len(os.fsencode(path)) > LONGEST_PATH:
            raise SettingsError(
                f"{path} is too long for a socket, whose path has {LONGEST_PATH} bytes at most; choose another."
            )
        if not path.absolute().parent.is_dir():
            raise SettingsError(
                f"There is no folder {path.parent} for a socket; make it, or choose another with --host."
            )
        return settings
    # Addresses of the web have them around those of IPv6.
    settings = replace(settings, host=settings.host.removeprefix("[").removesuffix("]"))
    with _listener(settings) as probe:
        return replace(settings, host=str(probe.getsockname()[0]))


@contextlib.contextmanager
def bound(settings: Settings) -> Iterator[Listeners]:
    """Hold the sockets that have the address, one for each process, and take nobody yet; a file in the file system has one.

    Raises SettingsError where nobody could listen there.
    """
    with contextlib.ExitStack() as stack:
        with uninterrupted():
            first = stack.enter_context(_listener(settings))
            found = [first]
            if first.family == socket.AF_UNIX:
                stack.enter_context(_left_to_nobody(Path(first.getsockname())))
        if first.family != socket.AF_UNIX and settings.workers > 1:
            settings = replace(settings, port=first.getsockname()[1])
            # Nobody else has the address, or this one would not have been had. Who shares it has to say so.
            first.close()
            found = [stack.enter_context(_listener(settings, is_shared=True)) for _ in range(settings.workers)]
        yield tuple(found)


def take(listeners: Listeners) -> None:
    """Take connections from now on; raises SettingsError where another server does at that address."""
    first = listeners[0]
    try:
        if len(listeners) > 1:
            # Two servers that both share out who connects would take from each other: one that does not finds the other.
            with socket.socket(first.family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(first.getsockname())
        for listener in listeners:
            listener.listen(BACKLOG)
    except OSError as error:
        raise SettingsError(
            f"{address_of(listeners)} was taken by another server meanwhile ({error.strerror}); choose another with --port."
        ) from error


def close(listeners: Listeners) -> None:
    """Take nobody any more in this process."""
    for listener in listeners:
        listener.close()


def address_of(listeners: Listeners) -> str:
    """Return where a server listens as a browser takes it, or the path of its file."""
    name = listeners[0].getsockname()
    if isinstance(name, str):
        return UNIX + name
    host = f"[{name[0]}]" if ":" in name[0] else name[0]
    return f"http://{host}:{name[1]}"


def leave(listeners: Listeners) -> None:
    """Take nobody from the sockets in this process any more; who shares them goes on, and who was taken is not touched.

    Whatever holds one of them here, under whichever number, finds one in its place that nobody connects to.
    """
    family = listeners[0].family
    with contextlib.suppress(OSError), socket.socket(family) as silent:
        silent.setblocking(False)
        silent.bind(NOBODY[family])
        silent.listen(1)
        same = {os.fstat(listener.fileno()).st_ino for listener in listeners}
        for number in [int(each.name) for each in OPEN_FILES.iterdir()]:
            with contextlib.suppress(OSError):
                status = os.fstat(number)
                if number != silent.fileno() and stat.S_ISSOCK(status.st_mode) and status.st_ino in same:
                    os.dup2(silent.fileno(), number, inheritable=False)


def keep_room(listeners: Listeners, most: int) -> None:
    """Let no connections that say nothing keep others out, where a process can hold `most`; never returns."""
    while True:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        with contextlib.suppress(OSError):
            make_room(listeners, most)


def make_room(listeners: Listeners, most: int) -> None:
    """Close the connections of this process over which nothing came, where three of four of those that it can hold are taken."""
    name, enough = listeners[0].getsockname(), most * 3 // 4
    numbers = [int(each.name) for each in OPEN_FILES.iterdir()]
    if isinstance(name, str) or len(numbers) < enough:
        return
    silent = {number: is_silent for number in numbers if (is_silent := _is_silent(number, name[1])) is not None}
    if len(silent) < enough:
        return
    for number in [number for number, is_silent in silent.items() if is_silent]:
        with contextlib.suppress(OSError):
            # The number may mean another connection by now; a copy of it goes on to mean the same.
            copy = os.dup(number)
            try:
                if _is_silent(copy, name[1]):
                    _at(copy, lambda connection: connection.shutdown(socket.SHUT_RDWR))
            finally:
                os.close(copy)


def _is_silent(number: int, port: int) -> bool | None:
    """Return whether nothing came over the connection with a number in a while, None where that is none of those at a port."""

    def look(connection: socket.socket) -> bool | None:
        if connection.family not in NOBODY or connection.getsockname()[1:2] != (port,):
            return None
        account = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO.size)
        state, since, came = TCP_INFO.unpack(account)
        return came == 0 and since > SECONDS_TO_SPEAK * 1000 if state == ESTABLISHED else None

    is_silent: bool | None = _at(number, look)
    return is_silent


def _at(number: int, what: Callable[[socket.socket], Any]) -> Any:
    """Return what comes of the socket with a number, which stays open; None where there is none."""
    try:
        connection = socket.socket(fileno=number)
    except OSError:
        return None
    try:
        return what(connection)
    except OSError:
        return None
    finally:
        connection.detach()


def _listener(settings: Settings, *, is_shared: bool = False) -> socket.socket:
    host, port = settings.host, settings.port
    try:
        if host.startswith(UNIX):
            return _in_file_system(Path(host.removeprefix(UNIX)))
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, _, _, address = sorted(found, key=lambda each: each[0] != socket.AF_INET)[0]
        listener = socket.socket(family, kind)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Connections inherit it: the end of an answer would wait 40 ms for what the client says of the part before.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if is_shared:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        place = host if host.startswith(UNIX) else f"{host}:{port}"
        raise SettingsError(
            f"{place} cannot be listened on ({error.strerror or error}); choose another with --port or --host."
        ) from error
    return listener


@contextlib.contextmanager
def _left_to_nobody(path: Path) -> Iterator[None]:
    """Remove the file of a socket at the end, in the process that made it and where it is not another server's by now."""
    made, owner = path.stat().st_ino, os.getpid()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if os.getpid() == owner and path.stat().st_ino == made:
                path.unlink()


def _in_file_system(path: Path) -> socket.socket:
    """Return a socket that is a file, in the place of one that nobody listens at any more."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.stat().st_mode):
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(os.fspath(path)) == 0:
                    raise OSError(98, "Address already in use")
            path.unlink()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.fspath(path))
    return listener
