"""Let `python -m kouan` do what `kouan` does. Knows nothing else."""

from __future__ import annotations

from kouan.cli import main

if __name__ == "__main__":
    main()
