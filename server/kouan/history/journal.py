"""The log of a dataset's versions: a file for each write, in order, each bound to the one before it. Knows files, no store.

A write is made when its file has its name: before that nothing happened, and after it everybody reads it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from kouan.errors import DataGone, KouanError, SnapshotError, SourceError, UnsettledError
from kouan.history.disk import take_name, text_of, to_disk, unwritable
from kouan.history.entry import Commit, Entry, checksum_of, commit_of
from kouan.history.patch import Patch, joined
from kouan.settings import Settings

SUFFIX = ".rdfp"
FOLDED = "folded.rdfp"
HEAD = "head.json"
# Beside the snapshots, for the journal may stand on another disk, which is not there one day.
NOTED = ".told"
OWN = "kouan"


@dataclass(frozen=True)
class Chain:
    """The writes of a journal as far as each follows from the one before: the last of them, its checksum and its version.

    `base` tells the files that it was made on from others.
    `fault` says what is amiss with the first that does not, or is "" where all do.
    """

    number: int = 0
    checksum: str = ""
    version: str = ""
    base: str = ""
    fault: str = ""


class Journal:
    """The writes of one dataset, numbered from 1; the oldest may have been folded into one."""

    def __init__(self, folder: Path, snapshots: Path | None = None) -> None:
        """Take its folder, and that of the snapshots, where it is noted too that there were writes."""
        self.folder = folder
        digest = hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:16]
        self.noted = [folder / HEAD, *([snapshots / NOTED / f"{digest}.json"] if snapshots else [])]
        self._commits: dict[int, Commit] = {}

    def path(self, number: int) -> Path:
        """Return the file of a write."""
        return self.folder / f"{number:06}{SUFFIX}"

    def numbers(self) -> list[int]:
        """Return the numbers of the writes whose files are there, in order."""
        try:
            names = [path.name for path in self.folder.iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SnapshotError(f"{self.folder} cannot be read ({error.strerror}).") from error
        said = (name.removesuffix(SUFFIX) for name in names)
        return sorted(int(each) for each in said if each.isascii() and each.isdigit())

    def folded(self) -> Entry | None:
        """Return the writes before the first that is kept for itself, as one; raises SourceError where it is damaged."""
        path = self.folder / FOLDED
        return Entry.parse(text_of(path), str(path)) if path.is_file() else None

    def text(self, number: int) -> str:
        """Return the text of a write; raises SnapshotError where there is none, SourceError where it is damaged."""
        text = self._content(number)
        checksum_of(text, str(self.path(number)))
        return text

    def _content(self, number: int) -> str:
        if not self.path(number).is_file():
            raise SnapshotError(f"There is no write number {number}; `kouan history` lists those that there are.")
        return text_of(self.path(number))

    def entry(self, number: int) -> Entry:
        """Return a write; raises SnapshotError where there is none, SourceError where it is damaged."""
        found = Entry.parse(self._content(number), str(self.path(number)))
        if found.commit.number != number:
            raise SourceError(f"{self.path(number)} holds write {found.commit.number}.")
        return found

    def checksum(self, number: int) -> str:
        """Return the checksum of a write, which the next one names; raises as `entry` does."""
        return checksum_of(self.text(number), str(self.path(number)))

    def commit(self, number: int) -> Commit:
        """Return what is recorded of a write, which is read once; raises as `entry` does."""
        if number not in self._commits:
            self._commits[number] = commit_of(self._content(number), str(self.path(number)))
        return self._commits[number]

    def commits(self) -> list[Commit]:
        """Return what is recorded of each write, in order; raises SourceError where one is damaged."""
        return [self.commit(number) for number in self.numbers()]

    def written(self, upto: int) -> Patch:
        """Return what all writes up to a number made together; raises SourceError where one is damaged."""
        folded = self.folded()
        first = folded.commit.number + 1 if folded else 1
        return joined([*([folded.written] if folded else []), *(self.entry(n).written for n in range(first, upto + 1))])

    def check(self) -> Chain:
        """Return how far the writes follow from each other, after every file was read whole; others may write meanwhile."""
        # Read before the files are listed: what is written from now on is told, and is not among them.
        told = self._told()
        path = self.folder / FOLDED
        try:
            folded = self.folded()
        except SourceError as error:
            return Chain(fault=error.message)
        last = Chain()
        if folded:
            # It stands for the last write that it holds, whose checksum the next one names.
            last = Chain(folded.commit.number, folded.commit.previous, folded.commit.version, folded.commit.base)
        numbers = [number for number in self.numbers() if number > last.number]
        for number in numbers:
            path = self.path(number)
            if number != last.number + 1:
                return _broken(last, f"{self.path(last.number + 1)}: write {last.number + 1} is missing")
            try:
                text = text_of(path)
                checksum = checksum_of(text, str(path))
                commit = self._commits[number] = commit_of(text, str(path))
            except SourceError as error:
                return _broken(last, f"write {number}: {error.message.rstrip('.')}")
            if commit.number != number:
                return _broken(last, f"{path}: write {commit.number} stands in the place of write {number}")
            if commit.previous != last.checksum:
                return _broken(last, f"{path}: write {number} was not made after write {last.number} as it stands")
            if last.number and commit.before != last.version and commit.base == last.base:
                return _broken(
                    last, f"{path}: write {number} was made on another version than write {last.number} led to"
                )
            last = Chain(number, checksum, commit.version, commit.base)
        if told > last.number:
            by = max(self.noted, key=_number_in)
            return _broken(
                last,
                f"{self.path(last.number + 1)}: write {last.number + 1} is missing, and so is all to {told}; whoever wants to go "
                f"on without removes {by}",
            )
        return last

    def append(self, entry: Entry, text: str = "") -> str:
        """Record a write and return its checksum; whole or not at all, whatever dies. `text` is what it was read from.

        Raises NoSpace where the disk is full, DataReadOnly where it takes no writes, DataGone where the folder is not what it
        was, SnapshotError where it cannot be written or another process wrote there, UnsettledError where it may or may not stand.
        """
        path, parsed = self.path(entry.commit.number), text
        text = text or entry.text()
        unfinished = path.with_suffix(f".unfinished-{os.getpid()}")
        try:
            unfinished.write_bytes(text.encode("utf-8"))
            to_disk(unfinished)
            if text_of(unfinished) != text or not (parsed or Entry.parse(text, unfinished.name).text() == text):
                raise SourceError(f"{unfinished} does not hold what was written to it; see to the disk.")
            take_name(unfinished, path)
            try:
                to_disk(self.folder)
            except OSError as error:
                self._take_back(path, error)
                raise
        except FileExistsError as error:
            raise SnapshotError(f"{path} is there already: another process writes to {self.folder}.") from error
        except OSError as error:
            raise unwritable(self.folder, error) from error
        finally:
            with contextlib.suppress(OSError):
                unfinished.unlink()
        self._commits[entry.commit.number] = entry.commit
        self._tell(entry.commit.number)
        return checksum_of(text, str(path))

    def _take_back(self, path: Path, error: OSError) -> None:
        """Take the name of a file again that may not last: what is told as not made is not to be found in the log."""
        try:
            path.unlink()
        except OSError as failed:
            raise UnsettledError(
                f"{path} could be neither written to the disk ({error.strerror}) nor removed ({failed.strerror}); see to the disk."
            ) from failed

    def fold(self, upto: int) -> None:
        """Put all writes up to a number into one file, and remove theirs; they cannot be reverted any more."""
        last = self.entry(upto)
        commit = Commit(**(vars(last.commit) | {"previous": self.checksum(upto)}))
        text = Entry(commit, self.written(upto)).text()
        unfinished = self.folder / f"{FOLDED}.unfinished"
        try:
            unfinished.write_text(text, encoding="utf-8", newline="")
            Entry.parse(text_of(unfinished), unfinished.name)
            to_disk(unfinished)
            unfinished.replace(self.folder / FOLDED)
            to_disk(self.folder)
        except OSError as error:
            raise unwritable(self.folder, error) from error
        for number in self.numbers():
            if number <= upto:
                self.path(number).unlink()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the journal for writing; raises SnapshotError where another process does, DataReadOnly where nobody could.

        The lock belongs to this process alone: none that is forked from it keeps it, and it goes when this one goes.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self.folder, error) from error
        with self._lock(".lock") as taken:
            if not taken:
                raise SnapshotError(
                    f"Another server writes to {self.folder}; end it, or set KOUAN_JOURNAL to another folder."
                )
            yield

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one process that appends to what is held, after the one before has ended.

        Raises SnapshotError where what that one left cannot be made durable, so that nobody is told that it stands.
        """
        with self._lock(".writing", wait=True):
            try:
                to_disk(self.folder)
            except OSError as error:
                raise unwritable(self.folder, error) from error
            # Whoever was killed over one of these has no use for it any more.
            for left in self.folder.glob("*.unfinished*"):
                with contextlib.suppress(OSError):
                    left.unlink()
            yield

    @contextlib.contextmanager
    def _lock(self, name: str, *, wait: bool = False) -> Iterator[bool]:
        try:
            lock = (self.folder / name).open("w", encoding="utf-8")
        except OSError as error:
            raise unwritable(self.folder, error) from error
        with lock:
            try:
                fcntl.lockf(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except OSError as error:
                if error.errno not in {errno.EACCES, errno.EAGAIN}:
                    raise unwritable(self.folder, error) from error
                yield False
                return
            yield True

    def _tell(self, number: int) -> None:
        """Note which write was told last, so that it is missed where its file or the whole folder is gone; it may lag behind."""
        for noted in self.noted:
            with contextlib.suppress(OSError):
                noted.parent.mkdir(exist_ok=True)
                unfinished = noted.with_suffix(f".unfinished-{os.getpid()}")
                unfinished.write_text(json.dumps({"number": number}), encoding="utf-8")
                unfinished.replace(noted)

    def _told(self) -> int:
        return max(map(_number_in, self.noted))

    def tell_anew(self) -> None:
        """Note the last write that there is, whatever was noted of writes that are there no more; raises SourceError."""
        for noted in self.noted:
            noted.unlink(missing_ok=True)
        if number := self.check().number:
            self._tell(number)


class Place:
    """A folder as it stood when it was first looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen = self._identity()

    def require(self) -> None:
        """Raise DataGone where another folder stands there now, or none."""
        if self._seen is None or self._identity() != self._seen:
            raise DataGone(
                f"The folder {self.folder} was removed or replaced while the server ran, so nothing can be written any "
                "more; put it back or start the server anew.",
                folder=str(self.folder),
            )

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self.folder.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino


def _number_in(noted: Path) -> int:
    try:
        return int(json.loads(text_of(noted))["number"])
    except (KouanError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return 0


def _broken(last: Chain, fault: str) -> Chain:
    return replace(last, fault=fault + ".")


def own_journal(settings: Settings) -> Journal:
    """Return the journal of the graph of the home folder."""
    return Journal(settings.journals / OWN, settings.snapshots)


def foreign_journal(names: Iterable[str], settings: Settings) -> Journal:
    """Return the journal of other people's files, known by their names."""
    digest = hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]
    return Journal(settings.journals / digest, settings.snapshots)
