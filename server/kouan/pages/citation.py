"""Cite a thing, a source or the whole dataset: in words, as BibTeX, as RIS, as CSL-JSON. Knows formats of citations, no pages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date

from kouan.http.languages import say

FORMATS = {
    "bibtex": ("application/x-bibtex", "bib"),
    "ris": ("application/x-research-info-systems", "ris"),
    "csl": ("application/vnd.citationstyles.csl+json", "json"),
    "text": ("text/plain", "txt"),
}
SHORT = 12


@dataclass(frozen=True)
class Citation:
    """What is cited: a title within a container, which is "" for the container itself."""

    title: str
    container: str
    publisher: str
    version: str
    address: str
    licence: str
    accessed: date | None = None

    @property
    def text(self) -> str:
        """Return the citation in words of the reader's language."""
        named = say("“{title}.” In: {container}.") if self.title else say("{container}.")
        by = say(" {publisher}.") if self.publisher and self.publisher != self.container else ""
        read = say(" (accessed {date})") if self.accessed else ""
        # Plain text: what shows it escapes it.
        return str(named + by + say(" Version {version}. {address}") + read + say(".")).format(
            title=self.title,
            container=self.container,
            publisher=self.publisher,
            version=self.version[:SHORT],
            address=self.address,
            date=self.accessed.isoformat() if self.accessed else "",
        )

    @property
    def bibtex(self) -> str:
        """Return it as an entry of BibTeX, what would be read as a command escaped."""
        slug = re.sub(r"\W+", "-", self.address.rsplit("//", 1)[-1]).strip("-").lower()
        fields = {
            # Who publishes it wrote it: no person does who is not named there.
            "author": f"{{{_tex(self.publisher)}}}" if self.publisher else "",
            "title": f"{{{_tex(self.title or self.container)}}}",
            "booktitle": _tex(self.container) if self.title else "",
            "publisher": _tex(self.publisher),
            "year": str(self.accessed.year) if self.accessed else "",
            "version": self.version,
            "url": self.address,
            "urldate": self.accessed.isoformat() if self.accessed else "",
            "note": _tex(self.licence),
        }
        told = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
        return f"@misc{{{slug},\n{told}}}\n"

    @property
    def ris(self) -> str:
        """Return it as a record of RIS."""
        lines = [
            ("TY", "DATA"),
            ("AU", self.publisher),
            ("TI", self.title or self.container),
            ("T2", self.container if self.title else ""),
            ("PB", self.publisher),
            ("PY", self.accessed.strftime("%Y") if self.accessed else ""),
            ("ET", self.version),
            ("UR", self.address),
            ("Y2", self.accessed.strftime("%Y/%m/%d") if self.accessed else ""),
            ("N1", self.licence),
        ]
        return "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in lines if value) + "ER  - \r\n"

    @property
    def csl(self) -> str:
        """Return it as a list of one item of CSL-JSON."""
        parts = [self.accessed.year, self.accessed.month, self.accessed.day] if self.accessed else []
        item = {
            "id": self.address,
            "type": "dataset",
            "title": self.title or self.container,
            "author": [{"literal": self.publisher}] if self.publisher else None,
            "container-title": self.container if self.title else "",
            "publisher": self.publisher,
            "version": self.version,
            "URL": self.address,
            "accessed": {"date-parts": [parts]} if parts else None,
            "issued": {"date-parts": [parts[:1]]} if parts else None,
            "note": self.licence,
        }
        return json.dumps([{k: v for k, v in item.items() if v}], ensure_ascii=False, indent=1) + "\n"

    def written(self, name: str) -> str:
        """Return it in the format of a name."""
        return {"bibtex": self.bibtex, "ris": self.ris, "csl": self.csl, "text": self.text + "\n"}[name]


def _tex(text: str) -> str:
    return re.sub(r"([&%$#_{}])", r"\\\1", _line(text).replace("\\", "/"))


def _line(text: str) -> str:
    return " ".join(text.split())
