"""--since leaves out what an earlier look had."""

from __future__ import annotations

import csv
import io


def test_findings_that_were_read_before_a_day_are_left_out(kouan):
    def count(*options):
        answered = kouan("wikidata", "compare", "--format", "csv", *options)
        return len(list(csv.DictReader(io.StringIO(answered.stdout))))

    assert count("--since", "2999-01-01") == 0
    assert count("--since", "2000-01-01") > 0
    assert count("--since", "2000-01-01") <= count()


def test_export_since_a_day_to_come_writes_nothing(kouan):
    assert kouan("wikidata", "export", "--since", "2999-01-01").stdout == ""
    assert kouan("wikidata", "export", "--since", "2000-01-01").stdout != ""


def test_day_that_is_none_is_refused(kouan):
    assert kouan("wikidata", "compare", "--since", "soon").returncode == 2
