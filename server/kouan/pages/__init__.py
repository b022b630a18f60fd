"""What people see of the graph: the front page, things, terms, shapes, sources and passages, and tables of them."""

from kouan.pages.routes import create_pages
from kouan.pages.tables import create_tables

__all__ = ["create_pages", "create_tables"]
