"""Find the nearest points of two geometries on the globe. Knows that edges are straight in degrees, as for the relations.

Places are compared by their chords through the Earth, which know of no date line and no poles. Edges are cut where they
may hold the nearest points, until their pieces are as good as straight; all others are left out by what bounds them.
"""

from __future__ import annotations

import math

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate

Array = NDArray[np.float64]
Places = NDArray[np.intp]
# How far the pieces of a pair may be from straight, by their distance from each other, and in metres where they all but meet.
STRAIGHT, LEAST = 4e-3, 1e-2
# So many pairs of edges are looked at one by one; of more the edges are compared first, and those of long lines in runs.
FEW = 256
LAST_SINGLE = shapely.GeometryType.POLYGON
# So many pairs of pieces are cut no more, and an edge is cut into so many pieces at once.
MANY, MOST_CUTS = 5_000, 8
# The Earth is no sphere: what is nearest by the chord need not be so by the way along the ground.
MEASURED = 16
# The two ends of both edges of a pair, and the edge that each is measured to, from its start to its end.
STARTS, STOPS = [2, 2, 0, 0], [3, 3, 1, 1]


def meets(here: shapely.Geometry, there: shapely.Geometry) -> bool:
    """Return whether two geometries in degrees have a place in common, be one written as beyond the date line or not."""
    if shapely.intersects(here, there):
        return True
    west, _, east, _ = here.bounds
    start, _, end, _ = there.bounds
    turns = (turn for turn in (-360, 360) if start + turn <= east and end + turn >= west)
    return any(bool(shapely.intersects(here, translate(there, turn))) for turn in turns)


def shortest_way(here: shapely.Geometry, there: shapely.Geometry, ellipsoid: pyproj.Geod) -> float:
    """Return how far two geometries in degrees that do not meet are apart; raises ValueError for an empty one."""
    pairs = _nearest_pairs(_edges(here), _edges(there), ellipsoid)
    bends = _bends(pairs, ellipsoid)
    while True:
        shares, ways = _feet(pairs, ellipsoid)
        chords, bent = ways.min(axis=1), bends.sum(axis=1)
        best = float((chords + bent).min())
        # Where chords cross and the edges do not, both are bent that way.
        is_near = chords - 2 * bent <= best
        enough = max(STRAIGHT * best, LEAST)
        if len(pairs) > MANY or not (is_near & (bent > enough)).any():
            return _measured(pairs, shares, ways, ellipsoid)
        pairs, bends = _cut(pairs[is_near], bends[is_near], enough)


def _edges(shape: shapely.Geometry) -> Array:
    """Return the starts and the ends of all edges in degrees; each point and last point of a line is an edge of no length."""
    lines = shapely.get_parts(shape)
    while (shapely.get_type_id(lines) > LAST_SINGLE).any():
        lines = shapely.get_parts(lines)
    if (is_area := shapely.get_type_id(lines) == LAST_SINGLE).any():
        lines = np.concatenate([lines[~is_area], shapely.get_rings(lines[is_area])])
    starts, of = shapely.get_coordinates(lines, return_index=True)
    if not len(starts):
        raise ValueError("an empty geometry is nowhere")
    ends = starts.copy()
    goes_on = of[1:] == of[:-1]
    ends[:-1][goes_on] = starts[1:][goes_on]
    return np.concatenate([starts, ends], axis=1)


def _places(degrees: Array, ellipsoid: pyproj.Geod) -> Array:
    """Return points in space, in metres from the middle of the Earth."""
    radians = np.radians(degrees)
    east, north = radians[..., 0], radians[..., 1]
    rise = np.sin(north)
    wide = ellipsoid.a / np.sqrt(1 - ellipsoid.es * rise * rise)
    out = wide * np.cos(north)
    return np.stack([out * np.cos(east), out * np.sin(east), wide * (1 - ellipsoid.es) * rise], axis=-1)


def _spans(edges: Array) -> tuple[Array, Array, Array]:
    """Return how far edges go to the east and to the north in radians, and how wide the widest parallel that they meet is."""
    spans = np.abs(np.radians(edges[:, 2:] - edges[:, :2]))
    south, north = edges[:, 1], edges[:, 3]
    lowest = np.where(south * north > 0, np.minimum(np.abs(south), np.abs(north)), 0.0)
    return spans[:, 0], spans[:, 1], np.cos(np.radians(np.minimum(lowest, 90.0)))


def _reach(edges: Array, ellipsoid: pyproj.Geod) -> Array:
    """Return how far an edge goes from its middle at most."""
    east, north, wide = _spans(edges)
    # No curve of the ellipsoid is flatter than that of a sphere whose radius is a²/b.
    return np.hypot(east * wide, north) * (ellipsoid.a**2 / ellipsoid.b / 2)


def _bend(edges: Array, ellipsoid: pyproj.Geod) -> Array:
    """Return how far an edge is from its chord at most: an eighth of its acceleration."""
    east, north, wide = _spans(edges)
    return (east * east * wide + north * north + 2 * east * north) * (ellipsoid.a**2 / ellipsoid.b / 8)


def _bends(pairs: Array, ellipsoid: pyproj.Geod) -> Array:
    """Return how far both edges of each pair are from their chords at most."""
    return _bend(pairs.reshape(-1, 4), ellipsoid).reshape(-1, 2)


