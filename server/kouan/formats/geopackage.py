"""Write tables as an OGC GeoPackage (OGC 12-128r18), with a layer for each. Knows WKT in CRS84; projects nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely

Rows = Sequence[Mapping[str, Any]]
WGS_84 = 4326
# SQLite's types for what Python holds (OGC 12-128r18, table 1).
TYPES = {int: "INTEGER", float: "DOUBLE"}


def write_geopackage(path: Path, tables: Mapping[str, Rows], geometry: str) -> None:
    """Write each table as a layer of points, where it has a column of geometries, else as attributes.

    A value of another kind than the first in its column is written as text; OSError where the file cannot be written.
    """
    from fudgeo.geopkg import GeoPackage

    path.unlink(missing_ok=True)
    package = GeoPackage.create(path, flavor="EPSG", ogr_contents=True)
    for name, rows in tables.items():
        _write_layer(package, name, rows, geometry)
    package.connection.commit()
    package.connection.close()


def _write_layer(package: Any, name: str, rows: Rows, geometry: str) -> None:
    from fudgeo.geometry import Point
    from fudgeo.geopkg import Field, SpatialReferenceSystem

    columns = [column for column in (rows[0] if rows else {}) if column != geometry]
    kinds = {column: _kind(row[column] for row in rows) for column in columns}
    fields = [Field(column, TYPES.get(kinds[column], "TEXT")) for column in columns]
    values = [tuple(_as(row[column], kinds[column]) for column in columns) for row in rows]
    names = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join("?" for _ in columns)
    with package.connection as connection:
        if not rows or geometry not in rows[0]:
            table = package.create_table(name, fields=fields)
            connection.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', values)
            return
        system = SpatialReferenceSystem("WGS 84", "EPSG", WGS_84, 'GEOGCS["WGS 84"]')
        layer = package.create_feature_class(name, srs=system, shape_type="POINT", fields=fields, geom_name="geom")
        points = [_point(row[geometry], Point) for row in rows]
        placed = [(point, *each) for point, each in zip(points, values, strict=True)]
        connection.executemany(f'INSERT INTO "{layer.name}" (geom, {names}) VALUES (?, {marks})', placed)


def _point(text: str | None, point: Any) -> Any:
    if not text:
        return None
    found = shapely.from_wkt(text)
    return point(x=found.x, y=found.y, srs_id=WGS_84)


def _kind(values: Any) -> type:
    kinds = {type(value) for value in values if value is not None}
    return kinds.pop() if len(kinds) == 1 else float if kinds == {int, float} else str


def _as(value: Any, kind: type) -> Any:
    return None if value is None else kind(value)
