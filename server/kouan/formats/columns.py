"""Write solutions as typed columns, Parquet or Arrow, with pyarrow. Knows XSD datatypes; holds the whole table meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions

from kouan.formats.values import read_value
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
    """Write an Arrow file, which Feather is too."""
    import pyarrow

    _write_arrow(results, output, pyarrow.ipc.new_file)


def write_arrow_stream(results: QuerySolutions | QueryBoolean, output: IO[bytes]) -> None:
    """Write an Arrow stream."""
    import pyarrow

    _write_arrow(results, output, pyarrow.ipc.new_stream)


def _write_arrow(results: QuerySolutions | QueryBoolean, output: IO[bytes], opened: Callable[..., Any]) -> None:
    import pyarrow

    table = _table(results)
    sink = pyarrow.BufferOutputStream()
    with opened(sink, table.schema) as writer:
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

    column_types = {
        XSD + "boolean": pyarrow.bool_(),
        XSD + "double": pyarrow.float64(),
        XSD + "float": pyarrow.float32(),
        XSD + "date": pyarrow.date32(),
        XSD + "dateTime": pyarrow.timestamp("us", tz="UTC"),
        XSD + "decimal": None,
        **dict.fromkeys(INTEGERS, pyarrow.int64()),
    }
    if kind in column_types:
        try:
            values = [None if term is None else _fitting(read_value(kind, term.value)) for term in terms]
            return pyarrow.array(values, column_types[kind] or _decimal_type(values))
        except (ValueError, ArithmeticError):
            # A lexical form that the type cannot hold: all of the column is text then.
            pass
    texts = [
        None if term is None else term.value if isinstance(term, Literal | NamedNode) else str(term) for term in terms
    ]
    return pyarrow.array(texts, pyarrow.string())


def _fitting(value: Any) -> Any:
    """Return a value as a column holds it, a moment in UTC; raises ValueError for one that no column holds."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            # Without a time zone it is no moment.
            raise ValueError(value)
        return value.astimezone(UTC)
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError(value)
    return value


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
