"""Put the snapshots and the histories of a folder into one file while a server serves them, and bring them back.

A snapshot never changes, and neither does a write that was told; so what is copied is the last version that was told when the
copy began, whatever is written meanwhile. Every file is checked by its checksum on its way back, and nothing of what stands is
replaced unasked.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from kouan.errors import KouanError, SnapshotError
from kouan.history.disk import FULL, no_space, to_disk
from kouan.history.journal import FOLDED, Journal
from kouan.release import VERSION
from kouan.settings import Settings
from kouan.snapshot.layout import UNFINISHED, Snapshot, amiss, sweep, unfinished
from kouan.snapshot.pruning import in_use, newest_by_files

CONTENTS = "contents.json"
SNAPSHOTS, JOURNALS = "snapshots", "journal"
VERSIONED = re.compile("[0-9a-f]{64}")
# Of renameat2(2).
AT_FDCWD, RENAME_EXCHANGE = -100, 2
LARGEST_CONTENTS = 64 * 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """What a backup holds: the versions of its snapshots, and the number of writes of its histories."""

    versions: list[str]
    writes: int
    size: int


def back_up(settings: Settings, target: Path) -> Kept:
    """Write the newest snapshot of each dataset and all histories into a file that appears whole or not at all.

    Raises SnapshotError where nothing is there, or what is there does not hold, NoSpace where the disk is full.
    """
    with contextlib.ExitStack() as stack:
        snapshots = newest_by_files(settings)
        for snapshot in snapshots:
            stack.enter_context(in_use(snapshot))
            if fault := amiss(snapshot):
                raise SnapshotError(f"{fault}; a copy would be worth nothing. See `kouan doctor`.")
        files = {f"{SNAPSHOTS}/{name}": path for snapshot in snapshots for name, path in _files_of(snapshot)}
        histories = dict(_histories(settings))
        files |= {f"{JOURNALS}/{name}": path for paths in histories.values() for name, path in paths}
        if not files:
            raise SnapshotError(f"{settings.snapshots} holds nothing to copy; `kouan build` makes a snapshot.")
        begins = f".{target.name}{UNFINISHED}"
        partial = target.with_name(f"{begins}{os.getpid()}")
        try:
            sweep(target.parent, begins)
            digests = {name: _digest(path) for name, path in sorted(files.items())}
            said = {"kouan": VERSION, "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "files": digests}
            with partial.open("xb") as file, tarfile.open(fileobj=file, mode="w") as archive:
                # A file system without locks keeps what is left of who was killed.
                with contextlib.suppress(OSError):
                    fcntl.flock(file, fcntl.LOCK_EX)
                _add(archive, CONTENTS, json.dumps(said, indent=1).encode())
                for name, path in sorted(files.items()):
                    archive.add(path, name, recursive=False, filter=_plain)
            to_disk(partial)
            partial.replace(target)
            to_disk(target.parent)
        except OSError as error:
            raise _failed(target, error) from error
        finally:
            partial.unlink(missing_ok=True)
        writes = sum(number for _, number in histories)
        return Kept([snapshot.version for snapshot in snapshots], writes, target.stat().st_size)


def restore(settings: Settings, source: Path, *, over: bool = False) -> Kept:
    """Bring back what a backup holds; a history that stands is moved aside where `over` says so, else refused.

    Raises SnapshotError where the file is no whole backup, where a server writes to a history, or where another one stands.
    """
    try:
        with tarfile.open(source, "r:") as archive, unfinished(settings.snapshots) as folder:
            for name, digest in _contents(archive, source).items():
                _extract(archive, name, digest, folder, source)
            versions = sorted(path.name for path in (folder / SNAPSHOTS).glob("*"))
            for version in versions:
                if fault := _amiss(folder / SNAPSHOTS / version):
                    raise SnapshotError(f"{source} holds a snapshot that is not whole: {fault}.")
            writes = 0
            for each in sorted((folder / JOURNALS).glob("*")):
                chain = Journal(each).check()
                if chain.fault:
                    raise SnapshotError(f"{source} holds a history that does not hold: {chain.fault}")
                writes += chain.number
            _place_histories(folder / JOURNALS, settings, over=over)
            for version in versions:
                final = settings.snapshots / version
                if not final.exists():
                    (folder / SNAPSHOTS / version).rename(final)
            to_disk(settings.snapshots)
            return Kept(versions, writes, source.stat().st_size)
    except (tarfile.TarError, EOFError) as error:
        raise SnapshotError(f"{source} is no backup that can be read ({error}).") from error
    except OSError as error:
        raise _failed(source, error) from error


def _place_histories(folder: Path, settings: Settings, *, over: bool) -> None:
    """Move histories to where they belong; all are looked at before the first is moved."""
    with contextlib.ExitStack() as stack:
        # They may stand on another disk than the snapshots do.
        beside = stack.enter_context(unfinished(settings.journals, "KOUAN_JOURNAL"))
        moves: list[tuple[Path, Path]] = []
        for each in sorted(folder.glob("*")):
            final = settings.journals / each.name
            if _digests(final) == _digests(each):
                continue
            if _digests(final) and not over:
                raise SnapshotError(
                    f"{final} holds another history than the backup; say --overwrite to move it aside and put the "
                    "backup's in its place."
                )
            shutil.copytree(each, beside / each.name)
            for path in [*(beside / each.name).iterdir(), beside / each.name]:
                to_disk(path)
            moves.append((beside / each.name, final))
        for _, final in moves:
            stack.enter_context(Journal(final).held())
        for each, final in moves:
            if _digests(final):
                _keep(final, beside)
            if final.exists():
                exchange(each, final)
            else:
                each.rename(final)
        to_disk(settings.journals)
        for each in folder.glob("*"):
            # What was written since the backup is not missed.
            Journal(settings.journals / each.name, settings.snapshots).tell_anew()


def _keep(history: Path, beside: Path) -> None:
    """Put a history aside: whoever is killed meanwhile leaves it where it stands too, and its files are never written to.

    It is copied in a folder of which nothing stays.
    """
    aside = history.with_name(f"{history.name}.before-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    shutil.copytree(history, beside / aside.name).rename(aside)


def exchange(one: Path, other: Path) -> None:
    """Let two folders of a file system change places; at no moment is nothing at either of them, where the system can do that."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2") or library.renameat2(
        AT_FDCWD, os.fsencode(one.absolute()), AT_FDCWD, os.fsencode(other.absolute()), RENAME_EXCHANGE
    ):
        away = Path(tempfile.mkdtemp(dir=one.parent))
        other.rename(away / other.name)
        one.rename(other)
        (away / other.name).rename(one)
        away.rmdir()


