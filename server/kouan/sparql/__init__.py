"""SPARQL, the language: texts, their terminals, their tree. Knows no store."""