def _cut(pairs: Array, bends: Array, enough: float) -> tuple[Array, Array]:
    """Return the pairs of what the more bent edge of each pair is cut into with the other edge, and how bent all are."""
    edges, rows = pairs.reshape(-1, 2, 2, 2), np.arange(len(pairs))
    bent = bends.argmax(axis=1)
    times = min(max(math.ceil(math.sqrt(float(bends.max()) / enough * 2)), 2), MOST_CUTS)
    start, end = edges[rows, bent, 0], edges[rows, bent, 1]
    cuts = start[:, None] + np.linspace(0.0, 1.0, times + 1)[:, None] * (end - start)[:, None]
    pieces = np.repeat(edges[:, None], times, axis=1)
    pieces[rows, :, bent, 0], pieces[rows, :, bent, 1] = cuts[:, :-1], cuts[:, 1:]
    bends[rows, bent] /= times**2
    return pieces.reshape(-1, 8), np.repeat(bends, times, axis=0)


def _feet(pairs: Array, ellipsoid: pyproj.Geod) -> tuple[Array, Array]:
    """Return how far along the chord of the other edge each end of the edges of pairs is nearest to it, and how far away that is."""
    places = _places(pairs.reshape(-1, 4, 2), ellipsoid)
    starts = places[:, STARTS]
    chords, ways = places[:, STOPS] - starts, places - starts
    squares = np.einsum("ijk,ijk->ij", chords, chords)
    shares = np.einsum("ijk,ijk->ij", ways, chords) / np.maximum(squares, 1e-30)
    shares = np.minimum(np.maximum(shares, 0.0), 1.0)
    ways -= shares[..., None] * chords
    return shares, np.sqrt(np.einsum("ijk,ijk->ij", ways, ways))


def _measured(pairs: Array, shares: Array, ways: Array, ellipsoid: pyproj.Geod) -> float:
    """Return the least way along the ground between what is nearest by its chord."""
    chosen = np.argsort(ways, axis=None)[:MEASURED]
    chosen = chosen[ways.ravel()[chosen] <= ways.min() * (1 + STRAIGHT) + LEAST]
    rows, columns = np.divmod(chosen, 4)
    ends = pairs.reshape(-1, 4, 2)[rows]
    numbers = np.arange(len(rows))
    starts, stops = (ends[numbers, np.take(way, columns)] for way in (STARTS, STOPS))
    feet = starts + shares[rows, columns, None] * (stops - starts)
    one, other = ends[numbers, columns].T, feet.T
    return float(ellipsoid.inv(one[0], one[1], other[0], other[1])[2].min())


def _nearest_pairs(ones: Array, others: Array, ellipsoid: pyproj.Geod) -> Array:
    """Return the pairs of edges among which the nearest are."""
    if len(ones) * len(others) <= FEW:
        return np.concatenate([np.repeat(ones, len(others), axis=0), np.tile(others, (len(ones), 1))], axis=1)
    here, there = _balls(ones, ellipsoid), _balls(others, ellipsoid)
    runs, other_runs = _runs(here), _runs(there)
    least, most = _apart(_around(here, runs), _around(there, other_runs))
    best, found = float(most.min()), []
    for place in np.argsort(least, axis=None):
        run, other_run = divmod(int(place), len(other_runs) - 1)
        if least[run, other_run] > best:
            break
        start, other_start = runs[run], other_runs[other_run]
        near, far = _apart(here[start : runs[run + 1]], there[other_start : other_runs[other_run + 1]])
        best = min(best, float(far.min()))
        rows, columns = np.nonzero(near <= best)
        found.append((rows + start, columns + other_start, near[rows, columns]))
    rows, columns, near = (np.concatenate(each) for each in zip(*found, strict=True))
    is_near = near <= best
    return np.concatenate([ones[rows[is_near]], others[columns[is_near]]], axis=1)


def _balls(edges: Array, ellipsoid: pyproj.Geod) -> Array:
    """Return the middle of each edge in space, and how far it goes from there at most."""
    middles = _places((edges[:, :2] + edges[:, 2:]) / 2, ellipsoid)
    return np.concatenate([middles, _reach(edges, ellipsoid)[:, None]], axis=1)


def _runs(balls: Array) -> Places:
    """Return where runs of neighbours begin, and where the last ends: as many runs as each has edges."""
    return np.append(np.arange(0, len(balls), math.isqrt(len(balls))), len(balls))


def _around(balls: Array, runs: Places) -> Array:
    """Return a ball around those of each run."""
    starts, lengths = runs[:-1], np.diff(runs)
    middles = (np.minimum.reduceat(balls[:, :3], starts) + np.maximum.reduceat(balls[:, :3], starts)) / 2
    away = np.linalg.norm(balls[:, :3] - np.repeat(middles, lengths, axis=0), axis=1) + balls[:, 3]
    return np.concatenate([middles, np.maximum.reduceat(away, starts)[:, None]], axis=1)


def _apart(ones: Array, others: Array) -> tuple[Array, Array]:
    """Return how far what is in balls is apart, at least and at most."""
    apart = np.sqrt(sum((ones[:, None, axis] - others[:, axis]) ** 2 for axis in range(3)))
    reach = ones[:, None, 3] + others[:, 3]
    return apart - reach, apart + reach
