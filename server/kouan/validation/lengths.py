"""Hold values against a least length as SHACL does: a blank node has none, however short it may be (SHACL, section 4.4.1).

The validator lets everything pass where no length is asked for.
"""

from __future__ import annotations

from typing import Any

import rdflib
from pyshacl.constraints.core.string_based_constraints import MinLengthConstraintComponent

from kouan.validation.judging import Nodes, wrong


def _evaluate(component: Any, least: rdflib.Literal, data: Any, nodes: Nodes) -> tuple[bool, list[Any]]:
    results = wrong(
        component, data, nodes, lambda value: isinstance(value, rdflib.BNode) or len(str(value)) < least.value
    )
    return bool(results), results


def have_lengths_as_shacl() -> None:
    """Let the validator do so, in this process."""
    setattr(MinLengthConstraintComponent, "_evaluate_string_rule", _evaluate)  # noqa: B010
