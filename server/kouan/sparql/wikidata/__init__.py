"""Queries that were written for Wikidata's own service, run here."""

from kouan.sparql.wikidata.adapting import adapt
from kouan.sparql.wikidata.names import BIGDATA, OWN, PRESET, WIKIBASE

__all__ = ["BIGDATA", "OWN", "PRESET", "WIKIBASE", "adapt"]
