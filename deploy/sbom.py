"""Write what Kouan is made of (CycloneDX) from the lock file, with the hashes of each package and no address of a registry.

`make sbom` pipes the answer of `cyclonedx-py requirements` through this.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def plain(component: dict[str, Any]) -> dict[str, Any]:
    """Return a component with its hashes, and without where a registry would have it."""
    hashes = [each for place in component.pop("externalReferences", []) for each in place.get("hashes", [])]
    component.pop("description", None)
    return component | ({"hashes": hashes} if hashes else {})


def main() -> None:
    """Read the list from standard input and write it to standard output."""
    listed = json.load(sys.stdin)
    listed["components"] = [plain(each) for each in listed["components"]]
    listed["metadata"].pop("tools", None)
    json.dump(listed, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
