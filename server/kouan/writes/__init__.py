"""A request to change data becomes a checked patch, and a version."""
