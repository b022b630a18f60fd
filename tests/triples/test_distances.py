"""The computed distances are those that the graph's points give today, and agree with a measure of our own."""

from __future__ import annotations

import pytest
from geometry import distance_km

from kouan import library
from kouan.cli.distances import measured

# The line of the boundary and the points are simplified, and distances are whole kilometres.
SLACK_KM = 2


@pytest.fixture(scope="module")
def graph(settings, snapshot):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOUAN_SNAPSHOTS", str(settings.snapshots))
        yield library.open()


def test_files_are_what_the_command_computes(graph, dataset):
    for path, text in measured(graph).items():
        assert (dataset.home / path).read_text(encoding="utf-8") == text, "run kouan export distances"


def test_distances_to_the_boundary_agree_with_the_outlines(facts, points, outlines):
    apart = {}
    for thing, known in facts.items():
        if known["kilometresToBoundary"] and thing in points:
            (told,) = known["kilometresToBoundary"]
            gap = min(distance_km(points[thing], line) for line in outlines["boundaries"].values())
            # A degree of longitude is no straight measure over hundreds of kilometres.
            if abs(gap - float(told)) > SLACK_KM + 0.02 * gap:
                apart[thing] = gap, told
    assert apart == {}


def test_cities_and_their_capitals(facts):
    assert {city: known["capitalOf"] for city, known in facts.items() if known["capitalOf"]} == {
        "changchun": {"jilin"},
        "harbin": {"heilongjiang"},
        "hohhot": {"inner-mongolia"},
        "kunming": {"yunnan"},
        "lanzhou": {"gansu"},
        "lhasa": {"tibet"},
        "nanning": {"guangxi"},
        "shenyang": {"liaoning"},
        "urumqi": {"xinjiang"},
    }
    assert facts["erenhot"]["nearestRailPort"] == {"erenhot-rail-port"}
    assert facts["mengla"]["nearestRailPort"] == {"mohan-rail-port"}
