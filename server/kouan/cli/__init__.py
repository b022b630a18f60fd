"""The command line."""

from kouan.cli.commands import main

__all__ = ["main"]
