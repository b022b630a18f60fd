"""Queries that were written for Wikidata's own service, run here."""

from kouan.sparql.wikidata.adapting import adapt
from kouan.sparql.wikidata.labels import FUNCTION, label_function
from kouan.sparql.wikidata.names import BIGDATA, PRESET, WIKIBASE, declarations_for, preset_for

__all__ = ["BIGDATA", "FUNCTION", "PRESET", "WIKIBASE", "adapt", "declarations_for", "label_function", "preset_for"]
