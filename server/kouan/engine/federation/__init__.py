"""Call other servers for the SERVICE parts of a query (SPARQL 1.1 Federated Query), within bounds."""

from kouan.engine.federation.client import Remote, Services

__all__ = ["Remote", "Services"]
