"""Reference systems by their IRIs, and shapes taken from one to another. Knows pyproj; shapes have their easting first, always."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import pyproj
import shapely

DEFINED = "http://www.opengis.net/def/crs/EPSG/0/"
# The ways to name a system that are in use; any other text is not given to pyproj, which would read files by some.
EPSG = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/EPSG/[^/]*/|urn:(?:x-)?ogc:def:crs:EPSG:[^:]*:|EPSG:"
    r"|https?://www\.opengis\.net/gml/srs/epsg\.xml#)(\d{4,6})",
    re.IGNORECASE,
)
OGC = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/OGC/[^/]*/|urn:(?:x-)?ogc:def:crs:OGC:[^:]*:|OGC:)CRS(84|83|27)", re.I
)
OF_OGC = "http://www.opengis.net/def/crs/OGC/1.3/CRS"
CRS84 = OF_OGC + "84"


class Placed(NamedTuple):
    """A shape and the IRI of its system."""

    shape: shapely.Geometry
    system: str = CRS84


def system_of(name: str) -> str:
    """Return the IRI of a system by any name in use; raises ValueError for one that is not known."""
    if not name:
        return CRS84
    if found := OGC.fullmatch(name):
        return OF_OGC + found[1]
    found = EPSG.fullmatch(name)
    if found is None:
        raise ValueError(name)
    _system(DEFINED + found[1])
    return DEFINED + found[1]


@lru_cache(maxsize=64)
def _system(iri: str) -> pyproj.CRS:
    try:
        is_ogc = iri.startswith(OF_OGC)
        found = pyproj.CRS("OGC:CRS" + iri.removeprefix(OF_OGC) if is_ogc else "EPSG:" + iri.removeprefix(DEFINED))
    except pyproj.exceptions.CRSError as error:
        raise ValueError(iri) from error
    # A system of heights alone says no places.
    if not (found.is_geographic or found.is_projected or found.is_geocentric):
        raise ValueError(iri)
    return found


@lru_cache(maxsize=64)
def is_north_first(system: str) -> bool:
    """Return whether a system has its northing or latitude before the other, as EPSG has it for EPSG:4326.

    Directions do not tell: around a pole both axes lead north, or south. A place that is computed in both orders does.
    """
    if system.startswith(OF_OGC):
        return False
    area = _system(system).area_of_use
    west, south, east, north = area.bounds if area else (-180.0, -90.0, 180.0, 90.0)
    place = west + 0.3 * ((east - west) % 360 or 360), south + 0.4 * (north - south)
    in_own, in_either = (
        pyproj.Transformer.from_crs(_system(CRS84), _system(system), always_xy=is_xy).transform(*place)
        for is_xy in (False, True)
    )
    return bool(in_own != in_either)


def flipped(shape: shapely.Geometry, system: str) -> shapely.Geometry:
    """Return a shape with its first two coordinates in the order of a system's axes, or back from it."""
    if not is_north_first(system):
        return shape
    return shapely.transform(shape, lambda x, y, *z: (y, x, *z), include_z=bool(shape.has_z), interleaved=False)


@lru_cache(maxsize=64)
def _way(start: str, end: str) -> Callable[..., tuple[float, ...]]:
    return pyproj.Transformer.from_crs(_system(start), _system(end), always_xy=True).transform


def within(placed: Placed, system: str) -> Placed:
    """Return a geometry in a system; raises ValueError where it lies outside of what that can express."""
    if placed.system == system:
        return placed
    way = _way(placed.system, system)
    shape = shapely.transform(placed.shape, way, include_z=bool(placed.shape.has_z), interleaved=False)
    if not shape.is_empty and not all(abs(bound) < float("inf") for bound in shape.bounds):
        raise ValueError(system)
    return Placed(shape, system)


def degrees(placed: Placed) -> shapely.Geometry:
    """Return the shape of a geometry in degrees, longitude first."""
    return within(placed, CRS84).shape
