"""Explore a dataset of anybody's without SPARQL, by links."""

from kouan.pages.explore.routes import create_explore

__all__ = ["create_explore"]
