"""Call other servers for the SERVICE parts of a query (SPARQL 1.1 Federated Query), within bounds.

The engine that evaluates never leaves this machine: what a SERVICE says is asked here, and stands in the query as VALUES
before the engine sees it.
"""

from kouan.engine.federation.client import Remote, RemoteRows, Services
from kouan.engine.federation.joining import Federation

__all__ = ["Federation", "Remote", "RemoteRows", "Services"]
