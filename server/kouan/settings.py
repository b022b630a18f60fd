"""Everything that can be set, with its default, read once from the environment or kouan.toml.

Knows no other module but the errors; nothing else in Kouan reads the environment.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kouan.errors import SettingsError

MEGABYTE = 1024 * 1024


def _home() -> Path:
    package = Path(__file__).resolve().parent
    checkout = package.parent.parent
    return checkout if (checkout / "triples").is_dir() else package / "home"


def _snapshots() -> Path:
    """Return the first folder that can be written: the checkout's, the user's cache, one of the system's for a while."""
    checkout = Path(__file__).resolve().parent.parent.parent
    own = [checkout / "build" / "snapshots"] if (checkout / "pyproject.toml").is_file() else []
    # Whom a container runs as may have no home.
    with contextlib.suppress(RuntimeError):
        own.append(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kouan" / "snapshots")
    passing = Path(tempfile.gettempdir()) / f"kouan-{os.getuid()}"
    # What another made there beforehand would be believed.
    if not passing.exists() or passing.lstat().st_uid == os.getuid():
        own.append(passing / "snapshots")
    return next((folder for folder in own if can_be_written(folder)), own[0])


def can_be_written(folder: Path) -> bool:
    """Return whether a folder, or the one that it would have to be made in, can be written to."""
    standing = next(each for each in (folder, *folder.parents) if each.exists())
    return os.access(standing, os.W_OK)


def _setting(default: Any, says: str) -> Any:
    return field(default=default, metadata={"says": says})


@dataclass(frozen=True)
class Settings:
    """What Kouan can be told; `KOUAN_` and the upper-case name sets each from the environment."""

    host: str = _setting("127.0.0.1", "address or name to listen on, or unix: and the path of a socket")
    port: int = _setting(8000, "port to listen on")
    title: str = _setting("", "what other people's data is called on its pages, instead of what it says itself")
    description: str = _setting("", "what it is, in a sentence")
    licence: str = _setting("", "its licence, as an address or in words")
    publisher: str = _setting("", "who publishes it")
    problems: str = _setting("", "address that a page sends its readers to who found a mistake; mailto: serves too")
    proxies: str = _setting(
        "",
        "addresses or networks of proxies that are believed what Forwarded and X-Forwarded-Proto, -Host, -Port and -Prefix "
        "say, separated by spaces; * is anybody, none is nobody",
    )
    base_path: str = _setting(
        "", "path below which a proxy serves all of this, such as /kouan, whether it takes it off or leaves it"
    )
    owlapi: Path = field(
        default=Path("/usr/share/java"),
        metadata={"says": "folder of the OWL API, with which `kouan reason` holds the ontology to OWL 2 DL"},
    )
    home: Path = field(default_factory=_home, metadata={"says": "folder with ontology, triples, shapes and questions"})
    snapshots: Path = field(default_factory=_snapshots, metadata={"says": "folder that built snapshots are kept in"})
    timeout: float = _setting(30.0, "seconds a query may take when the request does not say")
    timeout_cap: float = _setting(300.0, "seconds a request may ask for with timeout=")
    memory_limit: int = _setting(2048 * MEGABYTE, "bytes an evaluator may take above the snapshot it shares")
    result_limit: int = _setting(0, "bytes an answer may have; 0 is no limit")
    spool: int = _setting(8192 * MEGABYTE, "bytes of large answers that are being made or read, on disk")
    slowest_client: int = _setting(
        8192, "bytes a second that a client takes of a large answer at least, or it is cut off"
    )
    drain: float = _setting(30.0, "seconds that what is running may take to end once the server is asked to end")
    query_length: int = _setting(1 * MEGABYTE, "characters a query or an update may have")
    query_nesting: int = _setting(200, "levels of brackets a query may nest")
    query_siblings: int = _setting(1000, "things that may stand side by side in one group, list or chain of a query")
    body_limit: int = _setting(128 * MEGABYTE, "bytes a request's body may have")
    evaluators: int = _setting(4, "evaluator processes kept ready, and quick queries that are answered at a time")
    evaluators_most: int = _setting(32, "evaluator processes at most, with those that take long")
    workers: int = _setting(0, "HTTP processes; 0 is one for each core, four at most")
    memory_quads: int = _setting(
        0, "quads up to which a snapshot is held in memory, above it stays on disk; 0 is what fits in the free memory"
    )
    engine: str = _setting(
        "", "address of the SPARQL endpoint that evaluates instead of this machine; none is this machine"
    )
    engine_update: str = _setting("", "address of its updates, where that is another")
    engine_user: str = _setting("", "name to send to that endpoint")
    engine_password: str = _setting("", "password to send to that endpoint")
    engine_fresh: float = _setting(60.0, "seconds that its answers are kept; 0 keeps none")
    federation: bool = _setting(True, "whether a query may call the services below with SERVICE")
    services: str = _setting(
        "https://query.wikidata.org/sparql https://query.wikidata.org/bigdata/namespace/wdq/sparql",
        "addresses of the endpoints that SERVICE may call, separated by spaces; one that ends in * stands for all that start so",
    )
    services_private: bool = _setting(False, "whether they may stand on private and loopback addresses")
    service_timeout: float = _setting(20.0, "seconds that one call of a service may take")
    service_rows: int = _setting(50_000, "rows that one SERVICE may answer with")
    service_bytes: int = _setting(32 * MEGABYTE, "bytes that one answer of a service may have")
    service_fresh: float = _setting(600.0, "seconds that the answers of services are kept; 0 keeps none")
    contact: str = _setting("https://w3id.org/kouan/", "page or address of the operator, told to the services called")
    client_seconds: float = _setting(60.0, "seconds of queries that one client may take in a minute; 0 is no limit")
    client_errors: float = _setting(60.0, "queries of one client that may fail in a minute; 0 is no limit")
    client_queries: int = _setting(16, "queries that one client may run at a time; 0 is no limit")
    unmetered: str = _setting(
        "127.0.0.0/8 ::1", "networks whose clients are not held to such limits, separated by spaces"
    )
    log: str = _setting("none", "what is told of each request on standard error: none, a line of text, or one of json")
    log_address: bool = _setting(False, "whether those lines show the client's address")
    fresh: int = _setting(
        -1,
        "seconds that browsers and proxies may keep an answer without asking, which may be past after a write; "
        "-1 is 60 where nothing can be written, and none where something can",
    )
    cache_size: int = _setting(256 * MEGABYTE, "bytes of answers kept; 0 keeps none")
    token: str = _setting(
        "",
        "who may write: entries that `kouan token` prints, separated by spaces, or one token in plain; none is nobody",
    )
    challenge: str = _setting(
        "both",
        "what a client without a token is told to send: bearer, basic (for clients that know that alone), or both",
    )
    journal: str = _setting("", "folder that written facts and their history are kept in")
    journal_broken: str = _setting(
        "read-only",
        "what to do where the history does not hold: serve read-only on the last version that does, or refuse to start",
    )
    history_writes: int = _setting(
        10_000, "writes that `kouan history --compact` keeps to be reverted, at least; older ones are folded into one"
    )
    history_days: int = _setting(365, "days that it keeps them, at least")
    snapshots_kept: int = _setting(3, "snapshots that a build leaves standing, the newest ones")
    snapshot_check: str = _setting(
        "start", "when the files of a large snapshot are checked: at each start, or never but by `kouan doctor`"
    )
    write_timeout: float = _setting(120.0, "seconds that a write may take, its validation included")
    wikidata_endpoint: str = _setting(
        "https://query.wikidata.org/sparql",
        "address of the SPARQL service that `kouan wikidata` asks when it is told to",
    )
    reconcile_holders: str = _setting(
        "",
        "IRIs of properties of other people's data that lead from a thing to what holds it, beside those that are known",
    )
    lenient: bool = _setting(
        False, "whether other people's files are served without what of them cannot be read, which is listed"
    )
    infer: str = _setting(
        "none", "what other people's data is completed with when it is loaded: none, rdfs, or owl-rl (OWL 2 RL)"
    )
    default_graph: str = _setting(
        "auto",
        "what the default graph of other people's data holds: merge (of all graphs), own (what stands in no graph), "
        "or auto: own where it can be written, else merge",
    )

    map_boundaries: str = _setting("dotted", "boundaries on maps: dotted where they are disputed, or none at all")
    map_tiles: str = _setting(
        "",
        "address of map tiles with {z}, {x} and {y}, in place of the map that comes along; browsers then ask its host",
    )

    @property
    def journals(self) -> Path:
        """Return the folder of what was written, which stands beside the snapshots where nothing else is said."""
        return Path(self.journal).expanduser() if self.journal else self.snapshots / "journal"

    @property
    def spools(self) -> Path:
        """Return the folder that large answers stand in while they are read."""
        return self.snapshots / ".spool"

    @property
    def merges_foreign(self) -> bool:
        """Return whether the default graph of other people's data is the merge of their graphs."""
        is_said = self.default_graph == "merge" or self.infer != "none"
        return is_said or (self.default_graph == "auto" and not self.token)

    @property
    def cache_share(self) -> int:
        """Return the bytes of answers that each HTTP process keeps."""
        return self.cache_size // max(1, self.workers)

    @property
    def largest_kept(self) -> int:
        """Return the bytes that an answer may have to be kept."""
        return self.cache_share // 4


DEFAULT_FILE = Path("kouan.toml")
CHOICES = {
    "challenge": ("both", "bearer", "basic"),
    "default_graph": ("auto", "merge", "own"),
    "infer": ("none", "rdfs", "owl-rl"),
    "log": ("none", "text", "json"),
    "map_boundaries": ("dotted", "none"),
    "journal_broken": ("read-only", "refuse"),
    "snapshot_check": ("start", "never"),
}


def set_variable(name: str, value: str) -> bool:
    """Return whether a variable of the environment, which others than Kouan read, was not set and is now."""
    if name in os.environ:
        return False
    os.environ[name] = value
    return True


def settings_file(environment: Mapping[str, str] | None = None) -> Path:
    """Return the file that settings are read from where it is there."""
    environment = os.environ if environment is None else environment
    return Path(environment.get("KOUAN_SETTINGS") or DEFAULT_FILE)


def read_settings(environment: Mapping[str, str] | None = None, file: Path | None = None, **given: Any) -> Settings:
    """Return the settings: what is given here, else the environment, else the file, else the default.

    Raises SettingsError where a value cannot be read or a name in the file is not a setting.
    """
    environment = os.environ if environment is None else environment
    file = file or settings_file(environment)
    from_file = _read_file(file, required=bool(environment.get("KOUAN_SETTINGS")))
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        variable = "KOUAN_" + setting.name.upper()
        if given.get(setting.name) is not None:
            values[setting.name] = given[setting.name]
        elif variable in environment:
            values[setting.name] = _convert(setting.name, str(setting.type), environment[variable], variable)
        elif setting.name in from_file:
            values[setting.name] = _convert(setting.name, str(setting.type), str(from_file[setting.name]), str(file))
    settings = Settings(**values)
    for name, choices in CHOICES.items():
        if getattr(settings, name) not in choices:
            raise SettingsError(
                f"KOUAN_{name.upper()} is one of {', '.join(choices)}, not {getattr(settings, name)!r}."
            )
    return settings


def _read_file(file: Path, required: bool) -> dict[str, Any]:
    if not file.is_file():
        if required:
            raise SettingsError(f"KOUAN_SETTINGS names {file}, which is not a file; correct it or unset it.")
        return {}
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not valid TOML: {error}.") from error
    known = {setting.name for setting in fields(Settings)}
    unknown = sorted(set(content) - known)
    if unknown:
        raise SettingsError(
            f"{file} sets {', '.join(unknown)}, which Kouan does not have; it has {', '.join(sorted(known))}."
        )
    return content


def _convert(name: str, kind: str, text: str, place: str) -> Any:
    try:
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
        if kind == "bool":
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[text.lower()]
    except (ValueError, KeyError) as error:
        raise SettingsError(f"{place}: {name} must be of type {kind}, not {text!r}.") from error
    return Path(text).expanduser() if kind == "Path" else text


CONFIGURATION_HEAD = """# Configuration

Each setting is read from the environment, else from `kouan.toml` in the folder where Kouan starts (or the file that
`KOUAN_SETTINGS` names), else it has its default. Made by `kouan export configuration`.

| variable | in kouan.toml | default | what it sets |
| --- | --- | --- | --- |
"""
DERIVED_DEFAULTS = {
    "home": "the checkout, or what the package carries",
    "snapshots": "build/snapshots, or the user's cache folder, or one in /tmp, whichever can be written first",
    "journal": "journal, in the folder of the snapshots",
}


def configuration_page() -> str:
    """Return the table of all settings as Markdown."""
    rows = [
        f"| `KOUAN_{s.name.upper()}` | `{s.name}` | {DERIVED_DEFAULTS.get(s.name, f'`{s.default}`')} | {s.metadata['says']} |\n"
        for s in fields(Settings)
    ]
    return CONFIGURATION_HEAD + "".join(rows)
