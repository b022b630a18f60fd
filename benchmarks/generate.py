"""Write a graph of the shape of Kouan's own, of any size, the same for the same seed. Knows no server.

Cities in provinces, some at a border, with labels in two languages, ports, zones, corridors and policies: about 13
triples for a city and what belongs to it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

KOUAN = "https://w3id.org/kouan/ontology#"
ID = "https://w3id.org/kouan/id/"
RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
ALTERNATIVE = "<http://www.w3.org/2004/02/skos/core#altLabel>"
INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"
SYLLABLES = [
    *("hei", "he", "man", "zhou", "li", "sui", "fen", "hun", "chun", "dan", "dong", "er"),
    *("lian", "hao", "te", "rui", "wan", "ding", "xing", "ping", "xiang", "ma", "ka", "shi"),
]
CHARACTERS = "黑河满洲里绥芬珲春丹东二连浩特瑞丽畹町凭祥喀什塔城霍尔果斯"
TRIPLES_OF_A_CITY = 13.17
SEED = 2018


def cities_for(triples: int) -> int:
    """Return how many cities make about so many triples."""
    return max(50, round(triples / TRIPLES_OF_A_CITY))


def write(path: Path, triples: int) -> int:
    """Return how many triples were written to an N-Triples file."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for line in lines(cities_for(triples)):
            file.write(line)
            count += 1
    return count


def lines(cities: int) -> Iterator[str]:
    """Yield the triples of a graph of so many cities, each once, as lines of N-Triples."""
    chance = random.Random(SEED)
    provinces, corridors = max(5, cities // 40), max(3, cities // 100)
    for number in range(15):
        yield f"<{ID}country-{number}> {RDF_TYPE} <{KOUAN}Country> .\n"
        yield f'<{ID}country-{number}> {LABEL} "Country {number}"@en .\n'
    for number in range(provinces):
        yield f"<{ID}province-{number}> {RDF_TYPE} <{KOUAN}Province> .\n"
        yield f'<{ID}province-{number}> {LABEL} "{_name(chance)} Province {number}"@en .\n'
        yield f"<{ID}province-{number}> <{KOUAN}locatedIn> <{ID}country-0> .\n"
    for number in range(corridors):
        yield f"<{ID}corridor-{number}> {RDF_TYPE} <{KOUAN}Corridor> .\n"
        for city in sorted(chance.sample(range(cities), 8)):
            yield f"<{ID}corridor-{number}> <{KOUAN}passesThrough> <{ID}city-{city}> .\n"
    for number in range(cities):
        yield from _city(chance, number, chance.randrange(provinces))


def _city(chance: random.Random, number: int, province: int) -> Iterator[str]:
    city, port, zone = f"<{ID}city-{number}>", f"<{ID}port-{number}>", f"<{ID}zone-{number}>"
    name = _name(chance)
    chinese = "".join(chance.choice(CHARACTERS) for _ in range(3))
    yield f"{city} {RDF_TYPE} <{KOUAN}City> .\n"
    yield f'{city} {LABEL} "{name} {number}"@en .\n'
    yield f'{city} {LABEL} "{chinese}{number}"@zh .\n'
    yield f'{city} {ALTERNATIVE} "{name.lower()}-{number}"@zh-Latn .\n'
    yield f"{city} <{KOUAN}locatedIn> <{ID}province-{province}> .\n"
    yield f'{city} <{KOUAN}population> "{chance.randrange(10_000, 9_000_000)}"^^{INTEGER} .\n'
    yield f"{city} <{KOUAN}hasPort> {port} .\n"
    yield f"{port} {RDF_TYPE} <{KOUAN}{chance.choice(['RailPort', 'RoadPort', 'WaterPort', 'AirPort'])}> .\n"
    yield f'{port} {LABEL} "Port of {name} {number}"@en .\n'
    yield f"{port} <{KOUAN}portOf> {city} .\n"
    yield f'{port} <{KOUAN}openedYear> "{chance.randrange(1950, 2024)}"^^{INTEGER} .\n'
    if number % 3 == 0:
        yield f"{city} <{KOUAN}bordersCountry> <{ID}country-{chance.randrange(1, 15)}> .\n"
        yield f"{city} <{KOUAN}hostsZone> {zone} .\n"
        yield f"{zone} {RDF_TYPE} <{KOUAN}CooperationZone> .\n"
        yield f'{zone} {LABEL} "Zone of {name} {number}"@en .\n'
        yield f'{zone} <{KOUAN}issuedYear> "{chance.randrange(1990, 2024)}"^^{INTEGER} .\n'
        yield f"{zone} <{KOUAN}partnerCountry> <{ID}country-{chance.randrange(1, 15)}> .\n"


def _name(chance: random.Random) -> str:
    return "".join(chance.choice(SYLLABLES) for _ in range(3)).capitalize()
