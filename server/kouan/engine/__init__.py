"""Where a query runs, and how it is asked and answered."""
