"""Write solutions as a spreadsheet (XLSX) with openpyxl, the same bytes each time. Knows the limits of the format."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from typing import IO, Any

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions

from kouan.errors import TooLarge
from kouan.vocabulary import XSD

MOST_ROWS = 1_048_575
MOST_CHARACTERS = 32_767
LARGEST_EXACT = 2**53
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
WRITTEN_AT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
INTEGERS = {XSD + name for name in ("integer", "long", "int", "short", "byte", "nonNegativeInteger")}
REALS = {XSD + name for name in ("decimal", "double", "float")}


def write(results: QuerySolutions | QueryBoolean, output: IO[bytes]) -> None:
    """Write a sheet with a line of names; raises TooLarge past the rows or the characters that the format allows."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    assert isinstance(results, QuerySolutions)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Answer")
    sheet.freeze_panes = "A2"
    heads = [WriteOnlyCell(sheet, variable.value) for variable in results.variables]
    for head in heads:
        head.font = Font(bold=True)
        head.data_type = "s"
    sheet.append(heads)
    for number, row in enumerate(results, 1):
        if number > MOST_ROWS:
            raise TooLarge(f"A sheet holds up to {MOST_ROWS:,} rows; ask for less with LIMIT, or for csv.")
        cells = []
        for term in row:
            value = _value(term)
            cell = WriteOnlyCell(sheet, value)
            if isinstance(value, str):
                # A text that starts with = is no formula.
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    written = io.BytesIO()
    book.save(written)
    _copy_without_times(written, output)


def _value(term: Any) -> Any:
    """Return a term as a number, truth, date or text."""
    if term is None:
        return None
    if not isinstance(term, Literal):
        return _text(term.value if isinstance(term, NamedNode) else str(term))
    datatype = term.datatype.value
    try:
        if datatype in INTEGERS and abs(int(term.value)) <= LARGEST_EXACT:
            return int(term.value)
        if datatype in REALS and abs(float(term.value)) < float("inf"):
            return float(term.value)
        if datatype == XSD + "date":
            return date.fromisoformat(term.value)
        # A sheet knows no time zones.
        if datatype == XSD + "dateTime" and (moment := datetime.fromisoformat(term.value)).tzinfo is None:
            return moment
    except (ValueError, OverflowError):
        return _text(term.value)
    return term.value in {"true", "1"} if datatype == XSD + "boolean" else _text(term.value)


def _text(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise TooLarge(f"A cell of a sheet holds up to {MOST_CHARACTERS:,} characters; ask for csv or json.")
    return FORBIDDEN.sub("\ufffd", text)


def _copy_without_times(written: IO[bytes], output: IO[bytes]) -> None:
    """Copy the parts of the file without the moment that it was written at."""
    copied = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(copied, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = WRITTEN_AT.sub(rb"\g<1>1980-01-01T00:00:00Z", source.read(part))
            target.writestr(zipfile.ZipInfo(part.filename), content, zipfile.ZIP_DEFLATED)
    output.write(copied.getvalue())
