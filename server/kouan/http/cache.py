"""Keep answers by the very request that asked for them, while there is room. Knows no queries and no meaning of a request."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from kouan.engine.answer import Spooled

Headers = list[tuple[str, str]]
NO_HEADERS: Headers = []
# What an entry takes besides its bytes and those of its request.
OVERHEAD = 2000


@dataclass(slots=True)
class Variant:
    """An answer in one coding, ready to be sent; a large one stands in a file that all who are sent it share.

    `form` is that of the query, SELECT and the like, and `rows` how many its table has where they were counted; a page has none.
    """

    headers: Headers
    body: bytes
    tag: str
    status: int = 200
    spooled: Spooled | None = None
    form: str = ""
    rows: int | None = None

    @property
    def size(self) -> int:
        """Return how many bytes the answer has, in memory or in a file."""
        return len(self.body) if self.spooled is None else self.spooled.size


@dataclass(slots=True)
class _Kept:
    variant: Variant
    size: int
    was_used: bool = False


class Cache:
    """Answers by request; the least used go first. Any thread may ask it, without a lock: that is what makes it quick."""

    def __init__(self, limit: int, largest: int) -> None:
        """Take the bytes of all answers and of one that are kept at most, those of the requests included."""
        self.limit = limit
        self.largest = largest
        self.version = ""
        # Grows when everything is forgotten: what was asked before then is not kept after it.
        self.epoch = 0
        self.size = 0
        self.hits = 0
        self._changing = threading.Lock()
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def repeated(self, request: Hashable, version: str) -> Variant | None:
        """Return the answer to a request that was seen before, byte for byte, at this version of the data."""
        if version != self.version:
            self._begin(version)
        found = self._kept.get(request)
        if found is None:
            return None
        self.hits += 1
        found.was_used = True
        if found.variant.spooled is None:
            return found.variant
        with self._changing:
            # The file is held for who is sent it, who lets go of it.
            if request not in self._kept:
                return None
            found.variant.spooled.hold()
        return found.variant

    def keep(self, request: Hashable, length: int, variant: Variant, epoch: int) -> None:
        """Keep the answer to a request of so many bytes, made in an epoch, unless it is too large or too old for that."""
        size = OVERHEAD + length + variant.size
        if size > self.largest:
            return
        with self._changing:
            if epoch != self.epoch or request in self._kept:
                return
            if variant.spooled is not None:
                variant.spooled.hold()
            self._kept[request] = _Kept(variant, size)
            self.size += size
            while self.size > self.limit and self._kept:
                oldest, kept = self._kept.popitem(last=False)
                if kept.was_used and len(self._kept) > 1:
                    kept.was_used = False
                    self._kept[oldest] = kept
                    continue
                self.size -= kept.size
                _let_go(kept)

    def _begin(self, version: str) -> None:
        """Forget everything, which was of another version."""
        with self._changing:
            self.version = version
            for kept in self._kept.values():
                _let_go(kept)
            self._kept.clear()
            self.size = 0
            self.epoch += 1


def _let_go(kept: _Kept) -> None:
    if kept.variant.spooled is not None:
        kept.variant.spooled.close()
