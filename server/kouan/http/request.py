"""Say at which address a request was made as its client wrote it. Knows addresses, no routes.

The library makes an IRI of an address, which it cannot of every host that a name may have (RFC 5891), and knows none with `_`.
"""

from __future__ import annotations

from functools import cached_property

from flask import Request
from werkzeug.sansio.utils import get_current_url

AT_USUAL_PORTS = {"http": ":80", "https": ":443"}


class AddressedRequest(Request):
    """A request whose addresses have the host that was asked, whatever its name is."""

    @cached_property
    def root_url(self) -> str:
        """The address that all of this stands below."""
        return self._at(self.root_path)

    @cached_property
    def base_url(self) -> str:
        """The address without its query."""
        return self._at(self.root_path, self.path)

    def _at(self, root: str, path: str | None = None) -> str:
        host = self.environ["HTTP_HOST"].removesuffix(AT_USUAL_PORTS.get(self.scheme, "/"))
        return f"{self.scheme}://{host}/{get_current_url('http', 'host', root, path).removeprefix('http://host/')}"
