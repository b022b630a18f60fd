"""What was written to a dataset, in order."""
