"""Find the RDF documents in files, folders and archives, and open them, compressed or not. Knows names and formats, no quads."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import quote

from pyoxigraph import RdfFormat
from zstandard import ZstdError

from kouan.errors import SourceError
from kouan.graph.charsets import in_utf8
from kouan.graph.zstd_reading import zstd_reader

FORMATS = {
    ".ttl": RdfFormat.TURTLE,
    ".turtle": RdfFormat.TURTLE,
    ".n3": RdfFormat.N3,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".rdf": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
}
CODINGS: dict[str, Callable[[Any], Any]] = {
    ".gz": lambda file: gzip.GzipFile(fileobj=file),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
    ".zst": zstd_reader,
}
# How files begin that somebody compressed; none of RDF does.
STARTS = {
    b"\x1f\x8b": ("gzip", ".gz"),
    b"\x28\xb5\x2f\xfd": ("zstd", ".zst"),
    b"\xfd7zXZ\x00": ("xz", ".xz"),
    b"PK\x03\x04": ("zip", ".zip"),
    **{b"BZh%d1AY&SY" % level: ("bzip2", ".bz2") for level in range(1, 10)},
}
LONGEST_START = 10
# How a text begins that is written in UTF-16.
WIDE = (BOM_UTF16_LE, BOM_UTF16_BE)
READ_AT_ONCE = 64 * 1024
# What the libraries raise of files that are damaged, encrypted, coded in a way that they do not know, or not what their names say.
DAMAGES = (
    *(OSError, EOFError, ValueError, RuntimeError),
    *(zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, ZstdError),
)
TAR = ".tar"
SHORT = {".tgz": ".tar.gz", ".tbz2": ".tar.bz2", ".txz": ".tar.xz"}
READABLE = f"{', '.join(FORMATS)}, each also {', '.join(CODINGS)}, or in a .zip or .tar"
# What systems and editors leave beside files, and inside archives.
HIDDEN = ("__MACOSX",)
SHOWN = 20
# Why a file is not read, and why several are not.
NO_FORMAT = ("its name says no RDF format", "their names say no RDF format")
NESTED = ("it is an archive in an archive", "they are archives in an archive")
NOWHERE = ("it leads nowhere", "they lead nowhere")


@dataclass(frozen=True)
class Document:
    """One RDF document: its bytes, its format, the IRI that its relative IRIs are resolved against, and whether an archive holds it."""

    content: IO[bytes]
    format: RdfFormat
    iri: str
    is_member: bool = False


def documents(path: Path, opened: IO[bytes]) -> Iterator[Document]:
    """Yield the documents in a file that was opened: one, or those of an archive.

    Raises SourceError where its name says no format that is read; what is wrong with a file is one of DAMAGES.
    """
    kind, coding = _kind(path.name)
    if kind == ".zip":
        yield from _zipped(path)
        return
    content = _decoded(opened, coding)
    if kind == TAR:
        yield from _archived(path, content)
    elif kind in FORMATS:
        _refuse_compressed(path, coding)
        yield Document(_text(content, FORMATS[kind]), FORMATS[kind], path.absolute().as_uri())
    else:
        raise SourceError(f"its name does not say an RDF format; Kouan reads {READABLE}.", path)


def _refuse_compressed(path: Path, coding: str) -> None:
    """Raise SourceError where a file is compressed and its name does not say so."""
    if coding:
        return
    with path.open("rb") as file:
        begun = file.read(LONGEST_START)
    for start, (name, ending) in STARTS.items():
        if begun.startswith(start):
            raise SourceError(f"it is compressed with {name}; call it {path.name}{ending}.", path)


def files_read_in(folder: Path) -> list[Path]:
    """Return the files in a folder that are read; raises SourceError where there is none."""
    found = [path for path in _files_in(folder) if _is_read(path.name)]
    if not found:
        raise SourceError(f"no RDF file was found; Kouan reads {READABLE}.", folder)
    return found


def paths_of(paths: Iterable[Path]) -> dict[str, Path]:
    """Return the files among some files and folders that are read, by their full names; raises SourceError where there is none."""
    found: dict[str, Path] = {}
    for path in paths:
        full = path.expanduser().resolve()
        if full.is_dir():
            found |= {p.as_posix(): p for p in _files_in(full) if _is_read(p.name)}
        elif full.is_file():
            found[full.as_posix()] = full
        else:
            raise SourceError("there is no such file or folder.", path)
    if not found:
        raise SourceError(f"no RDF file was found; Kouan reads {READABLE}.")
    return found


def left_out(paths: Iterable[Path]) -> str:
    """Return the words that name the files in folders, and in archives, that are not read, and say why; "" where all are."""
    unread: dict[tuple[str, str], list[str]] = {NO_FORMAT: [], NESTED: [], NOWHERE: []}
    for path in paths:
        full = path.expanduser().resolve()
        files = list(_files_in(full)) if full.is_dir() else [full]
        unread[NO_FORMAT] += [p.relative_to(full).as_posix() for p in files if p != full and not _is_read(p.name)]
        unread[NOWHERE] += [p.relative_to(full).as_posix() for p in _shown(full) if not p.exists()]
        for p in files:
            for member in _members(p):
                if not (_is_hidden(member) or _is_document(member)):
                    unread[NESTED if _is_read(member) else NO_FORMAT].append(f"{p.name}/{member}")
    return "; ".join(_told(names, *why) for why, names in unread.items() if names)


def _told(names: list[str], why: str, why_several: str) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return f"not read, as {why if len(names) == 1 else why_several}: {', '.join(names[:SHOWN])}{more}"


def _shown(folder: Path) -> Iterator[Path]:
    return (p for p in sorted(folder.rglob("*")) if not _is_hidden(p.relative_to(folder).as_posix()))


def _files_in(folder: Path) -> Iterator[Path]:
    return (p for p in _shown(folder) if p.is_file())


def _is_hidden(name: str) -> bool:
    return any((part.startswith(".") and part != "..") or part in HIDDEN for part in PurePosixPath(name).parts)


def _is_read(name: str) -> bool:
    return _is_document(name) or _kind(name)[0] in {TAR, ".zip"}


def _is_document(name: str) -> bool:
    return _kind(name)[0] in FORMATS


def _kind(name: str) -> tuple[str, str]:
    """Return the ending that says what a file is, and the one that says how it is compressed, "" where it is not."""
    path = PurePosixPath(name.lower())
    whole = SHORT.get(path.suffix)
    if whole:
        return TAR, whole.removeprefix(TAR)
    return (PurePosixPath(path.stem).suffix, path.suffix) if path.suffix in CODINGS else (path.suffix, "")


def _zipped(path: Path) -> Iterator[Document]:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                with _opened(archive, entry) as content:
                    yield from _member(path, entry.filename, content)


def _opened(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return archive.open(entry)
    except RuntimeError as error:
        # It is encrypted, or compressed in a way that the library does not know.
        raise ValueError(f"{entry.filename}: {error}") from error


def _archived(path: Path, content: IO[bytes]) -> Iterator[Document]:
    with tarfile.open(fileobj=content, mode="r|") as archive:
        for entry in archive:
            member = archive.extractfile(entry) if entry.isfile() else None
            if member is not None:
                yield from _member(path, entry.name, member)


def _member(path: Path, name: str, content: IO[bytes]) -> Iterator[Document]:
    kind, coding = _kind(name)
    if kind in FORMATS and not _is_hidden(name):
        iri = f"{path.absolute().as_uri()}/{quote(os.fsencode(name))}"
        yield Document(_text(_decoded(content, coding), FORMATS[kind]), FORMATS[kind], iri, is_member=True)


def _decoded(content: IO[bytes], coding: str) -> Any:
    return CODINGS[coding](content) if coding else content


def _text(content: Any, written: RdfFormat) -> Any:
    """Return a document in UTF-8 that shows that it is in UTF-16; the reader of XML sees to charsets itself."""
    if written == RdfFormat.RDF_XML:
        return content
    content = io.BufferedReader(content, READ_AT_ONCE)
    return in_utf8(content) if content.peek(LONGEST_START).startswith(WIDE) else content


def _members(path: Path) -> list[str]:
    """Return the names of the files in an archive, none where it is not one or cannot be read."""
    kind, coding = _kind(path.name)
    try:
        if kind == ".zip":
            return [entry.filename for entry in zipfile.ZipFile(path).infolist() if not entry.is_dir()]
        if kind == TAR:
            with path.open("rb") as file, tarfile.open(fileobj=_decoded(file, coding), mode="r|") as archive:
                return [entry.name for entry in archive if entry.isfile()]
    except DAMAGES:
        pass
    return []


def format_of(path: Path) -> RdfFormat:
    """Return the RDF format that the file's name says; raises SourceError where it says none."""
    known = FORMATS.get(path.suffix.lower())
    if known is None:
        raise SourceError(f"its name does not say an RDF format; {', '.join(FORMATS)} do.", path)
    return known
