"""Call other servers for the SERVICE parts of a query (SPARQL 1.1 Federated Query), within bounds."""

from kouan.engine.federation.client import AllowedEndpoint, Services

__all__ = ["AllowedEndpoint", "Services"]
