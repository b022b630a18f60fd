"""Reach a server by a name that somebody else wrote: only public addresses, checked after resolution. Knows no SPARQL.

The connection goes to the address that was checked, so that a name cannot mean another one a moment later.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from urllib.parse import SplitResult

from kouan.errors import BadGateway, Forbidden

SECONDS_TO_CONNECT = 10.0
PORTS = {"http": 80, "https": 443}
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def connect(address: SplitResult, seconds: float, *, may_be_private: bool) -> http.client.HTTPConnection:
    """Return a connection whose every step may take so many seconds.

    Raises Forbidden where the name stands for an address that is not public, BadGateway where nobody answers there.
    """
    host = address.hostname or ""
    port = address.port or PORTS[address.scheme]
    left = max(0.1, min(SECONDS_TO_CONNECT, seconds))
    connection: http.client.HTTPConnection
    try:
        sock = _reach(_public(host, port, may_be_private), port, left)
        if address.scheme == "https":
            connection = http.client.HTTPSConnection(host, address.port)
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
        else:
            connection = http.client.HTTPConnection(host, address.port)
    except OSError as error:
        raise BadGateway(f"The service at {host} cannot be reached: {_reason(error)}.") from error
    connection.sock = sock
    sock.settimeout(max(0.1, seconds))
    return connection


def _public(host: str, port: int, may_be_private: bool) -> list[str]:
    """Return the addresses that a name stands for; one that is not public spoils them all."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not may_be_private and not all(is_public(each) for each in addresses):
        raise Forbidden(
            f"The service at {host} stands on a private address, which this server does not call; its operator can allow "
            "that with KOUAN_SERVICES_PRIVATE=true."
        )
    return addresses


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the internet at large, and so does one of IPv4 that it holds."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        held = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if held is not None:
            return is_public(str(held))
        if ip in NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def _reach(addresses: list[str], port: int, seconds: float) -> socket.socket:
    failed = OSError("its name stands for no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), seconds)
        except OSError as error:
            failed = error
    raise failed


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
