"""Compare Kouan with Wikidata, and say what Wikidata could take from Kouan, with references."""
