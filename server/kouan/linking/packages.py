"""Refuse packages of parts whose XML no parser here reads in time. Knows bytes, no sheets.

A part may unpack to a thousand times its size, and the parser begins anew with every piece that it is fed of one long token:
ten megabytes of a comment take a minute, and nothing ends it meanwhile.
"""

from __future__ import annotations

import re
from zipfile import ZipFile

# A sheet of a million rows and ten columns has less, and programs write no token that is longer than a cell.
LARGEST_PART, LARGEST_PACKAGE = 512_000_000, 1_000_000_000
LONGEST_TOKEN = 1_000_000
LONG_TAG_OR_TEXT = re.compile(rb"<[^<]{%d}" % LONGEST_TOKEN)
# What may hold any sign, by how it begins and ends.
FREE = {b"<!--": b"-->", b"<?": b"?>", b"<![CDATA[": b"]]>"}
BEGINNINGS = re.compile(rb"<!--|<\?|<!\[CDATA\[")


def refuse_endless(package: ZipFile) -> None:
    """Raise ValueError where a part, or all of them, are larger than any table, or a part of XML holds too long a token."""
    parts = package.infolist()
    for part in parts:
        if part.file_size > LARGEST_PART:
            raise ValueError(f"its part {part.filename} unpacks to {part.file_size:,} bytes, more than are read")
    if (size := sum(part.file_size for part in parts)) > LARGEST_PACKAGE:
        raise ValueError(f"it unpacks to {size:,} bytes, more than are read")
    for part in parts:
        # What a DOCTYPE declares may stand for more than it says.
        if part.file_size > LONGEST_TOKEN and part.filename.lower().endswith((".xml", ".rels", ".vml")):
            _refuse_long_tokens(part.filename, package.read(part))


def _refuse_long_tokens(name: str, content: bytes) -> None:
    at = 0
    while begun := BEGINNINGS.search(content, at):
        end = content.find(FREE[begun[0]], begun.end())
        end = len(content) if end < 0 else end
        if end - begun.start() > LONGEST_TOKEN:
            raise ValueError(
                f"its part {name} has a remark or text of {end - begun.start():,} bytes, which no program writes"
            )
        at = end
    if b"<!DOCTYPE" in content:
        raise ValueError(f"its part {name} has a DOCTYPE, which no program writes")
    if LONG_TAG_OR_TEXT.search(content):
        raise ValueError(
            f"its part {name} has a tag or text of more than {LONGEST_TOKEN:,} bytes, which no program writes"
        )
