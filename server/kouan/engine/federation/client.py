"""Ask SPARQL endpoints that the operator allows, within bounds, and keep what they answer for a while. Knows no query of ours."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

from kouan.engine.circuit import Circuit
from kouan.engine.federation.addresses import connect
from kouan.engine.http_client import path_of, safe, whole_within
from kouan.errors import BadGateway, BadRequest, Busy, Forbidden, SettingsError, TooLarge, TooSlow
from kouan.evaluation.services import FORMATS
from kouan.graph.whole_numbers import whole_number
from kouan.release import VERSION
from kouan.settings import Settings
from kouan.sparql.wikidata import BIGDATA, WIKIBASE

ACCEPT = "application/sparql-results+json, application/sparql-results+xml;q=0.8"
REDIRECTIONS = {301, 302, 307, 308}
MOST_REDIRECTIONS = 3
READ_AT_ONCE = 64 * 1024
KEPT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Fetched:
    """What an endpoint answered: the media type, and the text."""

    media_type: str
    body: str


@dataclass(frozen=True)
class AllowedEndpoint:
    """An endpoint that may be asked."""

    iri: str

    @property
    def address(self) -> SplitResult:
        """Return its address, cut up."""
        return urlsplit(self.iri)


def is_allowed(iri: str, allowed: tuple[str, ...]) -> bool:
    """Return whether an address is one of those allowed, or starts as one that ends in *."""
    return any(iri == each or (each[-1:] == "*" and iri.startswith(each[:-1])) for each in allowed)


class Services:
    """The endpoints that may be called, and what they answered lately."""

    def __init__(self, settings: Settings) -> None:
        """Take who may be called from the settings; raises SettingsError where one is no address."""
        self.settings = settings
        self.allowed = tuple(settings.services.split())
        for each in self.allowed:
            if not _is_address(each):
                raise SettingsError(f"KOUAN_SERVICES holds http addresses of SPARQL endpoints, and {each!r} is none.")
            if "*" in each[:-1]:
                raise SettingsError(
                    f"KOUAN_SERVICES may have a * at the end of an address, and {each!r} has one elsewhere."
                )
        self._circuits: dict[str, Circuit] = {}
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[float, int, Fetched]] = OrderedDict()
        self._kept_bytes = 0

    def remote(self, iri: str) -> AllowedEndpoint:
        """Return an endpoint by its address; raises Forbidden where it may not be called."""
        if iri.startswith((WIKIBASE, BIGDATA)):
            raise Forbidden(
                f"Of the services that Wikidata's own server has inside, this one has wikibase:label, wikibase:around and "
                f"wikibase:box, and not <{iri}>; "
                "write it in plain SPARQL, or put this part of the query into SERVICE <https://query.wikidata.org/sparql>."
            )
        if not self.settings.federation:
            raise Forbidden(
                "SERVICE is switched off on this server: it calls no other server for a query. Ask each endpoint by itself."
            )
        if not is_allowed(iri, self.allowed):
            those = ", ".join(self.allowed) or "no endpoint"
            raise Forbidden(
                f"This server does not call <{iri}>; it calls {those}. Its operator can add others to KOUAN_SERVICES."
            )
        try:
            has_host = bool(urlsplit(iri).hostname) and urlsplit(iri).port != 0
        except ValueError:
            has_host = False
        if not has_host:
            raise BadRequest(f"<{iri}> is no address that a server could have.")
        return AllowedEndpoint(iri)

    def ask(self, remote: AllowedEndpoint, query: str, seconds: float) -> Fetched:
        """Return what a SELECT query is answered with, in so many seconds at most.

        Raises BadGateway, Busy, TooSlow or TooLarge, each of which names the endpoint.
        """
        key = (remote.iri, query)
        kept = self._find(key)
        if kept is not None:
            return kept
        circuit = self._circuits.setdefault(remote.iri, Circuit(f"The service <{remote.iri}>"))
        circuit.enter()
        seconds = min(seconds, self.settings.service_timeout)
        asking = _EndpointAsking(remote, self.settings, self.allowed, seconds)
        try:
            rows, size = asking.ask(query)
        except (BadGateway, ValueError) as error:
            # One that answers, be it with a refusal, is there.
            if asking.is_reached:
                circuit.succeed()
            else:
                circuit.fail()
            if isinstance(error, ValueError):
                raise BadGateway(f"{asking.name} leads to what is no address.") from error
            raise
        circuit.succeed()
        self._keep(key, size, rows)
        return rows

    def _find(self, key: tuple[str, str]) -> Fetched | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None or time.monotonic() - found[0] > self.settings.service_fresh:
                return None
            self._kept.move_to_end(key)
            return found[2]

    def _keep(self, key: tuple[str, str], size: int, rows: Fetched) -> None:
        if not self.settings.service_fresh or size > KEPT_BYTES // 4:
            return
        with self._lock:
            old = self._kept.pop(key, None)
            self._kept_bytes += size - (old[1] if old else 0)
            self._kept[key] = (time.monotonic(), size, rows)
            while self._kept_bytes > KEPT_BYTES:
                _, (_, gone, _) = self._kept.popitem(last=False)
                self._kept_bytes -= gone


class _EndpointAsking:
    """One query on its way to an endpoint and back."""

    def __init__(self, remote: AllowedEndpoint, settings: Settings, allowed: tuple[str, ...], seconds: float) -> None:
        self.remote = remote
        self.settings = settings
        self.allowed = allowed
        self.seconds = seconds
        self.deadline = time.monotonic() + seconds
        self.name = f"The service <{remote.iri}>"
        self.is_reached = False

    def ask(self, query: str) -> tuple[Fetched, int]:
        """Return the answer and how many bytes it was sent as."""
        iri = self.remote.iri
        for _ in range(MOST_REDIRECTIONS + 1):
            connection = connect(urlsplit(iri), self._left(), may_be_private=self.settings.services_private)
            try:
                # What comes byte by byte is never late to who waits for the next one.
                with whole_within(connection, self._left()):
                    response = self._send(connection, urlsplit(iri), query)
                    if response.status not in REDIRECTIONS:
                        return self._read(connection, response)
                    iri = self._redirected(iri, response)
            except TimeoutError as error:
                raise self._too_slow() from error
            except (OSError, http.client.HTTPException) as error:
                raise BadGateway(f"{self.name} broke off; try again later.") from error
            finally:
                connection.close()
        raise BadGateway(f"{self.name} redirects more than {MOST_REDIRECTIONS} times.")

    def _send(
        self, connection: http.client.HTTPConnection, address: SplitResult, query: str
    ) -> http.client.HTTPResponse:
        headers = {
            "Accept": ACCEPT,
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": f"Kouan/{VERSION} ({self.settings.contact})",
        }
        connection.request("POST", path_of(address), urlencode({"query": query}).encode(), headers)
        response = connection.getresponse()
        self.is_reached = response.status < 500
        return response

    def _redirected(self, iri: str, response: http.client.HTTPResponse) -> str:
        target = urljoin(iri, response.headers.get("Location") or "")
        if not is_allowed(target, self.allowed):
            raise BadGateway(f"{self.name} redirects to <{target}>, which this server does not call.")
        return target

    def _read(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> tuple[Fetched, int]:
        self._refuse(response)
        media_type = response.headers.get_content_type().lower()
        if media_type not in FORMATS:
            raise BadGateway(f"{self.name} answered with {media_type}, which holds no SPARQL results.")
        body = self._body(connection, response)
        try:
            return Fetched(media_type, body.decode("utf-8")), len(body)
        except UnicodeDecodeError as error:
            raise BadGateway(f"{self.name} sent an answer that is not UTF-8.") from error

    def _body(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> bytes:
        limit = self.settings.service_bytes
        body = bytearray()
        while True:
            if connection.sock is not None:
                connection.sock.settimeout(self._left())
            chunk = response.read1(READ_AT_ONCE)
            if not chunk:
                if response.length:
                    raise http.client.IncompleteRead(bytes(body))
                return bytes(body)
            body += chunk
            if len(body) > limit:
                raise TooLarge(
                    f"{self.name} answers with more than {limit:,} bytes; ask it for less, or ask the operator to raise "
                    "KOUAN_SERVICE_BYTES.",
                    limit="service_bytes",
                )

    def _refuse(self, response: http.client.HTTPResponse) -> None:
        """Raise what an answer means that is none."""
        status = response.status
        if status == 200:
            return
        message = _said(response)
        if status in {429, 503}:
            wait = whole_number(response.headers.get("Retry-After", ""))
            raise Busy(f"{self.name} is busy{message}", **({} if wait is None else {"retry_after": wait}))
        if status in {408, 504}:
            raise TooSlow(f"{self.name} gave up on its part of the query{message}", limit="service")
        if status in {400, 422}:
            raise BadGateway(f"{self.name} cannot read its part of the query{message}")
        raise BadGateway(f"{self.name} answered with status {status}{message}")

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self._too_slow()
        return left

    def _too_slow(self) -> TooSlow:
        return TooSlow(
            f"{self.name} did not answer in {self.seconds:g} seconds; ask it for less, or ask the operator to raise "
            "KOUAN_SERVICE_TIMEOUT.",
            limit="service_timeout",
            seconds=self.seconds,
        )


def _said(response: http.client.HTTPResponse) -> str:
    """Return what a service said as the end of a sentence; of a problem document (RFC 9457), its detail."""
    body = response.read(8192)
    with contextlib.suppress(ValueError, AttributeError, RecursionError):
        body = str(json.loads(body).get("detail") or "").encode() or body
    return safe(body)


def _is_address(text: str) -> bool:
    try:
        return urlsplit(text).scheme in {"http", "https"} and bool(urlsplit(text).hostname)
    except ValueError:
        return False
