"""Say how alike two names are. Knows names; knows no things and no evidence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from kouan.graph.place_names import HAN, Name, latin, read_name, script_of
from kouan.graph.romanisation import from_wade_giles, is_pinyin, is_wade_giles, pinyin
from kouan.linking.naming import DERIVED
from kouan.linking.things import PORT, Thing
from kouan.vocabulary import KOUAN

# The kind of a name of which only GeoNames says that it is one.
OTHER = "other"
# How alike two spellings of one name are at least, of 100, or the short one to a part of the other.
SPELLED = 55
# Names less alike than this are not looked at.
ALIKE = 72
# A name that only a romanisation brings near, in Chinese that is written otherwise, may be another place's; of three
# characters one may be taken for another of its sound.
SOUNDS_ALIKE, SOUNDS_ALIKE_LONG = 76.0, 84.0
# A short form is not made sure by a province alone, in which another place may have it for its name.
ABBREVIATED, ABBREVIATED_NAME = 68.0, 81.5
# More slips than one, two in a long name, are more likely another name, and so is other pinyin that there is.
SLIPS, SLIPS_LONG, LONG = 1, 2, 9
ANOTHER = 76.0
LAND_PORT, WATER_PORT = KOUAN + "LandPort", KOUAN + "WaterPort"
# What a name in other letters is at most where only the sound of its own brings it near.
SOUNDS_SO = 76.0
# A number is no slip.
DIGITS = re.compile(r"\d")
CYRILLIC, HANGUL = re.compile("[\u0400-\u04ff]"), re.compile("[\uac00-\ud7a3]")
LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
# СУАР is said letter by letter.
INITIALS = re.compile("[\u0400-\u042f]{2,5}")
# Scripts in which one name has many spellings, which are compared as they are read.
READ = {"CYRILLIC", "HANGUL"}
ARABIC = re.compile("[\u0600-\u06ff]")
ASPIRATED = re.compile("['‘’ʻʼ`´]")
# Sounds that are taken for each other in speech, and so in writing.
TAKEN_FOR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


class Alike(NamedTuple):
    """How alike a name is to one of a thing's, whether to the letter, what it lost for its kind, and what that one is."""

    likeness: float
    exact: bool
    unsaid: float
    called: str


def likeness(name: Name, other: Name, weight: float, unsaid: float) -> float:
    """Return how alike two names are: `weight` for the very same letters, less for what a slip or a short form makes.

    `unsaid` is what the other name loses where the word for its kind is not written.
    """
    is_own = not name.text.isascii() or is_pinyin(name.stem)
    if weight <= DERIVED and CYRILLIC.match(other.text) and LATIN.match(name.text) and is_own:
        # Лан is how Russian spells Lang; in letters, Lan is another name, and so is Fušun one of Фусун.
        return 0.0
    if _is_letters_of(name, other):
        return 0.0
    if is_heard(name, other):
        return min(SOUNDS_SO, weight) if name.key == other.key or name.stem == other.stem else 0.0
    if name.key == other.key or _is_all_but_kind(name, other):
        return weight
    if not other.kind or other.kind == name.kind or {name.kind, other.kind} == {LAND_PORT, PORT}:
        # Most ports are land ports.
        unsaid = 0.0
    elif other.kind in name.kinds:
        # Of a land port it is said by half that it is one by road.
        unsaid /= 2
    if name.stem == other.stem:
        # The words for kinds differ or one has none; whether the thing is of the kind is scored apart.
        return min(weight, 92.0) - unsaid
    if latin(name.text) == latin(other.text):
        return _sounds_alike(name, other) if name.is_chinese else min(weight, 92.0)
    if weight <= DERIVED or min(len(name.stem), len(other.stem)) < 2:
        return 0.0
    alike = _with_slips(name, other)
    if abbreviates(name.stem, other.stem) or abbreviates(name.stem, other.key):
        # 二连 and Erlian are half of the name; less of it may be short for much, where the kind does not agree.
        is_much = len(name.stem) * 2 >= len(other.stem) and not other.kind
        alike = max(alike, ABBREVIATED_NAME if is_much or (name.kind and name.kind == other.kind) else ABBREVIATED)
    return alike - (unsaid if not name.kind else 0.0)


def _sounds_alike(name: Name, other: Name) -> float:
    """Return how alike two names in Chinese are that sound alike: 满州里 is 满洲里 with a slip."""
    one, two = name.stem, other.stem
    is_slip = len(one) == len(two) >= 3 and sum(a != b for a, b in zip(one, two, strict=True)) == 1
    return SOUNDS_ALIKE_LONG if is_slip else SOUNDS_ALIKE


def _with_slips(name: Name, other: Name) -> float:
    short = min(len(name.stem), len(other.stem))
    alike = fuzz.ratio(name.stem, other.stem)
    if DIGITS.findall(name.stem) != DIGITS.findall(other.stem):
        return min(alike, ANOTHER)
    if not (name.kind and other.kind):
        # Two counties are not more alike because both are called county.
        alike = max(alike, fuzz.ratio(name.key, other.key))
    if name.is_chinese and other.is_chinese:
        # One wrong character of two is another place; of three or more it may be a slip.
        return alike * (0.86 if short >= 3 else 0.6)
    alike *= 0.96 if short >= 5 else 0.8
    slips = OSA.distance(name.stem, other.stem)
    if slips > (SLIPS_LONG if short >= LONG else SLIPS):
        return min(alike, ANOTHER)
    is_other_pinyin = not _is_taken_for(name.stem, other.stem) and any(
        # Nor is Lichiang, which is Lijiang, one for Linchiang.
        all(is_spelled(each.stem) for each in (name, other))
        for is_spelled in (is_pinyin, is_wade_giles)
    )
    # Hsin-kang is Xingang to the letter, and no slip for Hsinkiang.
    is_other_pinyin = is_other_pinyin or bool(from_wade_giles(name.text))
    # Nobody mistypes a first letter: Khasa is not Lhasa.
    is_other_start = latin(name.text)[:1] != latin(other.text)[:1]
    return min(alike, ANOTHER) if is_other_pinyin or is_other_start else alike