def _files_of(snapshot: Snapshot) -> Iterator[tuple[str, Path]]:
    for path in sorted(snapshot.folder.rglob("*")):
        if path.is_file():
            yield f"{snapshot.folder.name}/{path.relative_to(snapshot.folder).as_posix()}", path


def _histories(settings: Settings) -> Iterator[tuple[tuple[str, int], list[tuple[str, Path]]]]:
    """Yield the name and the last number of each history with the files of its writes up to there."""
    folders = sorted(settings.journals.glob("*")) if settings.journals.is_dir() else []
    for folder in folders:
        if not folder.is_dir() or ".before-" in folder.name:
            continue
        journal = Journal(folder)
        chain = journal.check()
        if chain.fault:
            raise SnapshotError(f"{chain.fault} A copy would be worth nothing; see `kouan doctor`.")
        paths = [folder / FOLDED] if (folder / FOLDED).exists() else []
        paths += [journal.path(number) for number in journal.numbers() if number <= chain.number]
        if paths:
            yield (folder.name, chain.number), [(f"{folder.name}/{path.name}", path) for path in paths]


def _amiss(folder: Path) -> str:
    try:
        return amiss(Snapshot.read(folder))
    except SnapshotError:
        return f"{folder.name} has no description that can be read"


def _contents(archive: tarfile.TarFile, source: Path) -> dict[str, str]:
    """Return the checksums of a backup's files by their names."""
    content = _content(archive, CONTENTS, LARGEST_CONTENTS)
    if content is None:
        raise SnapshotError(f"{source} is no backup of Kouan: it does not begin with {CONTENTS}.")
    try:
        files: dict[str, str] = json.loads(content.read())["files"]
        is_good = all(_is_name(name) and isinstance(digest, str) for name, digest in files.items())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SnapshotError(f"{source} is no backup of Kouan: {CONTENTS} cannot be read.") from error
    if not files:
        raise SnapshotError(f"{source} holds nothing to bring back.")
    if not is_good:
        raise SnapshotError(f"{source} names a file that no backup of Kouan has; nothing was brought back.")
    return files


def _is_name(name: str) -> bool:
    parts = PurePosixPath(name).parts
    if len(parts) < 3 or {"..", "."} & set(parts) or not name.isprintable():
        return False
    # Beside the snapshots stand folders of other names.
    return parts[0] == JOURNALS or (parts[0] == SNAPSHOTS and VERSIONED.fullmatch(parts[1]) is not None)


def _content(archive: tarfile.TarFile, name: str, most: int = sys.maxsize) -> IO[bytes] | None:
    """Return what the next member holds; None where it is another one, or no plain file.

    A link leads elsewhere, and a file with holes unfolds to any size.
    """
    member = archive.next()
    if member is None or not member.isreg() or member.issparse() or member.name != name or member.size > most:
        return None
    return archive.extractfile(member)


def _extract(archive: tarfile.TarFile, name: str, digest: str, folder: Path, source: Path) -> None:
    content = _content(archive, name)
    if content is None:
        raise SnapshotError(f"{source} is cut short or was altered: {name} is missing; nothing was brought back.")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        shutil.copyfileobj(content, file)
    if _digest(path) != digest:
        raise SnapshotError(f"{source} was altered: {name} is not as it was copied; nothing was brought back.")
    to_disk(path)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return a member that says nothing of this machine."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o644
    return member


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mtime = int(time.time())
    archive.addfile(_plain(member), io.BytesIO(content))


def _digests(folder: Path) -> dict[str, str]:
    """Return the checksums of a history's files."""
    names = [*folder.glob("*.rdfp")] if folder.is_dir() else []
    return {path.name: _digest(path) for path in names}


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _failed(path: Path, error: OSError) -> KouanError:
    if error.errno in FULL:
        return no_space(path.parent)
    return SnapshotError(f"{error.filename or path}: {error.strerror or error}.")
