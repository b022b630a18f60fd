"""Write solutions as typed columns, Parquet or Arrow, with pyarrow. Knows XSD datatypes; holds the whole table meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Any

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions

from kouan.vocabulary import INTEGERS, XSD

LARGEST = 2**63 - 1
MOST_DIGITS = 38


def write_parquet(results: QuerySolutions | QueryBoolean, output: IO[bytes]) -> None:
    """Write a Parquet file."""
    import pyarrow.parquet

    # The file's index stands at its end, so that it is written in one go.
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(_table(results), sink, compression="zstd")
    output.write(sink.getvalue().to_pybytes())


def write_arrow(results: QuerySolutions | QueryBoolean, output: IO[bytes]) -> None:
    """Write an Arrow stream."""
    import pyarrow

    table = _table(results)
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    output.write(sink.getvalue().to_pybytes())


def _table(results: QuerySolutions | QueryBoolean) -> Any:
    import pyarrow

    assert isinstance(results, QuerySolutions)
    names = [variable.value for variable in results.variables]
    values: list[list[Any]] = [[] for _ in names]
    for row in results:
        for column, term in zip(values, row, strict=True):
            column.append(term)
    fields, arrays = [], []
    for name, terms in zip(names, values, strict=True):
        kinds = {_kind(term) for term in terms if term is not None}
        kind = kinds.pop() if len(kinds) == 1 else ""
        array = _array(kind, terms)
        # What a column's values were is kept beside them: an IRI and a string are both text here.
        fields.append(pyarrow.field(name, array.type, metadata={"rdf": kind} if kind else None))
        arrays.append(array)
    return pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields))


def _kind(term: Any) -> str:
    """Return the datatype of a literal, or what else a term is."""
    if isinstance(term, Literal):
        return term.datatype.value
    return "iri" if isinstance(term, NamedNode) else "other"


def _array(kind: str, terms: Sequence[Any]) -> Any:
    """Return a column in the type that holds all its values exactly; text where there is none."""
    import pyarrow

    typed: dict[str, tuple[Any, Callable[[str], Any]]] = {
        XSD + "boolean": (pyarrow.bool_(), lambda text: text in {"true", "1"}),
        XSD + "double": (pyarrow.float64(), float),
        XSD + "float": (pyarrow.float32(), float),
        XSD + "date": (pyarrow.date32(), date.fromisoformat),
        XSD + "dateTime": (pyarrow.timestamp("us", tz="UTC"), _moment),
        XSD + "decimal": (None, Decimal),
    }
    for datatype in INTEGERS:
        typed[datatype] = (pyarrow.int64(), _integer)
    if kind in typed:
        column_type, read = typed[kind]
        try:
            values = [None if term is None else read(term.value) for term in terms]
            return pyarrow.array(values, column_type or _decimal_type(values))
        except (ValueError, ArithmeticError):
            # A lexical form that the type cannot hold: all of the column is text then.
            pass
    texts = [
        None if term is None else term.value if isinstance(term, Literal | NamedNode) else str(term) for term in terms
    ]
    return pyarrow.array(texts, pyarrow.string())


def _integer(text: str) -> int:
    number = int(text)
    if abs(number) > LARGEST:
        raise ValueError(text)
    return number


def _moment(text: str) -> datetime:
    """Return a moment in UTC; raises ValueError for one without a time zone, which is no moment."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


def _decimal_type(values: Sequence[Decimal | None]) -> Any:
    import pyarrow

    before, after = 1, 0
    for value in values:
        if value is not None:
            _, digits, exponent = value.as_tuple()
            assert isinstance(exponent, int)
            after = max(after, -exponent)
            before = max(before, len(digits) + exponent)
    if before + after > MOST_DIGITS:
        raise ValueError("too many digits")
    return pyarrow.decimal128(before + after, after)
