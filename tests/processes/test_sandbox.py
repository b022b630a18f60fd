"""A validation runs where it can open no file, call nobody and take no more than its memory."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from kouan.errors import EngineFailure, TooMuchMemory
from kouan.processes.sandbox import run

MEGABYTE = 1024 * 1024


def reads_a_file():
    return Path("/etc/passwd").read_text(encoding="utf-8")


def connects():
    return socket.create_connection(("127.0.0.1", 9))


def starts_a_program():
    return subprocess.run(["true"], check=False)


def takes_memory():
    return len(bytearray(4000 * MEGABYTE))


def dies():
    os._exit(9)


def tried(function):
    try:
        return function()
    except PermissionError as error:
        return f"refused: {error}"


@pytest.mark.parametrize("function", [reads_a_file, connects, starts_a_program])
def test_process_has_no_files_and_no_network(function):
    assert run(tried, (function,), timeout=20, memory=1000 * MEGABYTE).startswith("refused: ")


def test_memory_is_bounded():
    with pytest.raises(TooMuchMemory):
        run(takes_memory, (), timeout=20, memory=1000 * MEGABYTE)


def test_process_that_dies_is_an_error_and_not_the_end():
    with pytest.raises(EngineFailure):
        run(dies, (), timeout=20, memory=1000 * MEGABYTE)
