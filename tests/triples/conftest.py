"""What the tests of the data share: the asserted and the inferred facts, by subject."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from kouan.reasoning import closure
from kouan.vocabulary import GEO, ID, KOUAN, RDF

HOME = Path(__file__).parent.parent.parent
OUTLINES = HOME / "tests" / "fixtures" / "places"


@pytest.fixture(scope="session")
def facts(dataset):
    """Return {subject: {predicate: values}} of all that is asserted or follows, names without their namespace."""
    known = defaultdict(lambda: defaultdict(set))
    quads = list(dataset.asserted())
    for triple in [*(quad.triple for quad in quads), *closure(quads)]:
        if isinstance(triple.subject, NamedNode) and triple.subject.value.startswith(ID):
            value = triple.object.value.removeprefix(ID).removeprefix(KOUAN)
            predicate = triple.predicate.value.removeprefix(KOUAN)
            known[triple.subject.value.removeprefix(ID)][predicate].add(value)
    return known


@pytest.fixture(scope="session")
def points(facts):
    """Return the point of every thing that has one, longitude first."""
    found = {}
    for thing, known in facts.items():
        for geometry in known[GEO + "hasGeometry"]:
            (text,) = facts[geometry][GEO + "asWKT"]
            # Sections of the boundary are lines.
            if "BoundarySection" not in known[RDF + "type"]:
                longitude, latitude = re.fullmatch(r"POINT\((\S+) (\S+)\)", text).groups()
                found[thing] = (float(longitude), float(latitude))
    return found


@pytest.fixture(scope="session")
def outlines():
    """Return the outlines that the fixtures hold, by the name of their file."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in OUTLINES.glob("*.json")}


@pytest.fixture(scope="session")
def mappings():
    """Return the rows of the mapping set."""
    lines = (HOME / "triples" / "links" / "kouan.sssom.tsv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
