"""Child processes of every kind: how they are started, bounded, walled off and spoken with."""
