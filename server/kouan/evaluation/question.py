"""What is asked of one dataset: a query's text and the dataset that the protocol names. Knows no store and no HTTP."""

from __future__ import annotations

from typing import NamedTuple

SELECT, ASK, CONSTRUCT = "SELECT", "ASK", "CONSTRUCT"


class Question(NamedTuple):
    """A SPARQL query and the dataset that the protocol asks it of (SPARQL 1.1 Protocol, section 2.1.4)."""

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    infer: bool = True
    evidence: bool = False

    @property
    def names_dataset(self) -> bool:
        """Return whether the protocol, not the query, says which graphs are asked."""
        return bool(self.default_graphs or self.named_graphs) or not self.infer

    @property
    def graphs(self) -> tuple[str, ...]:
        """Return the graphs that the protocol names."""
        return (*self.default_graphs, *self.named_graphs)

    @property
    def dataset_said(self) -> str:
        """Return what tells questions of one text apart; "" where the text says it all."""
        if not self.names_dataset and not self.evidence:
            return ""
        return repr((self.default_graphs, self.named_graphs, self.infer, self.evidence))
