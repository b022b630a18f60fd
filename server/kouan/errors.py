"""What can go wrong, and whose fault it is. Knows nothing of HTTP beyond the status that each error becomes.

KouanError
|-- SettingsError            a setting cannot be used; the program stops and names it
|-- SourceError              our own files are at fault; file and line shown
|   |-- InvalidData          the data violates a shape; carries the validation report
|   `-- InconsistentData     the data contradicts the ontology; carries the explanation
|-- SnapshotError            a snapshot is missing, damaged or still being built
|-- UnsettledError           the disk failed over a write, and nobody can say whether it stands
`-- RequestError             what a client sent, or what answering it met; message shown to the client
    |-- BadRequest           400, the request breaks the SPARQL protocol
    |   `-- QueryError       400, the query or update is at fault; line and column where known
    |       |-- QuerySyntaxError  400, the text is no SPARQL; line, column and the rule that it breaks
    |       `-- NoEvidence    400, the query is answered, and what its rows rest on cannot be told
    |-- Unauthorized         401, a token is needed
    |-- Forbidden            403, the token or the settings do not allow it
    |-- NotFound             404
    |-- MethodNotAllowed     405
    |-- NotAcceptable        406, lists what there is
    |-- RequestTimeout       408, the request came too slowly
    |-- Conflict             409, somebody else changed the data first
    |-- PreconditionFailed   412, what should not be there is
    |-- TooLarge             413, the answer or the request passed a size limit
    |-- UnsupportedMediaType 415
    |-- RangeNotSatisfiable  416, the part that is asked for is none of the answer
    |-- Refused              422, the write does not pass the shapes; carries the validation report
    |-- TooManyRequests      429, the client has used its share
    |-- HeadersTooLarge      431, the headers are longer than any that are read
    |-- EngineFailure        500, an evaluator died of the query
    |-- Trouble              500, something that we did not foresee, or the server's own data is at fault
    |-- UpdateFailed         500, the update is well written and could not be carried out; nothing was changed
    |-- BadGateway           502, a remote engine or service failed
    |-- Busy                 503, every evaluator is taken
    |-- TooSlow              504, the query passed its deadline
    |-- DataGone             503, the data folder is not what it was; nothing is written any more
    |-- DataReadOnly         503, the data folder cannot be written; what is there is served
    |-- TooMuchMemory        507, the query passed its memory limit
    `-- NoSpace              507, the disk is full; names the folder
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

# What the system says where a process, or all together, may open no file more.
NO_FILES = frozenset({errno.EMFILE, errno.ENFILE})


class KouanError(Exception):
    """Anything that Kouan reports in its own words."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SettingsError(KouanError):
    """A setting cannot be used."""


class SourceError(KouanError):
    """A file of ours is at fault."""

    def __init__(self, message: str, file: Path | None = None, line: int | None = None) -> None:
        place = "" if file is None else f"{file}:{line}: " if line is not None else f"{file}: "
        super().__init__(place + message)
        self.file = file
        self.line = line


class InvalidData(SourceError):
    """The data violates a shape; `report` is the validation report."""

    def __init__(self, message: str, report: Any) -> None:
        super().__init__(message)
        self.report = report


class InconsistentData(SourceError):
    """The data contradicts the ontology; `explanation` says which facts and which axioms."""

    def __init__(self, message: str, explanation: Any = None) -> None:
        super().__init__(message)
        self.explanation = explanation


class SnapshotError(KouanError):
    """A snapshot is missing, damaged or still being built."""


class UnsettledError(KouanError):
    """The disk failed over a write, and nobody can say whether it stands in the log."""


