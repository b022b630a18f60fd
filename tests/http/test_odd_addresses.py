"""Clients send addresses with signs that no address has, and are answered all the same."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
from pyoxigraph import RdfFormat, parse


@pytest.mark.parametrize("said", ["x={}[]|^`\\", "x=%zz%", "subject=https://w3id.org/kouan/id/黑河"])
def test_page_of_a_fragment_is_an_iri_whatever_signs_its_address_has(server, said):
    host, port = urlsplit(server).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = f"GET /fragments?{said} HTTP/1.1\r\nHost: x\r\nAccept: application/n-quads\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        with connection.makefile("rb") as answer:
            status, body = int(answer.readline().split()[1]), answer.read().partition(b"\r\n\r\n")[2]
    assert status == 200
    assert [*parse(body, format=RdfFormat.N_QUADS)]
