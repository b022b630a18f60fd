"""The columns that a table can get from what its cells mean, one value each. Knows things; knows no protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kouan.linking.gazetteer import Gazetteer
from kouan.linking.identifiers import GEONAMES
from kouan.linking.things import CODE, LOCODE, Thing
from kouan.vocabulary import KOUAN

CITY, PREFECTURE = KOUAN + "City", KOUAN + "Prefecture"
# A value of a cell: text, a number, or another thing.
Cell = str | float | Thing | None


@dataclass(frozen=True)
class Column:
    """A column: its names in English and Chinese, what it holds, words that it is found by, and how a cell is had from a thing."""

    id: str
    name: str
    chinese: str
    description: str
    words: str
    read: Callable[[Thing, Gazetteer], Cell]
    kind: str = ""

    def is_found_by(self, text: str) -> bool:
        """Return whether somebody who typed the text may mean the column: each word of it is within one of ours."""
        said = f"{self.id} {self.name} {self.chinese} {self.words}".casefold().split()
        return all(any(wanted in each for each in said) for wanted in text.casefold().split())


def _holder(thing: Thing, gazetteer: Gazetteer, kind: str) -> Thing | None:
    """Return the smallest area of a kind that holds a thing, the thing itself where it is of the kind."""
    places = [gazetteer.things[iri] for iri in sorted(thing.within | {thing.iri}) if iri in gazetteer.things]
    # The smallest: what lies in more areas, as Tacheng Prefecture does, which lies in Ili.
    return max(
        (place for place in places if _is_of_rank(place, kind)), key=lambda place: len(place.within), default=None
    )


def _is_of_rank(place: Thing, kind: str) -> bool:
    # A city stands where a prefecture does if its code says so: one abroad has none, one of the Corps that of a county.
    is_city = kind == PREFECTURE and CITY in place.types
    return kind in place.types or (is_city and any(code.value.endswith("00") for code in place.values.get(CODE, ())))


def _area(kind: str) -> Callable[[Thing, Gazetteer], Cell]:
    return lambda thing, gazetteer: _holder(thing, gazetteer, KOUAN + kind)


def _code(predicate: str) -> Callable[[Thing, Gazetteer], Cell]:
    return lambda thing, _: next((value.value for value in thing.values.get(predicate, ())), None)


def _geonames(thing: Thing, _: Gazetteer) -> Cell:
    return next((each.removeprefix(GEONAMES) for each in sorted(thing.identifiers) if each.startswith(GEONAMES)), None)


def _wkt(thing: Thing, _: Gazetteer) -> Cell:
    return f"POINT({thing.point[0]:.10g} {thing.point[1]:.10g})" if thing.point else None


COLUMNS = {
    column.id: column
    for column in (
        Column(
            "wikidata",
            "Wikidata item",
            "维基数据项",
            "the identifier of the same thing in Wikidata, such as Q128674",
            "wiki qid id sameAs link identifier 标识",
            lambda thing, _: thing.wikidata or None,
        ),
        Column(
            "geonames",
            "GeoNames number",
            "GeoNames编号",
            "the number of the same place in GeoNames",
            "id sameAs identifier 标识 地名",
            _geonames,
        ),
        Column(
            "latitude",
            "latitude",
            "纬度",
            "degrees north (WGS 84)",
            "coordinate coordinates location point lat 坐标",
            lambda thing, _: thing.point[1] if thing.point else None,
        ),
        Column(
            "longitude",
            "longitude",
            "经度",
            "degrees east (WGS 84)",
            "coordinate coordinates location point lon lng 坐标",
            lambda thing, _: thing.point[0] if thing.point else None,
        ),
        Column(
            "wkt",
            "coordinates as WKT",
            "WKT坐标",
            "a point, longitude first: POINT(130.36 42.87)",
            "coordinate coordinates location point geometry 几何",
            _wkt,
        ),
        Column(
            "labelEn",
            "label in English",
            "英文标签",
            "its name in English",
            "label name 名称",
            lambda thing, _: thing.label_in("en"),
        ),
        Column(
            "labelZh",
            "label in Chinese",
            "中文标签",
            "its name in simplified Chinese",
            "label name 名称",
            lambda thing, _: thing.label_in("zh", "zh-hans", "zh-cn", "zh-sg", "zh-hant"),
        ),
        Column("country", "country", "国家", "the country that it lies in", "area 国", _area("Country"), "Country"),
        Column(
            "province",
            "province",
            "省级行政区",
            "the province or region that it lies in",
            "area region state 省 自治区",
            _area("Province"),
            "Province",
        ),
        Column(
            "prefecture",
            "prefecture",
            "地级行政区",
            "the prefecture, league or city of that rank that it lies in",
            "area league 州 盟 市",
            _area("Prefecture"),
            "Prefecture",
        ),
        Column(
            "adminCode",
            "administrative code",
            "行政区划代码",
            "the six digits of GB/T 2260",
            "code gb division P442 区划码",
            _code(CODE),
        ),
        Column(
            "unlocode",
            "UN/LOCODE",
            "联合国口岸代码",
            "the code of a port, such as CNHEK",
            "code locode P1937 口岸代码",
            _code(LOCODE),
        ),
    )
}
