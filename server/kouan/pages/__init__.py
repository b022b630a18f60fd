"""What people see of the graph: the front page, things, terms, shapes, sources and passages."""

from kouan.pages.routes import create_pages

__all__ = ["create_pages"]
