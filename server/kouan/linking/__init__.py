"""Find the thing that a name means, and say so to the tools that ask: reconciliation and its command line."""
