"""What follows from the facts (OWL 2 RL), and whether they contradict the ontology (OWL 2 DL)."""

from __future__ import annotations

from kouan.reasoning.closure import closure
from kouan.reasoning.consistency import check_consistency
from kouan.reasoning.explanation import Inconsistency

__all__ = ["Inconsistency", "check_consistency", "closure"]
