"""One query on one store: its answer, and what it rests on."""
