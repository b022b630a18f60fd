"""Write solutions as a spreadsheet (XLSX) with XlsxWriter, the same bytes each time. Knows the limits of the format."""

from __future__ import annotations

import re
from datetime import date, datetime
from math import isfinite
from typing import IO, Any

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions

from kouan.errors import TooLarge
from kouan.formats.values import read_number, read_value
from kouan.vocabulary import INTEGERS, REALS

# What a sheet takes that has nothing but names.
FRAME_BYTES = 6_000
MOST_ROWS = 1_048_575
MOST_CHARACTERS = 32_767
LARGEST_EXACT = 2**53
NUMBERS = INTEGERS | REALS
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# Before this day the programs that read sheets count unlike: some a day early, some not at all.
FIRST_DAY = date(1900, 3, 1)
# The same answer is the same bytes, whenever it is written.
MADE = datetime(1980, 1, 1)


def write(results: QuerySolutions | QueryBoolean, output: IO[bytes]) -> None:
    """Write a sheet with a line of names; raises TooLarge past the rows or the characters that the format allows."""
    from xlsxwriter import Workbook

    assert isinstance(results, QuerySolutions)
    # In memory throughout: who writes an answer may open no file.
    book = Workbook(output, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": MADE})
    sheet = book.add_worksheet("Answer")
    sheet.freeze_panes(1, 0)
    bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for column, variable in enumerate(results.variables):
        sheet.write_string(0, column, variable.value, bold)
    for number, row in enumerate(results, 1):
        if number > MOST_ROWS:
            raise TooLarge(f"A sheet holds up to {MOST_ROWS:,} rows; ask for less with LIMIT, or for csv.")
        for column, term in enumerate(row):
            value = _value(term)
            if isinstance(value, bool):
                sheet.write_boolean(number, column, value)
            elif isinstance(value, int | float):
                sheet.write_number(number, column, value)
            elif isinstance(value, datetime):
                sheet.write_datetime(number, column, value, moment)
            elif isinstance(value, date):
                sheet.write_datetime(number, column, value)
            elif value is not None:
                # A text that starts with = is no formula.
                sheet.write_string(number, column, value)
    book.close()


def _value(term: Any) -> Any:
    """Return a term as a number, truth, date or text."""
    if term is None:
        return None
    if not isinstance(term, Literal):
        return _text(term.value if isinstance(term, NamedNode) else str(term))
    datatype = term.datatype.value
    try:
        value = read_number(datatype, term.value) if datatype in NUMBERS else read_value(datatype, term.value)
    except (ValueError, ArithmeticError):
        return _text(term.value)
    if isinstance(value, int) and abs(value) > LARGEST_EXACT:
        return _text(term.value)
    # A sheet knows no infinity and no time zones.
    is_endless = isinstance(value, float) and not isfinite(value)
    is_early = isinstance(value, date) and (value.date() if isinstance(value, datetime) else value) < FIRST_DAY
    return _text(term.value) if is_endless or is_early or getattr(value, "tzinfo", None) else value


def _text(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise TooLarge(f"A cell of a sheet holds up to {MOST_CHARACTERS:,} characters; ask for csv or json.")
    return FORBIDDEN.sub("\ufffd", text)
