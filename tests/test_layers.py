"""Imports flow one way through the package."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import kouan

PACKAGE = Path(kouan.__file__).parent
LAYERS = [
    *[
        "release",
        "errors",
        "settings",
        "vocabulary",
        "processes",
        "graph",
        "sparql",
        "formats",
        "history",
        "evaluation",
    ],
    *["validation", "reasoning", "snapshot", "engine", "writes", "linking", "http", "pages", "library", "app", "cli"],
]
# The package's front door and `python -m kouan` may open every room.
ABOVE = {"__init__", "__main__"}


def layer_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("kouan."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "kouan":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("kouan.")}
    return found & set(LAYERS)


FILES = [file for file in sorted(PACKAGE.rglob("*.py")) if layer_of(file) not in ABOVE and "home" not in file.parts]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_module_imports_only_from_layers_above_it(file):
    place = LAYERS.index(layer_of(file))
    assert imported(file) <= set(LAYERS[: place + 1])


def test_every_module_stands_in_a_layer():
    assert {layer_of(file) for file in FILES} == set(LAYERS)


def test_only_the_settings_read_the_environment():
    readers = {layer_of(file) for file in FILES if "os.environ" in file.read_text(encoding="utf-8")}
    assert readers == {"settings"}


def test_no_two_test_files_of_folders_without_a_package_share_a_name():
    tests = Path(__file__).parent
    names = [path.name for path in tests.rglob("test_*.py") if not (path.parent / "__init__.py").exists()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_module_fits_350_lines(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 350


def test_one_class_bears_a_name():
    bears: dict[str, list[str]] = {}
    for file in FILES:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                bears.setdefault(node.name, []).append(file.relative_to(PACKAGE).as_posix())
    assert {name: files for name, files in bears.items() if len(files) > 1} == {}
