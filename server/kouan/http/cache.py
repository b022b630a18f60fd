"""Keep answers while there is room for them, in every coding that was asked for. Knows no queries and no requests."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

Headers = list[tuple[str, str]]
OVERHEAD = 1500


@dataclass(slots=True)
class Variant:
    """An answer in one coding, ready to be sent."""

    headers: Headers
    body: bytes
    tag: str


@dataclass(slots=True)
class Kept:
    """An answer that is kept, its codings and the requests that were seen to ask for it."""

    variants: dict[str, Variant]
    requests: list[Hashable] = field(default_factory=list)
    size: int = 0
    was_used: bool = False


class Cache:
    """Answers by what they are, and by the very request that asked for them; the least used go first.

    Any thread may ask it.
    """

    def __init__(self, limit: int, largest: int) -> None:
        """Take the bytes of all answers and of one that are kept at most."""
        self.limit = limit
        self.largest = largest
        # Grows when everything is forgotten: what was made before then is not kept after it.
        self.epoch = 0
        self._changing = threading.RLock()
        self.size = 0
        self.hits = 0
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        # Found without looking into the request: what makes a repeated request cheap.
        self._by_request: dict[Hashable, tuple[Variant, Kept]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def repeated(self, request: Hashable) -> Variant | None:
        """Return the answer to a request that was seen before, byte for byte."""
        found = self._by_request.get(request)
        if found is None:
            return None
        self.hits += 1
        found[1].was_used = True
        return found[0]

    def find(self, key: str) -> Kept | None:
        """Return the answer of a key."""
        kept = self._kept.get(key)
        if kept is not None:
            self.hits += 1
            kept.was_used = True
        return kept

    def keep(self, key: str, variant: Variant, epoch: int) -> Kept | None:
        """Return an answer of an epoch as it is kept now, or None where it is too large or too old for that."""
        size = OVERHEAD + len(variant.body)
        if size > self.largest:
            return None
        with self._changing:
            if epoch != self.epoch:
                return None
            kept = self._kept.get(key)
            if kept is None:
                kept = self._kept[key] = Kept({"": variant})
                self._grow(kept, size)
        return kept

    def add_variant(self, key: str, coding: str, variant: Variant) -> None:
        """Keep one more coding of an answer that is still kept."""
        with self._changing:
            kept = self._kept.get(key)
            if kept is not None and coding not in kept.variants:
                kept.variants[coding] = variant
                self._grow(kept, len(variant.body))

    def remember(self, request: Hashable, length: int, key: str, variant: Variant, epoch: int) -> None:
        """Let a request of so many bytes find its answer of an epoch at once when it comes again."""
        with self._changing:
            kept = self._kept.get(key)
            if kept is not None and request not in self._by_request and epoch == self.epoch:
                self._by_request[request] = (variant, kept)
                kept.requests.append(request)
                self._grow(kept, length + 300)

    def clear(self) -> None:
        """Forget everything."""
        with self._changing:
            self._kept.clear()
            self._by_request.clear()
            self.size = 0
            self.epoch += 1

    def _grow(self, kept: Kept, size: int) -> None:
        kept.size += size
        self.size += size
        self._make_room()

    def _make_room(self) -> None:
        while self.size > self.limit and self._kept:
            key, kept = self._kept.popitem(last=False)
            if kept.was_used and len(self._kept) > 1:
                kept.was_used = False
                self._kept[key] = kept
                continue
            self.size -= kept.size
            for request in kept.requests:
                self._by_request.pop(request, None)
