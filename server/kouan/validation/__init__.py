"""What good data looks like, and what of ours does not: SHACL validation."""

from __future__ import annotations

from kouan.validation.checking import validate, with_files
from kouan.validation.report import FORMATS, Finding, Report

__all__ = ["FORMATS", "Finding", "Report", "validate", "with_files"]
