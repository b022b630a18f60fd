"""Hold values against a datatype as SHACL does: a literal that is not written as its datatype asks has none (SHACL, section 4.1.2).

The validator takes what Python reads for what XML Schema has, and refuses years before Christ and the end of a day.
"""

from __future__ import annotations

from typing import Any

import rdflib
from pyshacl.constraints.core.value_constraints import DatatypeConstraintComponent
from rdflib.namespace import RDF, RDFS, XSD

from kouan.formats.lexical_forms import is_well_formed
from kouan.validation.judging import Nodes, wrong


def _has(value: rdflib.term.Node, wanted: rdflib.term.Node) -> bool:
    if not isinstance(value, rdflib.Literal):
        return False
    if wanted == RDFS.Literal:
        return True
    datatype = RDF.langString if value.language else value.datatype or XSD.string
    return datatype == wanted and is_well_formed(str(datatype), str(value))


def _evaluate(component: Any, _: Any, data: Any, nodes: Nodes, __: Any) -> tuple[bool, list[Any]]:
    results = wrong(component, data, nodes, lambda value: not _has(value, component.datatype_rule))
    return not results, results


def have_datatypes_as_shacl() -> None:
    """Let the validator do so, in this process."""
    setattr(DatatypeConstraintComponent, "evaluate", _evaluate)  # noqa: B010
