"""Write an answer as an HTML page that stands for itself, row by row. Knows terms; knows no address of this server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import IO

from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, QuerySolutions, Triple

from kouan.vocabulary import RDF, XSD

Term = NamedNode | BlankNode | Literal | Triple | None

STYLE = """body{font:16px/1.5 system-ui,sans-serif;margin:1.5rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse}th,td{border:1px solid #767676;padding:.3rem .6rem;text-align:left;vertical-align:top}
thead th{background:#eee;position:sticky;top:0}td.number{text-align:right;font-variant-numeric:tabular-nums}
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}thead th{background:#333}a{color:#9cf}}"""
HEAD = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Answer</title>
<style>{STYLE}</style>
</head>
<body>
"""
FOOT = "</body>\n</html>\n"
# What a page has without rows, but for the names of its columns.
FRAME_BYTES = len(HEAD) + len(FOOT) + 100
NUMBERS = {XSD + name for name in ("integer", "decimal", "double", "float", "long", "int", "nonNegativeInteger")}
PLAIN = {XSD + "string", RDF + "langString", RDF + "dirLangString"}


def write_solutions(results: QuerySolutions | QueryBoolean, output: IO[bytes]) -> None:
    """Write the answer to a SELECT as a table, to an ASK as a word."""
    if isinstance(results, QueryBoolean):
        output.write(f"{HEAD}<p>{'true' if results else 'false'}</p>\n{FOOT}".encode())
        return
    _write([variable.value for variable in results.variables], (list(row) for row in results), output)


def write_triples(triples: Iterable[Triple], prefixes: Mapping[str, str], output: IO[bytes]) -> None:
    """Write the answer to a CONSTRUCT as a table of three columns."""
    del prefixes
    _write(["subject", "predicate", "object"], (list(triple) for triple in triples), output)


def _write(names: Sequence[str], rows: Iterable[Sequence[Term]], output: IO[bytes]) -> None:
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    output.write(f"{HEAD}<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n".encode())
    count = 0
    for row in rows:
        count += 1
        output.write(f"<tr>{''.join(_cell(term) for term in row)}</tr>\n".encode())
    output.write(f"</tbody>\n</table>\n<p>{count:,} row{'' if count == 1 else 's'}</p>\n{FOOT}".encode())


def _cell(term: Term) -> str:
    if term is None:
        return "<td></td>"
    if isinstance(term, NamedNode):
        text = escape(term.value)
        # Other schemes, such as javascript:, are shown and lead nowhere.
        linked = term.value.startswith(("http://", "https://"))
        return f'<td><a href="{text}" rel="nofollow">{text}</a></td>' if linked else f"<td>{text}</td>"
    if isinstance(term, Literal):
        datatype = term.datatype.value
        if term.language:
            direction = f' dir="{term.direction.value}"' if term.direction else ""
            return f'<td lang="{escape(term.language)}"{direction}>{escape(term.value)}</td>'
        numeric = ' class="number"' if datatype in NUMBERS else ""
        typed = "" if datatype in PLAIN else f' title="{escape(datatype)}"'
        return f"<td{numeric}{typed}>{escape(term.value)}</td>"
    return f"<td>{escape(str(term))}</td>"
