"""SPARQL over HTTP: what is asked, in which format it is answered, and what goes wrong."""
