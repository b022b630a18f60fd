"""Say at which address a client sees this server where proxies stand between them (RFC 7239). Knows headers, no routes.

What a client says in these headers itself is not believed: only what proxies say that the operator trusts.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any

from kouan.errors import SettingsError
from kouan.formats.header_values import pairs
from kouan.http.head import is_bounded
from kouan.http.wsgi import header, host_of, is_host
from kouan.settings import Settings

ALL = "*"
PATH = re.compile(r"(?:/[A-Za-z0-9._~%-]+)*")
USUAL_PORTS = {"http": "80", "https": "443"}


class Seen:
    """A request as its client made it; all but the addresses is that of the request as it came."""

    def __init__(self, scope: Any, scheme: str, host: str, prefix: str, path: str, client: str) -> None:
        self._scope = scope
        self.scheme, self.host, self.prefix, self.path = scheme, host, prefix, path
        self.client_address = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scope, name)


@dataclass(frozen=True)
class Front:
    """The proxies that are trusted, and the path that they serve all of this below."""

    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    trusts_all: bool
    base_path: str

    @classmethod
    def of(cls, settings: Settings) -> Front | None:
        """Return what stands before the server, None where nothing does; raises SettingsError where a setting says neither."""
        words = settings.proxies.split()
        base_path = settings.base_path.rstrip("/")
        if not words and not base_path:
            return None
        if not PATH.fullmatch(base_path):
            raise SettingsError(f"KOUAN_BASE_PATH is a path such as /kouan, not {settings.base_path!r}.")
        try:
            networks = tuple(ipaddress.ip_network(word, strict=False) for word in words if word != ALL)
        except ValueError as error:
            raise SettingsError(f"KOUAN_PROXIES has addresses, networks or *: {error}.") from error
        return cls(networks, ALL in words, base_path)

    def seen(self, scope: Any) -> Seen:
        """Return the request as its client made it."""
        path, prefix = scope.path, self.base_path
        if prefix and (path == prefix or path.startswith(prefix + "/")):
            path = path.removeprefix(prefix) or "/"
        client = address_of_client(scope)
        said = self._said(scope) if self._trusts(client) and is_bounded(scope) else {}
        scheme = said.get("proto", "").lower()
        scheme = scheme if scheme in USUAL_PORTS else scope.scheme
        host = said.get("host", "")
        host = host if is_host(host) else host_of(scope)
        port = said.get("port", "")
        if port.isascii() and port.isdigit() and port != USUAL_PORTS[scheme] and not re.search(r":\d+$", host):
            host = f"{host}:{port}"
        given = said.get("prefix", "").rstrip("/")
        return Seen(
            scope, scheme, host, given if given and PATH.fullmatch(given) else prefix, path, said.get("for") or client
        )

    def _trusts(self, client: str) -> bool:
        return self.trusts_all or self._is_named(client)

    def _is_named(self, client: str) -> bool:
        try:
            address = ipaddress.ip_address(client.strip("[]").removeprefix("::ffff:"))
        except ValueError:
            return False
        return any(address in network for network in self.networks)

    def _said(self, scope: Any) -> dict[str, str]:
        """Return what the outermost trusted proxy says: each adds its own after what it was told, which anybody may have said."""
        clients = [_bare(each) for each in _parts(header(scope, "x-forwarded-for"))]
        steps = [dict(pairs(step)) for step in _parts(header(scope, "forwarded"))]
        # Of the two, most proxies know the first alone, and pass the second on as a client wrote it.
        if steps and not clients:
            clients = [_bare(step.get("for", "")) for step in steps]
            hops = self._hops(clients)
            return steps[-hops] | {"for": clients[-hops]}
        lists = {name: _parts(header(scope, f"x-forwarded-{name}")) for name in ("proto", "host", "port", "prefix")}
        hops = self._hops(clients)
        lists["for"] = clients
        return {name: said[-min(hops, len(said))] for name, said in lists.items() if said}

    def _hops(self, clients: list[str]) -> int:
        """Return how many proxies that are named, one after another, stand between here and a client that is not.

        Where anybody is trusted who connects, that is the nearest proxy: what it was told by others anybody may have said.
        """
        hops = 1
        while hops < len(clients) and self._is_named(clients[-hops]):
            hops += 1
        return hops


def address_of_client(scope: Any) -> str:
    """Return the address of who made a request, as trusted proxies say it; "" for who comes by a socket in the file system."""
    if isinstance(scope, Seen):
        return scope.client_address
    return (scope.client or "").rpartition(":")[0].strip("[]")


def _bare(address: str) -> str:
    """Return an address without its port and brackets (RFC 7239, section 6)."""
    return re.sub(r"(?<=[\].\d]):\d+$", "", address).strip("[]")


def _parts(text: str) -> list[str]:
    return [part for part in (each.strip() for each in text.split(",")) if part]