class RequestError(KouanError):
    """What a client sent cannot be answered; becomes a problem document (RFC 9457).

    `extra` holds further members of the problem document, as JSON values.
    """

    status = 400
    title = "Request cannot be answered"

    def __init__(self, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.extra = extra

    @property
    def slug(self) -> str:
        """Return the name of the problem type: `query-error` for QueryError."""
        name = type(self).__name__
        return "".join("-" + c.lower() if c.isupper() else c for c in name).lstrip("-")

    def said(self) -> dict[str, Any]:
        """Return the error as JSON values, for another process to raise."""
        return {"type": type(self).__name__, "message": self.message, "extra": self.extra}


class BadRequest(RequestError):
    """The request breaks the SPARQL 1.1 Protocol."""

    title = "Bad request"


class QueryError(BadRequest):
    """The caller's query or update is at fault; `line` and `column` count from 1."""

    title = "The query cannot be read"

    def __init__(self, message: str, line: int | None = None, column: int | None = None, **extra: Any) -> None:
        place = {} if line is None else {"line": line, "column": column}
        super().__init__(message, **place, **extra)
        self.line = line
        self.column = column


class QuerySyntaxError(QueryError):
    """The text breaks a rule of SPARQL, which the message names; `line` and `column` count from 1."""

    @property
    def slug(self) -> str:
        """Return the name of the problem type, which is that of all that a query is at fault for."""
        return "query-error"


class NoEvidence(QueryError):
    """The query has a form of which it cannot be said what a row rests on; `line` and `column` count from 1."""

    title = "There is no evidence for this query"


class Unauthorized(RequestError):
    """A token is needed."""

    status = 401
    title = "A token is needed"


class Forbidden(RequestError):
    """The token or the settings do not allow it."""

    status = 403
    title = "Not allowed"


class NotFound(RequestError):
    """Nothing stands at this address."""

    status = 404
    title = "Not found"


class MethodNotAllowed(RequestError):
    """The address does not take this method."""

    status = 405
    title = "Method not allowed"


class NotAcceptable(RequestError):
    """No format that the client accepts is to be had; `available` lists what is."""

    status = 406
    title = "No acceptable format"


class RequestTimeout(RequestError):
    """The request came too slowly."""

    status = 408
    title = "The request came too slowly"


class Conflict(RequestError):
    """Somebody else changed the data first."""

    status = 409
    title = "Conflict"


class PreconditionFailed(RequestError):
    """A condition of the request is not met: that something be not there, or be as its client knows it."""

    status = 412
    title = "Precondition failed"


class TooLarge(RequestError):
    """The answer or the request passed a size limit."""

    status = 413
    title = "Too large"


class UnsupportedMediaType(RequestError):
    """The body has a media type that this address does not take."""

    status = 415
    title = "Unsupported media type"


class RangeNotSatisfiable(RequestError):
    """The answer has nothing where a part of it is asked for; `size` is how many bytes it has."""

    status = 416
    title = "Range not satisfiable"


class Refused(RequestError):
    """The write does not pass the shapes; nothing was changed."""

    status = 422
    title = "The write does not pass the shapes"


class TooManyRequests(RequestError):
    """The client has used its share."""

    status = 429
    title = "Too many requests"


class HeadersTooLarge(RequestError):
    """The headers of the request are longer than any that are read."""

    status = 431
    title = "The headers are too large"


class EngineFailure(RequestError):
    """An evaluator died of the query."""

    status = 500
    title = "The evaluator died"


class Trouble(RequestError):
    """The server itself is at fault; says nothing of the inside."""

    status = 500
    title = "Something went wrong here"


class UpdateFailed(RequestError):
    """The update is well written and could not be carried out (SPARQL 1.1 Protocol, section 2.2.4)."""

    status = 500
    title = "The update could not be carried out"


class BadGateway(RequestError):
    """A remote engine or service failed."""

    status = 502
    title = "The remote engine failed"


class Busy(RequestError):
    """Every evaluator is taken."""

    status = 503
    title = "Busy"


class TooSlow(RequestError):
    """The query passed its deadline."""

    status = 504
    title = "The query took too long"


class TooMuchMemory(RequestError):
    """The query passed its memory limit."""

    status = 507
    title = "The query needed too much memory"


class DataGone(RequestError):
    """The folder of the data is not what it was when the server started, so nothing is written any more."""

    status = 503
    title = "The data folder is gone"


class DataReadOnly(RequestError):
    """The folder of the data is on a file system that takes no writes; what is there is served."""

    status = 503
    title = "The data folder is read only"


class NoSpace(RequestError):
    """The disk is full."""

    status = 507
    title = "The disk is full"


def damaged() -> DataGone:
    """Return the error of a store on disk that cannot be read any more."""
    return DataGone(
        "The data on disk is not what it was when it was built; its operator finds more with `kouan doctor`."
    )


def own_fault() -> Trouble:
    """Return the error of data of the server's own that cannot be read, whose reason the log has."""
    return Trouble("The server's own data is at fault; its operator finds the reason in the log.")


def short_of(what: str) -> Busy:
    """Return the error of what the system refuses this server: a process, a thread, a file."""
    return Busy(f"The system gives this server no {what} more at the moment; try again soon.")


def error_said(said: dict[str, Any]) -> RequestError:
    """Return the error that another process said."""
    error: RequestError = globals()[said["type"]](said["message"], **said["extra"])
    return error
