"""The language: what a text says. Knows no store."""
