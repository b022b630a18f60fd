"""The command that looks at a whole deployment and says what to mend: `kouan doctor`. Knows what is checked; mends nothing."""

from __future__ import annotations

import json
import shutil
import stat
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

import click

from kouan.cli.history import journal_checks
from kouan.cli.terminal import reporting
from kouan.errors import KouanError, SettingsError
from kouan.settings import MEGABYTE, Settings, can_be_written, read_settings, settings_file
from kouan.snapshot import current

LEAST_DISK, LEAST_MEMORY = 1024 * MEGABYTE, 512 * MEGABYTE
LEAST_FILES = 1024
SECONDS_TO_ANSWER = 3.0
SECRET = {"token", "engine_password"}
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Diagnosis(NamedTuple):
    """What was looked at, what was found, and how to mend it; "" where it is well."""

    what: str
    found: str
    mend: str = ""


@click.command()
@reporting
def doctor() -> None:
    """Say whether all that Kouan needs is there, whether all that is kept is as it was, and what to mend.

    \b
    Example: kouan doctor
    """
    findings = list(examined(read_settings()))
    for each in findings:
        click.echo(f"{each.what:<16} {each.found}")
        if each.mend:
            click.echo(f"{'':<16} TO MEND: {each.mend}")
    sys.exit(1 if any(each.mend for each in findings) else 0)


def examined(settings: Settings) -> Iterator[Diagnosis]:
    """Yield what is found of a deployment, one thing after another."""
    from kouan.reasoning.consistency import java

    yield Diagnosis("Python", sys.version.split()[0])
    yield Diagnosis("Java for HermiT", str(java()))
    yield Diagnosis("home", str(settings.home))
    yield from _settings(settings)
    yield from _folders(settings)
    standing = current(settings)
    yield Diagnosis("snapshot", standing.version if standing else "none that is fresh; kouan build makes one")
    faults = journal_checks(settings)
    copy = "put the file back from a copy (kouan restore), or remove the snapshot that is named and run kouan build"
    yield Diagnosis("history", faults or "holds", copy if faults else "")
    yield from _machine(settings)
    yield _address(settings)


def _settings(settings: Settings) -> Iterator[Diagnosis]:
    from kouan.engine.federation import Services
    from kouan.http.fair_use import FairUse
    from kouan.http.forwarded import Front
    from kouan.http.tokens import read_tokens

    own = Settings()
    changed = {k: "(set)" if k in SECRET else str(v) for k, v in vars(settings).items() if v != getattr(own, k)}
    yield Diagnosis("settings", json.dumps(changed))
    checks: dict[str, Callable[[], object]] = {
        "tokens": lambda: read_tokens(settings.token) if settings.token else "nobody may write",
        "proxies": lambda: Front.of(settings),
        "services": lambda: Services(settings),
        "fair use": lambda: FairUse(settings),
    }
    for name, check in checks.items():
        try:
            found = check()
        except SettingsError as error:
            yield Diagnosis(name, "cannot be used", error.message)
        else:
            yield Diagnosis(
                name, found if isinstance(found, str) else f"{len(found)}" if isinstance(found, tuple) else "well"
            )
    file = settings_file()
    if file.is_file() and file.stat().st_mode & OTHERS and any(name in file.read_text("utf-8") for name in SECRET):
        yield Diagnosis("secrets", f"others may read {file}", f"chmod 600 {file}")
    yield from _limits(settings)


def _limits(settings: Settings) -> Iterator[Diagnosis]:
    limits = f"queries {settings.timeout:g} s, {settings.timeout_cap:g} s at most; writes {settings.write_timeout:g} s"
    wrong = [
        f"raise KOUAN_{name.upper()} above 0"
        for name in ("timeout", "timeout_cap", "write_timeout", "drain", "evaluators", "memory_limit", "body_limit")
        if getattr(settings, name) <= 0
    ]
    if settings.timeout > settings.timeout_cap:
        wrong.append("set KOUAN_TIMEOUT to no more than KOUAN_TIMEOUT_CAP")
    if settings.evaluators > settings.evaluators_most:
        wrong.append("set KOUAN_EVALUATORS to no more than KOUAN_EVALUATORS_MOST")
    yield Diagnosis("limits", limits, "; ".join(wrong))


def _folders(settings: Settings) -> Iterator[Diagnosis]:
    for name, folder, setting in (
        ("snapshots", settings.snapshots, "KOUAN_SNAPSHOTS"),
        ("journal", settings.journals, "KOUAN_JOURNAL"),
    ):
        if not can_be_written(folder):
            yield Diagnosis(
                name, f"{folder} (NOT writable)", f"let this user write there, or set {setting} to a folder that can"
            )
        elif folder.is_dir() and folder.stat().st_mode & stat.S_IWOTH:
            yield Diagnosis(name, f"{folder} (anybody on this machine may write there)", f"chmod o-w {folder}")
        else:
            yield Diagnosis(name, f"{folder} (writable)")
        standing = next(each for each in (folder, *folder.parents) if each.exists())
        free = shutil.disk_usage(standing).free
        room = "" if free >= LEAST_DISK else f"make room on the disk of {folder}: less than 1 GiB is left"
        yield Diagnosis("disk", f"{free / 1024**3:.1f} GiB free for {name}", room)


def _machine(settings: Settings) -> Iterator[Diagnosis]:
    from resource import RLIMIT_NOFILE, getrlimit

    from kouan.processes.wall import has_wall
    from kouan.snapshot.fitting import free_memory

    free = free_memory()
    yield Diagnosis(
        "memory",
        f"{free / 1024**3:.1f} GiB free; an evaluator may take {settings.memory_limit / 1024**3:.1f}",
        "" if free >= LEAST_MEMORY else "give the machine or its control group more memory, half a GiB at least",
    )
    walled = "evaluators are shut in by seccomp"
    yield Diagnosis(
        "wall",
        walled if has_wall() else "evaluators cannot be shut in",
        "" if has_wall() else "run on Linux with seccomp",
    )
    most = getrlimit(RLIMIT_NOFILE)[1]
    yield Diagnosis(
        "open files", f"{most} at most", "" if most >= LEAST_FILES else "raise the limit of open files (ulimit -n)"
    )


def _address(settings: Settings) -> Diagnosis:
    from kouan.app.listening import UNIX, listening

    if settings.host.startswith(UNIX):
        return Diagnosis("address", settings.host)
    place = f"{settings.host}:{settings.port}"
    try:
        listening(settings)
    except KouanError as error:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        with suppress(OSError):
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"http://{host}:{settings.port}/ready", timeout=SECONDS_TO_ANSWER) as answer:
                said = answer.readline(1000).decode("utf-8", "replace").strip()
                return Diagnosis(
                    "address", f"{place} answers: {said}", "" if said == "ready" else "see to what it says"
                )
        return Diagnosis(
            "address", f"{place} cannot be listened on, and nothing says there that it is ready", error.message
        )
    return Diagnosis("address", f"{place} is free")
