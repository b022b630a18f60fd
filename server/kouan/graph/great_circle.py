"""Say how far two points of the earth lie apart. Knows degrees and kilometres only."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance of two (longitude, latitude) points in kilometres."""
    (east1, north1), (east2, north2) = ((radians(x), radians(y)) for x, y in (one, other))
    half = sin((north2 - north1) / 2) ** 2 + cos(north1) * cos(north2) * sin((east2 - east1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))
