"""A write as it is asked for, and the words for what may come of it. Knows no data and no processes."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from kouan.errors import Busy, Conflict, EngineFailure, TooSlow
from kouan.graph.expansion import Options
from kouan.history.entry import Commit
from kouan.processes.channel import Message, packed
from kouan.writes.change import UNDO, Payload, Write
from kouan.writes.policy import Author

WRITE = b"U"
SURROGATES = "surrogatepass"


def _new_id() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True)
class Request:
    """A write as it is asked for: what, by whom and why, after which version, and whether only to say what it would do.

    Of two with the same id, one is made.
    """

    write: Write
    author: Author
    after: str = ""
    is_dry: bool = False
    reason: bool = False
    id: str = field(default_factory=_new_id)

    def packed(self) -> bytes:
        """Return the request as a frame: its texts, which may be long, stand in the body one after another as they are."""
        write = self.write
        texts = [text.encode("utf-8", SURROGATES) for text in (write.text, *(each.text for each in write.payloads))]
        told = vars(write) | {"text": "", "payloads": [(each.media_type, each.options) for each in write.payloads]}
        said = vars(self) | {"write": told, "author": vars(self.author), "lengths": [len(text) for text in texts]}
        return packed(WRITE, said, b"".join(texts))

    @classmethod
    def unpacked(cls, message: Message) -> Request:
        """Return the request of a frame."""
        said, body, texts = message.said, memoryview(message.body), []
        for length in said.pop("lengths"):
            texts.append(str(body[:length], "utf-8", SURROGATES))
            body = body[length:]
        write = said.pop("write")
        write |= {"using": tuple(write["using"]), "using_named": tuple(write["using_named"]), "text": texts[0]}
        write["payloads"] = tuple(
            Payload(media_type, text, Options(*options))
            for (media_type, options), text in zip(write["payloads"], texts[1:], strict=True)
        )
        return cls(write=Write(**write), author=Author(**said.pop("author")), **said)

    def asked(self) -> str:
        """Return a checksum of what is asked, and by whom, to know it again by."""
        said = json.dumps([vars(self.write), self.author.who], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


def undo(number: int) -> Write:
    """Return the write that takes another one back."""
    return Write(UNDO, str(number))


def record_of(commit: Commit) -> dict[str, Any]:
    """Return what the client of a write is told of it."""
    told = ("before", "version", "added", "removed", "when", "who", "id")
    return {name: getattr(commit, name) for name in told} | {"commit": commit.number}


def changed_since(version: str, now: str) -> Conflict:
    """Return the error of a write that was meant for another version."""
    return Conflict(
        f"The data is at version {now[:12]} and not at {version[:12]} any more; read it again and write what is still right.",
        version=now,
    )


def used_before(commit: Commit | None = None) -> Conflict:
    """Return the error of a write whose id an earlier one has that asked for something else, and changed nothing where none is told."""
    earlier, told = (f"Write {commit.number}", {"commit": commit.number}) if commit else ("An earlier write", {})
    return Conflict(f"{earlier} had the same Idempotency-Key and asked for something else; send another key.", **told)


def too_slow(seconds: float) -> TooSlow:
    """Return the error of a write past its time."""
    return TooSlow(
        f"The write was ended after {seconds:g} seconds and nothing was changed; write less at a time, or ask the operator "
        "to raise KOUAN_WRITE_TIMEOUT.",
        limit="write_timeout",
        seconds=seconds,
    )


def in_the_queue(request: Request, patience: float) -> Busy:
    """Return the error of a write that others kept waiting."""
    return Busy(f"Other writes took more than {patience:g} seconds. {_unknown(request)}", id=request.id)


def unknown(request: Request) -> EngineFailure:
    """Return the error of a write of which nobody can say whether it was made."""
    return EngineFailure(f"The process that keeps the writes ended. {_unknown(request)}", id=request.id)


def _unknown(request: Request) -> str:
    return (
        f"It is not known whether this write was made: ask /history?id={request.id}, or send it again with "
        f"Idempotency-Key: {request.id}, and it is made once."
    )
