"""Let no client take more than its share: seconds of queries and errors a minute, and queries at a time. Knows addresses only.

What a client used leaks away at the rate that it may use it, as in Wikidata's query service. The table stands in memory that
all HTTP processes share, made before they are forked; two clients that fall into one place of it share an allowance, which
happens to one in thousands and costs nobody more than a pause.
"""

from __future__ import annotations

import contextlib
import ipaddress
import math
import mmap
import struct
import threading
import time
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from kouan.errors import RequestError, SettingsError, TooManyRequests
from kouan.settings import Settings

WINDOW = 60.0
PLACES = 16_384
# Of an address of IPv6, those that the one who gave it chose; the rest its holder chooses.
BITS_OF_NETWORK = 64
# When a client was last seen, its seconds and its errors; what it asks at the moment follows.
_USED = struct.Struct("ddd")
_RUNNING = struct.Struct("H")
UNMETERED = contextlib.nullcontext()
# These say nothing of how hard a client's queries are.
NO_FAULT = {401, 404, 429, 499, 503}


class Standing(NamedTuple):
    """What a client has used: seconds and errors of the last minute, and queries that run."""

    seconds: float
    errors: float
    running: int


class Allowance(NamedTuple):
    """One limit: its name, what may be used of it in so many seconds (0 is at a time), and what is left."""

    name: str
    quota: int
    window: int
    left: int
    reset: int


class FairUse:
    """What clients used of one server."""

    def __init__(self, settings: Settings) -> None:
        self.seconds, self.errors, self.queries = (
            settings.client_seconds,
            settings.client_errors,
            settings.client_queries,
        )
        self.is_on = bool(self.seconds or self.errors or self.queries)
        self.unmetered = _networks(settings.unmetered)
        self.is_metered = lru_cache(maxsize=4096)(self._is_metered)
        # Each HTTP process counts what it answers at the moment in a column of its own, which whoever follows it there clears;
        # no process writes to another's, or what one takes away another would write back.
        self._running = struct.Struct(f"{max(1, settings.workers)}H")
        self._size = -(-(_USED.size + self._running.size) // _USED.size) * _USED.size
        self._memory = mmap.mmap(-1, PLACES * self._size)
        self._column = _USED.size
        # Requests begin and end in several threads of a process.
        self._lock = threading.Lock()

    def begin(self, number: int) -> None:
        """Start as the HTTP process with a number: nothing runs there."""
        self._column = _USED.size + number * _RUNNING.size
        for place in range(PLACES):
            _RUNNING.pack_into(self._memory, place * self._size + self._column, 0)

    def _is_metered(self, client: str) -> bool:
        """Return whether an address is held to its share; who comes by a socket in the file system is not."""
        if not self.is_on or not client:
            return False
        address = _address(client)
        return address is None or not any(address in network for network in self.unmetered)

    def using(self, client: str) -> contextlib.AbstractContextManager[None]:
        """Run a query of a client, and put it on its account; raises TooManyRequests where it has used its share."""
        return self._metered(client) if self.is_metered(client) else UNMETERED

    @contextlib.contextmanager
    def _metered(self, client: str) -> Iterator[None]:
        place = _place(client)
        self._admit(client)
        self._run(place, 1)
        started, errors = time.monotonic(), 0.0
        try:
            yield
        except RequestError as error:
            errors = 0.0 if error.status in NO_FAULT else 1.0
            raise
        finally:
            self._run(place, -1)
            self._charge(place, time.monotonic() - started, errors)

    def standing(self, client: str) -> Standing:
        """Return what a client has used."""
        at = _place(client) * self._size
        return Standing(*self._leaked(at), sum(self._running.unpack_from(self._memory, at + _USED.size)))

    def allowances(self, client: str) -> list[Allowance]:
        """Return each limit and what a client has left of it."""
        used = self.standing(client)
        found = []
        for name, quota, taken in (("seconds", self.seconds, used.seconds), ("errors", self.errors, used.errors)):
            if quota:
                reset = math.ceil(taken / quota * WINDOW)
                found.append(Allowance(name, int(quota), int(WINDOW), max(0, int(quota - taken)), reset))
        if self.queries:
            found.append(Allowance("queries", self.queries, 0, max(0, self.queries - used.running), 1))
        return found

    def _admit(self, client: str) -> None:
        used = self.standing(client)
        if self.seconds and used.seconds >= self.seconds:
            self._refuse(client, f"queries of {self.seconds:g} seconds a minute", used.seconds, self.seconds)
        if self.errors and used.errors >= self.errors:
            self._refuse(client, f"{self.errors:g} queries a minute that fail", used.errors, self.errors)
        if self.queries and used.running >= self.queries:
            self._refuse(client, f"{self.queries} queries at a time", 0.0, 0.0)

    def _refuse(self, client: str, share: str, used: float, quota: float) -> None:
        # Until a tenth of the share is free again, so that what comes next is not refused at once.
        pause = math.ceil((used - 0.9 * quota) / quota * WINDOW) if quota else 1
        raise TooManyRequests(
            f"One client may have {share}; wait {pause} seconds, and ask for less at a time. /limits shows how you stand.",
            retry_after=pause,
            limits=[each._asdict() for each in self.allowances(client)],
        )

    def _leaked(self, at: int) -> tuple[float, float]:
        seen, seconds, errors = _USED.unpack_from(self._memory, at)
        passed = max(0.0, time.monotonic() - seen) / WINDOW
        return max(0.0, seconds - passed * self.seconds), max(0.0, errors - passed * self.errors)

    def _run(self, place: int, more: int) -> None:
        """Add to what runs in this process."""
        at = place * self._size + self._column
        with self._lock:
            (running,) = _RUNNING.unpack_from(self._memory, at)
            _RUNNING.pack_into(self._memory, at, max(0, running + more))

    def _charge(self, place: int, seconds: float, errors: float) -> None:
        """Add to what was used."""
        before, faults = self._leaked(place * self._size)
        _USED.pack_into(self._memory, place * self._size, time.monotonic(), before + seconds, faults + errors)


@lru_cache(maxsize=4096)
def _place(client: str) -> int:
    """Return the place of a client, which has all addresses of its network where it is one of IPv6: it takes any of them at will."""
    address = _address(client)
    if isinstance(address, ipaddress.IPv6Address):
        client = str(ipaddress.IPv6Network((int(address), BITS_OF_NETWORK), strict=False))
    elif address is not None:
        client = str(address)
    return int.from_bytes(blake2b(client.encode("utf-8", "surrogatepass"), digest_size=4).digest()) % PLACES


def _address(client: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address, of IPv4 where it is one of these that is written as one of IPv6; None where a proxy names none."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _networks(said: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    try:
        return [ipaddress.ip_network(each) for each in said.split()]
    except ValueError as error:
        raise SettingsError(
            f"KOUAN_UNMETERED: {error}; write networks such as 10.0.0.0/8, separated by spaces."
        ) from error
