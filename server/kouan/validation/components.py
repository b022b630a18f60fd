"""Constraints that are written in SPARQL: what their solutions are in a report, and how their messages are filled (SHACL, sections 5.3.2
and 6.3).

The validator asks a SELECT of a component once for each value, so never where there is none, takes one value of a parameter that has
several, binds no value that Python takes for false, tells each result's messages of the next one too, and loses their languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import rdflib
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.constraints.sparql.sparql_based_constraint_components import (
    AskConstraintValidator,
    BoundShapeValidatorComponent,
)
from pyshacl.constraints.sparql.sparql_based_constraints import SPARQLBasedConstraint
from pyshacl.errors import ValidationFailure
from rdflib.namespace import SH as S

VARIABLE = re.compile(r"\{[?$](\w+)\}")

Bound = Mapping[str, rdflib.term.Node]


def filled(message: rdflib.Literal, bound: Bound) -> rdflib.Literal:
    """Return a message with the values of its variables, in its language; a variable that is not bound stands as it is."""
    text = VARIABLE.sub(lambda found: str(bound.get(found[1], found[0])), str(message))
    return rdflib.Literal(text, lang=message.language, datatype=message.datatype)


def _named(solution: Any) -> Bound:
    """Return a solution as the validator hands it on, by the names of its variables."""
    if isinstance(solution, tuple):
        *rest, others = solution if len(solution) == 4 else (*solution, {})
        solution = {**others, **dict(zip(("this", "path", "value"), rest, strict=True))}
    return {name: value for name, value in (solution or {}).items() if value is not None}


def _result(
    component: Any, data: Any, focus: Any, *, bound_vars: Any = None, **told: Any
) -> tuple[str, Any, list[Any]]:
    """Return a result whose messages are those that the solution gives, else those of the constraint and its shape, filled."""
    bound = _named(bound_vars)
    if "message" in bound:
        told["extra_messages"] = [bound["message"]]
    description, node, triples = ConstraintComponent.make_v_result(component, data, focus, **told)
    said = {
        (subject, predicate, filled(value, bound) if predicate == S.resultMessage else value)
        for subject, predicate, value in triples
    }
    return description, node, [*said]


def _evaluate(component: Any, _: Any, data: Any, nodes: Mapping[Any, Any], __: Any) -> tuple[bool, list[Any]]:
    """Return whether focus nodes conform to a component, and a result for each solution, or for each value that is not as it asks."""
    results = []
    for parameters in _parameters(component):
        for focus, values in nodes.items():
            for solution in _violations(component, parameters, data, focus, values):
                bound = {**_where(component, focus), **parameters, **solution}
                value = solution.get("value", None if component.shape.is_property_shape else focus)
                results.append(
                    component.make_v_result(
                        data,
                        bound["this"],
                        value_node=value,
                        result_path=solution.get("path"),
                        constraint_component=component.constraint.node,
                        extra_messages=component.validator.messages
                        or list(component.shape.sg.graph.objects(component.constraint.node, S.message)),
                        bound_vars=bound,
                    )
                )
    return not results, results


def _where(component: Any, focus: Any) -> Bound:
    path = component.shape.path()
    return {"this": focus} | ({} if path is None else {"path": path})


def _parameters(component: Any) -> Iterator[Bound]:
    """Yield the values of a component's parameters: each value of one that is alone is a constraint (SHACL, section 2.1.3)."""
    named = {
        each.localname: sorted(set(component.shape.objects(each.path()))) for each in component.constraint.parameters
    }
    given = {name: values for name, values in named.items() if values}
    if len(named) == 1:
        [(name, values)] = given.items()
        yield from ({name: value} for value in values)
    else:
        yield {name: values[0] for name, values in given.items()}


def _violations(component: Any, parameters: Bound, data: Any, focus: Any, values: Any) -> Iterator[Bound]:
    asked = component.query_helper
    if isinstance(component.validator, AskConstraintValidator):
        for value in values:
            bound, text = asked.pre_bind_variables(focus, valuenode=value, extravars=parameters.keys())
            given = {**bound, **parameters, "value": value}
            if not data.query(asked.apply_prefixes(text), initBindings=given).askAnswer:
                yield {"value": value}
        return
    bound, text = asked.pre_bind_variables(focus, extravars=parameters.keys())
    seen = []
    for row in data.query(asked.apply_prefixes(text), initBindings={**bound, **parameters}):
        solution = {str(name): value for name, value in row.asdict().items()}
        if solution.get("failure") == rdflib.Literal(True):
            raise ValidationFailure(f"The query of {component.constraint.node} says that it failed.")  # type: ignore[no-untyped-call]
        if solution not in seen:
            seen.append(solution)
            yield solution


def _solutions(_: Any, query: str, bound: Bound, data: Any) -> list[tuple[Any, ...]]:
    """Return the solutions of a constraint, each once: the focus node, path and value that it gives, and all others."""
    found: dict[frozenset[tuple[str, rdflib.term.Node]], tuple[Any, ...]] = {}
    for row in data.query(query, initBindings=bound):
        solution = {str(name): value for name, value in row.asdict().items()}
        if solution.get("failure") == rdflib.Literal(True):
            raise ValidationFailure("The query of a SPARQL constraint says that it failed.")  # type: ignore[no-untyped-call]
        places = [solution.get(name) for name in ("this", "path", "value")]
        found.setdefault(frozenset(solution.items()), (*places, solution))
    return [*found.values()]


def report_as_sparql_finds() -> None:
    """Let the validator report so, in this process."""
    for constraint in (SPARQLBasedConstraint, BoundShapeValidatorComponent):
        setattr(constraint, "make_v_result", _result)  # noqa: B010
    setattr(BoundShapeValidatorComponent, "evaluate", _evaluate)  # noqa: B010
    setattr(SPARQLBasedConstraint, "_validate_sparql_query", _solutions)  # noqa: B010
