"""Write solutions that may hold triple terms as CSV (SPARQL 1.2 Query Results CSV and TSV, section 3), whose quotation marks the engine
leaves as they are. Knows no store."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import chain
from typing import IO, Any

from pyoxigraph import Literal, NamedNode, QuerySolutions, Triple


def write(results: QuerySolutions, output: IO[bytes], *, marked: bool) -> None:
    """Write solutions with a row of names before them, in UTF-8, with a byte order mark where they are to be marked."""
    if marked:
        output.write(codecs.BOM_UTF8)
    line = io.StringIO(newline="")
    rows = csv.writer(line, lineterminator="\r\n")
    for row in chain([[variable.value for variable in results.variables]], (map(_cell, each) for each in results)):
        rows.writerow(row)
        output.write(line.getvalue().encode())
        line.seek(0)
        line.truncate()


def _cell(term: Any) -> str:
    if term is None:
        return ""
    if isinstance(term, Triple):
        return f"<<( {term} )>>"
    return term.value if isinstance(term, NamedNode | Literal) else str(term)
