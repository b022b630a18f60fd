"""Of data whose things have very many names all is read, or it is told that it is too much."""

from __future__ import annotations

import csv
import io

import pytest
from pyoxigraph import RdfFormat, Store

from kouan.errors import TooLarge
from kouan.linking import other_data

WORDS = ["Ambar", "Brokel", "Cusin", "Dorvet", "Elgast", "Fumir", "Gundol", "Hepsik", "Irvand", "Jolqu"]
LETTERS = [first + second for first in "abcdefghijklmnopqrst" for second in "abcdefghijklmnopqrst"]
LABELS = "\n".join(
    f'<http://example.org/p/{thing}> <http://www.w3.org/2004/02/skos/core#prefLabel> "{WORDS[thing]}{letters}"@x-{letters} .'
    for thing in range(10)
    for letters in LETTERS
)


def test_every_thing_is_read_however_many_names_each_has(kouan, tmp_path):
    (tmp_path / "many.nt").write_text(LABELS, encoding="utf-8")
    table = tmp_path / "one.csv"
    table.write_text("place\n" + "".join(f"{word}gh\n" for word in WORDS), encoding="utf-8")
    answered = kouan("reconcile", table, "--column", "place", "--against", tmp_path / "many.nt", "-o", "-")
    assert answered.returncode == 0, answered.stderr
    found = [row["kouan_id"] for row in csv.DictReader(io.StringIO(answered.stdout))]
    assert found == [f"http://example.org/p/{thing}" for thing in range(10)]


@pytest.mark.parametrize(("most", "is_told"), [(4_000, False), (3_999, True)])
def test_more_than_is_read_is_told(monkeypatch, most, is_told):
    monkeypatch.setattr(other_data, "MOST", most)
    store = Store()
    store.load(LABELS.encode(), RdfFormat.N_TRIPLES)

    def construct(query):
        return store.query(query).serialize(format=RdfFormat.N_TRIPLES)

    if is_told:
        with pytest.raises(TooLarge):
            other_data.read_named(construct)
    else:
        assert len(other_data.read_named(construct)) == 4_000
