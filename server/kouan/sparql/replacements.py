"""Put the replacement of REPLACE as the engine reads it. Knows one call and the text that it stands in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from kouan.sparql.editing import Edit, replace
from kouan.sparql.tree import BuiltInCall, Literal, Node

COMMENT = re.compile(r"#[^\r\n]*")
# What stands for something else in the replacement of REPLACE (XPath Functions, 5.6.4), and a group of its pattern.
STANDS_FOR = re.compile(r"\\([\\$])|\$([0-9]+)")
# The same in steps of REPLACE itself, as the engine reads it: what is escaped is put aside meanwhile.
DOLLAR = (r"\$", "$$$$")
ESCAPED = ((r"\\\\", "\ue000"), (r"\\\$", "\ue001"))
UNESCAPED = (("\ue001", "$$$$"), ("\ue000", "\\"))
GROUP = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]?|\((?!\?)", re.DOTALL)


def replaced(text: str, node: BuiltInCall) -> Iterator[Edit]:
    """Yield what puts a replacement as the engine reads it, to which `$1km` is a group of the name 1km."""
    _, pattern, replacement, *flags = node.arguments
    written = [flag.lexical for flag in flags if isinstance(flag, Literal)]
    if len(written) < len(flags):
        return
    # To flag q all is as it stands (XPath Functions, 5.6.1).
    is_plain = any("q" in flag for flag in written)
    most = sum(found[0] == "(" for found in GROUP.finditer(pattern.lexical)) if isinstance(pattern, Literal) else 9
    if not isinstance(replacement, Literal):
        steps = [DOLLAR] if is_plain else [*ESCAPED, (rf"\$([0-9]{{1,{len(str(most))}}})", "$${${1}}"), *UNESCAPED]
        said = "".join(f", {json.dumps(each)}, {json.dumps(made)})" for each, made in steps)
        at = sign_between(text, pattern, replacement, ",")
        yield Edit(at, at + 1, ", " + "REPLACE(" * len(steps))
        at = sign_between(text, replacement, flags[0], ",") if flags else node.end - 1
        yield Edit(at, at + 1, said + text[at])
        return
    if replacement.language:
        return

    def put(found: re.Match[str]) -> str:
        sign, digits = found.groups()
        if sign:
            return "$$" if sign == "$" else sign
        # As many digits as make the number of a group, or one.
        length = next(
            (size for size in range(min(len(digits), len(str(most))), 1, -1) if int(digits[:size]) <= most), 1
        )
        return f"${{{digits[:length]}}}{digits[length:]}"

    plain = replacement.lexical.replace("$", "$$") if is_plain else STANDS_FOR.sub(put, replacement.lexical)
    if plain != replacement.lexical:
        yield replace(replacement, json.dumps(plain, ensure_ascii=False))


def sign_between(text: str, before: Node, after: Node, sign: str) -> int:
    """Return where a sign between two nodes stands; brackets and comments may stand there too."""
    between = COMMENT.sub(lambda found: " " * len(found[0]), text[before.end : after.start])
    return before.end + between.index(sign)
