"""Bind the one socket that all HTTP processes of a server take requests from. Knows addresses, no processes.

They share it, so that who connects while one of them ends, or gives way to another, waits for the next and is not turned away.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

from kouan.errors import SettingsError
from kouan.settings import Settings

UNIX = "unix:"
BACKLOG = 1024
# Addresses of this machine that the system chooses and nobody is told.
NOBODY: dict[int, Any] = {socket.AF_INET: ("127.0.0.1", 0), socket.AF_INET6: ("::1", 0), socket.AF_UNIX: ""}


def listening(settings: Settings) -> Settings:
    """Return the settings with the address that their host means; raises SettingsError where nobody could listen there.

    What takes long is done after this and before `bound`, so that nobody is told in vain to wait.
    """
    if settings.host.startswith(UNIX):
        return settings
    with _listener(settings) as probe:
        return replace(settings, host=str(probe.getsockname()[0]))


def bound(settings: Settings) -> socket.socket:
    """Return a socket that has the address and takes nobody yet; raises SettingsError where nobody could listen there."""
    return _listener(settings)


def take(listener: socket.socket) -> None:
    """Take connections from now on; raises SettingsError where another server does at that address."""
    try:
        listener.listen(BACKLOG)
    except OSError as error:
        raise SettingsError(
            f"{address_of(listener)} was taken by another server meanwhile ({error.strerror}); choose another with --port."
        ) from error


def address_of(listener: socket.socket) -> str:
    """Return where a socket listens as a browser takes it, or the path of its file."""
    name = listener.getsockname()
    if isinstance(name, str):
        return UNIX + name
    host = f"[{name[0]}]" if ":" in name[0] else name[0]
    return f"http://{host}:{name[1]}"


def leave(listener: socket.socket) -> None:
    """Take nobody from the socket in this process any more; who shares it goes on, and who was taken is not touched.

    Whatever holds the socket here, under whichever number, finds one in its place that nobody connects to.
    """
    with contextlib.suppress(OSError), socket.socket(listener.family) as silent:
        silent.setblocking(False)
        silent.bind(NOBODY[listener.family])
        silent.listen(1)
        same = os.fstat(listener.fileno())
        for number in [int(each.name) for each in Path("/proc/self/fd").iterdir()]:
            with contextlib.suppress(OSError):
                if number != silent.fileno() and os.path.samestat(os.fstat(number), same):
                    os.dup2(silent.fileno(), number, inheritable=False)


def _listener(settings: Settings) -> socket.socket:
    host, port = settings.host, settings.port
    try:
        if host.startswith(UNIX):
            return _in_file_system(Path(host.removeprefix(UNIX)))
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, _, _, address = sorted(found, key=lambda each: each[0] != socket.AF_INET)[0]
        listener = socket.socket(family, kind)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        place = host if host.startswith(UNIX) else f"{host}:{port}"
        raise SettingsError(
            f"{place} cannot be listened on ({error.strerror}); choose another with --port or --host."
        ) from error
    return listener


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