def _is_taken_for(one: str, two: str) -> bool:
    for sound, plain in TAKEN_FOR:
        one, two = one.replace(sound, plain), two.replace(sound, plain)
    return one == two


def is_exact(name: Name, other: Name) -> bool:
    """Return whether two names are one but for script, spelling of sounds, and the word for a kind."""
    if _is_letters_of(name, other) or _is_other_russian(name, other) or is_heard(name, other):
        return False
    same = name.stem == other.stem or name.key == other.key or _is_all_but_kind(name, other)
    return same or (not name.is_chinese and latin(name.text) == latin(other.text))


def _is_letters_of(name: Name, other: Name) -> bool:
    """Return whether a name is held against one in Hangul, whose letters are another reading: neither Ando nor Аньдо is 안도."""
    return bool(HANGUL.match(other.text)) and not HANGUL.match(name.text)


def written_so(name: Name, likenesses: Mapping[str, Alike]) -> set[str]:
    """Return the things that have a name of neither Latin letters nor characters to the letter: Хоргос may be the Kazakh one."""
    if LATIN.search(name.text) or name.is_chinese:
        return set()
    text = name.text.casefold()
    return {iri for iri, alike in likenesses.items() if alike.exact and alike.called.casefold() == text}


def is_heard(name: Name, other: Name) -> bool:
    """Return whether two names in different letters have but their sound in common, which nobody writes so.

    Chin is not ຈີນ, nor Suar СУАР, nor Xicang 西藏, which is Xizang. What has its apostrophes is read as Wade-Giles: K'uei-chou is
    not Kuei-chou. Names in Russian are written in Latin letters by everybody, and Chinese ones in pinyin.
    """
    one, two = bool(LATIN.search(name.text)), bool(LATIN.search(other.text))
    if one and two:
        return _is_other_aspirate(name, other)
    if one == two:
        return not (name.is_chinese or other.is_chinese) and _is_other_word(name, other)
    latin_one, foreign = (name, other) if one else (other, name)
    if foreign.is_chinese:
        sounds = {latin(pinyin(foreign.stem)), latin(pinyin(foreign.text)), ""}
        return latin_one.stem in {latin(foreign.stem), latin(foreign.text)} and latin_one.stem not in sounds
    if CYRILLIC.search(foreign.text):
        return bool(INITIALS.fullmatch(foreign.text.strip()))
    # Uyghur has all its vowels, and letters in Latin that are read as these are.
    return not (HANGUL.search(foreign.text) or ARABIC.search(foreign.text))


def _is_other_word(name: Name, other: Name) -> bool:
    """Return whether two names in neither Latin letters nor characters differ in letters that a reading drops: شین یانگ is not شینینگ."""
    scripts = {script_of(name.text), script_of(other.text)}
    if scripts != {"ARABIC"}:
        return len(scripts) > 1 and not scripts <= READ
    # Only of these letters a reading leaves out what tells names apart. The word for a kind may be another one.
    short, long = sorted(
        ((each.text.rpartition(" ")[0] if each.kind else "") or each.text for each in (name, other)), key=len
    )
    return not long.startswith(short)


def _is_other_aspirate(name: Name, other: Name) -> bool:
    """Return whether a name that has the apostrophes of Wade-Giles is met by what is said otherwise: Ch'ing-hsi is not Jingxi."""
    if not ASPIRATED.search(name.text):
        return False
    words = ASPIRATED.sub("'", name.text).split()
    sound = latin(from_wade_giles(" ".join(words[:-1] if name.kind and len(words) > 1 else words)))
    return bool(sound) and sound not in {other.stem, other.key, latin(from_wade_giles(other.text))}


def _is_other_russian(name: Name, other: Name) -> bool:
    """Return whether two names in Russian differ in what it has n and ng by: Лунлинь is not Лунлин."""
    one, two = (each.text.casefold() for each in (name, other))
    return bool(CYRILLIC.search(one) and CYRILLIC.search(two)) and one.count("нь") != two.count("нь")


def _is_all_but_kind(name: Name, other: Name) -> bool:
    """Return whether a name that says a kind is all of another before the word for its own: 丹东港 of 丹东港口岸."""
    is_harbour = (name.kind, other.kind) == (WATER_PORT, PORT)
    return (is_harbour or name.kind == other.kind != "") and name.key == other.stem


def abbreviates(short: str, full: str) -> bool:
    """Return whether a name may stand for a longer one: its beginning, or in Chinese some of its characters in order."""
    if HAN.search(short):
        rest = iter(full)
        return 2 <= len(short) < len(full) and short[0] == full[0] and all(character in rest for character in short)
    return len(short) >= 5 and len(full) > len(short) and full.startswith(short)


def is_another(called: str, thing: Thing) -> bool:
    """Return whether a name may be that of a seat and none of its area: no label in another spelling, nor known as a name of the area."""
    if not thing.spellings.get(called, OTHER).startswith(OTHER):
        return False
    stem = latin(read_name(called).stem)
    # 文山州 is short for 文山壮族苗族自治州.
    return bool(stem) and all(
        fuzz.partial_ratio(stem, latin(read_name(each).stem)) < SPELLED for each in thing.labels.values()
    )
