"""What every table that is read from a file has, and what is said of the file to read it. Knows no format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kouan.errors import KouanError


class TableError(KouanError):
    """A table cannot be read or written."""


@dataclass(frozen=True)
class Layout:
    """What a person says of a file; what is not said is found out, and the first row names the columns."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_row: int = 1


AS_FOUND = Layout()


class Table(ABC):
    """Named columns, rows of values, and the file that they came from."""

    columns: list[str]
    rows: list[list[Any]]
    # What a refusal calls the table, and where else in the file its columns may be.
    called = "The table"
    elsewhere = ""
    # What was found out about the file that its reader should know.
    notes: Sequence[str] = ()

    def written(self, text: str) -> str:
        """Return a remark as the file can hold it."""
        return text

    @abstractmethod
    def write(self, names: Sequence[str], added: Sequence[Sequence[Any]], path: Path) -> None:
        """Write the table with the added columns after its own; `added` has a row for each of the table's."""


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what the libraries raise over a file that is damaged, or is none of its kind, into a TableError."""
    try:
        yield
    except TableError:
        raise
    except Exception as error:
        raise TableError(
            f"{path} cannot be read as {path.suffix}; save it anew in the program that made it ({error})."
        ) from error


def library(name: str, kind: str) -> Any:
    """Return a package that only some kinds of tables need; TableError where it is not installed."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise TableError(f"{kind} needs the package {name.split('.')[0]}; run pip install 'kouan[tables]'.") from error
