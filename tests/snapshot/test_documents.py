"""What people have in their folders is read where it can be, and named where it cannot."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import time
import zipfile
from dataclasses import replace

import httpx
import pytest
import zstandard
from pyoxigraph import NamedNode

from kouan.errors import SourceError
from kouan.graph.zstd_reading import zstd_reader
from kouan.settings import read_settings
from kouan.snapshot import build_foreign


@pytest.fixture
def settings(tmp_path):
    return replace(read_settings({}), snapshots=tmp_path / "snapshots", memory_quads=10_000)


def line(name):
    return f"<urn:{name}> <urn:p> <urn:o> .\n".encode()


def built(settings, folder, **given):
    said = []
    snapshot = build_foreign([folder], replace(settings, **given), said.append)
    return {quad.subject.value.removeprefix("urn:") for quad in snapshot.source_quads()}, said, snapshot


def zipped(members):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return whole.getvalue()


def tarred(members, mode):
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode=mode) as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "data"
    for name, content in {
        "plain.ttl": line("plain"),
        "long.turtle": line("long"),
        "notation.n3": line("notation"),
        "a.nt.gz": gzip.compress(line("gz")),
        "b.ttl.bz2": bz2.compress(line("bz2")),
        "c.nt.xz": lzma.compress(line("xz")),
        "d.nt.zst": zstandard.ZstdCompressor().compress(line("zst")),
        "e.zip": zipped({"in/one.ttl": line("zip"), "in/two.nt.gz": gzip.compress(line("zipgz")), "in/read.me": b"x"}),
        "f.tar.gz": tarred({"one.ttl": line("targz"), "__MACOSX/._one.ttl": b"\0\0", "notes.docx": b"x"}, "w:gz"),
        "g.tgz": tarred({"a/b.nq": line("tgz")}, "w:gz"),
        "h.tar.xz": tarred({"one.nt": line("tarxz")}, "w:xz"),
        "i.tar": tarred({"one.nt": line("tar")}, "w"),
        "__MACOSX/._plain.ttl": b"\0\5\26\7",
        "._plain.ttl": b"\0\5\26\7",
        ".git/config.ttl": b"no turtle",
        "old.hdt": b"$HDT",
        "words.txt": b"words",
        "README.md": b"words",
    }.items():
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).write_bytes(content)
    return inside


def test_all_that_can_be_read_is_and_the_rest_is_named(settings, folder):
    subjects, said, _ = built(settings, folder)
    expected = "plain long notation gz bz2 xz zst zip zipgz targz tgz tarxz tar"
    assert subjects == set(expected.split())
    [named] = [text for text in said if text.startswith("not read")]
    assert set(named.partition(": ")[2].split(", ")) == {
        "README.md",
        "old.hdt",
        "words.txt",
        "e.zip/in/read.me",
        "f.tar.gz/notes.docx",
    }


def test_archive_in_an_archive_and_link_to_nowhere_are_named(settings, tmp_path):
    inner, inside = zipped({"a.ttl": line("a")}), tmp_path / "data"
    inside.mkdir()
    (inside / "nest.zip").write_bytes(zipped({"inner.zip": inner, "b.ttl": line("b"), "../c.ttl": line("c")}))
    (inside / "nest.tar").write_bytes(tarred({"d.ttl": line("d"), "in/e.tar.gz": b"", "f.zip": inner}, "w"))
    (inside / "gone.ttl").symlink_to(tmp_path / "nothing")
    subjects, said, _ = built(settings, inside)
    assert subjects == {"b", "c", "d"}
    assert [text for text in said if text.startswith("not read")] == [
        "not read, as they are archives in an archive: nest.tar/in/e.tar.gz, nest.tar/f.zip, nest.zip/inner.zip; "
        "not read, as it leads nowhere: gone.ttl"
    ]


def test_file_that_is_named_and_says_no_format_is_refused(settings, tmp_path):
    (tmp_path / "a.hdt").write_bytes(b"$HDT")
    with pytest.raises(SourceError, match=r"a\.hdt: its name does not say an RDF format; Kouan reads .*\.zip"):
        built(settings, tmp_path / "a.hdt")


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.nt.bz2", "a.nt.xz", "a.nt.zst", "a.nt.gz", "a.tar"])
def test_archive_that_is_none_is_told(settings, tmp_path, name):
    (tmp_path / name).write_bytes(b"this is not what its name says" * 50)
    with pytest.raises(SourceError, match=re.escape(name)):
        built(settings, tmp_path / name)


def damaged(whole):
    """Return bytes of which some in the middle are others."""
    middle = len(whole) // 2
    return whole[:middle] + bytes(255 - each for each in whole[middle : middle + 8]) + whole[middle + 8 :]


def encrypted(whole):
    """Return an archive that says of its one member that it is encrypted, in both places where that stands."""
    local, central = bytearray(whole), whole.index(b"PK\x01\x02")
    local[6] |= 1
    local[central + 8] |= 1
    return bytes(local)


LINES = b"".join(f'<urn:{number}> <urn:p> "{number * number}" .\n'.encode() for number in range(2_000))
UNREADABLE = {
    # It begins as it should, and no block of it is of a kind that there is.
    "kind.nt.gz": b"\x1f\x8b\x08" + bytes(7) + b"\xff" * 50,
    "damaged.tar.xz": damaged(tarred({"a.nt": LINES}, "w:xz")),
    "damaged.tar.zst": damaged(zstandard.compress(tarred({"a.nt": LINES}, "w"))),
    "secret.zip": encrypted(zipped({"a.nt": line("a")})),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_damaged_within_or_encrypted_is_told_and_left_out_where_that_is_wanted(settings, tmp_path, name):
    (tmp_path / name).write_bytes(UNREADABLE[name])
    (tmp_path / "good.nt").write_bytes(line("good"))
    with pytest.raises(SourceError, match=re.escape(name)):
        built(settings, tmp_path)
    subjects, _, snapshot = built(settings, tmp_path, lenient=True)
    assert "good" in subjects
    [fault] = snapshot.faults
    assert name in fault


FAULTY = {
    "good.nt": line("good"),
    "one.ttl": b"<urn:a> <urn:p> 1 .\n<urn:b> <urn:p> <http://exa mple/x> .\n<urn:c> <urn:p> 2 .\n",
    "two.nt": line("x") + b"<urn:y> nonsense .\n" + line("z"),
    "three.jsonld": b'{"@context": "https://context.example/c.jsonld", "@id": "urn:j", "name": "x"}',
    "four.nt.gz": gzip.compress(line("cut") * 10_000)[:-20],
    "five.rdf": b"<rdf:RDF",
}


def test_without_lenient_the_first_fault_stops(settings, tmp_path):
    (tmp_path / "one.ttl").write_bytes(FAULTY["one.ttl"])
    with pytest.raises(SourceError) as raised:
        built(settings, tmp_path / "one.ttl")
    assert raised.value.line == 2


def test_context_that_would_have_to_be_fetched_is_said_so(settings, tmp_path):
    (tmp_path / "three.jsonld").write_bytes(FAULTY["three.jsonld"])
    with pytest.raises(
        SourceError, match=r"its @context is <https://context\.example/c\.jsonld>, which is not fetched here"
    ):
        built(settings, tmp_path / "three.jsonld")


def test_lenient_loads_the_rest_and_lists_each_fault_with_its_line(settings, tmp_path):
    inside = tmp_path / "data"
    inside.mkdir()
    for name, content in FAULTY.items():
        (inside / name).write_bytes(content)
    subjects, said, snapshot = built(settings, inside, lenient=True)
    assert subjects == {"good", "a", "c", "x", "z", "cut"}
    listed = "\n".join(said)
    for place in (
        "one.ttl:2: ",
        "two.nt:2: ",
        "three.jsonld:1: Parser error at line 1 column 14: its @context",
        "four.nt.gz: ",
        "five.rdf",
    ):
        assert f"{inside}/{place}" in listed
    assert len(snapshot.faults) == 5
    # It is what was built, and is told at each start; who is not lenient is told of the fault.
    assert "one.ttl:2: " in "\n".join(built(settings, inside, lenient=True)[1])
    with pytest.raises(SourceError):
        built(settings, inside)


def test_lenient_on_disk_reads_its_files_again_as_it_did(settings, tmp_path):
    (tmp_path / "two.nt").write_bytes(b"".join(line(f"n{i}") for i in range(50)) + b"<urn:y> nonsense .\n" + line("z"))
    subjects, _, snapshot = built(settings, tmp_path / "two.nt", lenient=True, memory_quads=10)
    assert snapshot.storage == "disk"
    assert "z" in subjects
    assert NamedNode("urn:y") not in {quad.subject for quad in snapshot.source_quads()}


def test_front_page_says_what_is_not_served(start, tmp_path):
    files = [tmp_path / "data" / "one.ttl", tmp_path / "data" / "deep" / "two.ttl"]
    files[1].parent.mkdir(parents=True)
    files[0].write_bytes(FAULTY["one.ttl"])
    files[1].write_text("<urn:b> <urn:p> 1 .", encoding="utf-8")
    with start(["--lenient", str(tmp_path / "data")], {"KOUAN_SNAPSHOTS": str(tmp_path / "s")}) as address:
        page = httpx.get(f"{address}/", headers={"Accept": "text/html"}, trust_env=False).text
        assert "1 part of the files could not be read and is not served" in page
        # Where the files stand on the operator's machine is told to nobody.
        assert "<li>one.ttl:2:" in page
        assert str(tmp_path) not in page


@pytest.mark.alone
def test_zstd_is_read_in_time_by_its_length():
    def seconds(blanks):
        source, began = zstd_reader(io.BytesIO(zstandard.compress(b" " * blanks))), time.process_time()
        while source.read(8192):
            pass
        return time.process_time() - began

    assert seconds(32_000_000) < 40 * max(seconds(4_000_000), 0.01)


def test_rdf_of_any_format_is_read_from_zstd(settings, tmp_path):
    (tmp_path / "a.nt.zst").write_bytes(zstandard.compress(line("a")) + zstandard.compress(line("b")))
    (tmp_path / "c.rdf.zst").write_bytes(
        zstandard.compress(
            b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description r:about="urn:c">\n'
            b'<p xmlns="urn:">1</p></r:Description></r:RDF>\n'
        )
    )
    (tmp_path / "d.jsonld.zst").write_bytes(zstandard.compress(b'{"@id": "urn:d",\n "urn:p": 1}\n'))
    assert built(settings, tmp_path)[0] == {"a", "b", "c", "d"}


def in_two_blocks(content):
    writer = zstandard.ZstdCompressor().compressobj()
    return writer.compress(content) + writer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


def with_another_byte(content, place):
    return content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]


def encrypted(content):
    # The first bit of the flags, in the local head and in the directory.
    directory = content.index(b"PK\x01\x02")
    return with_bits(with_bits(content, 6), directory + 8)


def with_bits(content, place):
    return content[:place] + bytes([content[place] | 1]) + content[place + 1 :]


MANY = b"".join(line(f"a{number}") for number in range(99))
DAMAGED = {
    "cut.nt.zst": in_two_blocks(line("a")),
    "cut.tar.zst": zstandard.compress(tarred({"a.nt": MANY}, "w"))[:-9],
    "harmed.nt.gz": with_another_byte(gzip.compress(MANY), 12),
    "harmed.nt.bz2": with_another_byte(bz2.compress(MANY), 60),
    "harmed.nt.xz": with_another_byte(lzma.compress(MANY), 60),
    "harmed.tar.xz": with_another_byte(lzma.compress(tarred({"a.nt": MANY}, "w")), 60),
    "none.tar.zst": b"no zstd at all",
    "encrypted.zip": encrypted(zipped({"a.nt": MANY})),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_file_is_named(settings, tmp_path, name):
    (tmp_path / name).write_bytes(DAMAGED[name])
    (tmp_path / "good.nt").write_bytes(line("good"))
    with pytest.raises(SourceError, match=re.escape(name)):
        built(settings, tmp_path)
    subjects, said, _ = built(settings, tmp_path, lenient=True)
    assert "good" in subjects
    assert any(f"{name}: it cannot be read" in each for each in said)


def test_names_in_an_archive_may_be_in_any_charset(settings, tmp_path):
    (tmp_path / "old.tar").write_bytes(tarred({"f\udcfcr.nt": line("a"), "f\udcfcr.pdf": b"none"}, "w"))
    assert built(settings, tmp_path)[0] == {"a"}


def xml(charset, value="é口"):
    return (
        f'<?xml version="1.0" encoding="{charset}"?>\n<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        f'<r:Description r:about="urn:x"><p xmlns="urn:">{value * 2_000}</p></r:Description></r:RDF>\n'
    )


WRITTEN_IN = [("utf-16", "utf-16"), ("utf-16", "utf-16-be"), ("iso-8859-1", "iso-8859-1"), ("us-ascii", "us-ascii")]


@pytest.mark.parametrize(("declared", "charset"), [*WRITTEN_IN, ("gb18030", "gb18030"), ("utf-8", "utf-8-sig")])
def test_xml_is_read_in_the_charset_that_it_declares(settings, tmp_path, declared, charset):
    value = {"iso-8859-1": "é", "us-ascii": "e"}.get(charset, "é口")
    (tmp_path / "a.rdf").write_bytes(xml(declared, value).encode(charset))
    (tmp_path / "b.owl.gz").write_bytes(gzip.compress(xml(declared, value).replace("urn:x", "urn:y").encode(charset)))
    subjects, _, snapshot = built(settings, tmp_path)
    assert subjects == {"x", "y"}
    assert {quad.object.value for quad in snapshot.source_quads()} == {value * 2_000}


@pytest.mark.parametrize(
    ("declared", "charset", "told"),
    [
        ("klingon", "utf-8", "its charset, klingon, is not known here"),
        ("utf-16", "utf-8", "it declares the charset utf-16 and is not written in it"),
        ("us-ascii", "utf-8", "'ascii' codec can't decode byte"),
    ],
)
def test_xml_that_is_not_in_its_charset_is_told_and_the_rest_is_read(settings, tmp_path, declared, charset, told):
    (tmp_path / "a.rdf").write_bytes(xml(declared).encode(charset))
    (tmp_path / "b.ttl").write_bytes(line("b"))
    with pytest.raises(SourceError, match=re.escape(f"a.rdf: {told}") + "|" + re.escape(f"it cannot be read: {told}")):
        built(settings, tmp_path)
    assert built(settings, tmp_path, lenient=True)[0] == {"b"}


ANNOUNCED = (
    '\ufeffVERSION "1.2" # as the standard has it\r\n'
    '<urn:a> <urn:p> "VERSION \\"1.2\\"" .\n# VERSION "1.1"\n \tVERSION "1.2-basic"\r'
    '<urn:b> <urn:p> <<( <urn:a> <urn:p> "VERSION" )>> .\nVERSION "1.2"'
)


@pytest.mark.parametrize("memory_quads", [10_000, 1])
@pytest.mark.parametrize("name", ["a.nt", "a.nq", "a.nt.gz"])
def test_lines_may_announce_a_version(settings, tmp_path, name, memory_quads):
    whole = (ANNOUNCED + "\n" + line("c").decode() * 3_000 + 'VERSION "1.2"\n' + line("d").decode()).encode()
    whole = whole.removeprefix(b"\xef\xbb\xbf") if memory_quads == 1 else whole
    (tmp_path / name).write_bytes(gzip.compress(whole) if name.endswith("gz") else whole)
    subjects, _, snapshot = built(settings, tmp_path / name, memory_quads=memory_quads)
    assert (subjects, snapshot.storage) == (set("abcd"), "memory" if memory_quads > 1 else "disk")
    assert 'VERSION "1.2"' in {getattr(quad.object, "value", "") for quad in snapshot.source_quads()}


@pytest.mark.parametrize("announced", ['VERSION "1.2', "VERSION 1.2", 'VERSION "1.2" .', 'VERSIONS "1.2"'])
def test_line_that_announces_nothing_is_told(settings, tmp_path, announced):
    (tmp_path / "a.nt").write_bytes(line("a") + announced.encode() + b"\n")
    with pytest.raises(SourceError) as raised:
        built(settings, tmp_path)
    assert raised.value.line == 2


def test_compressed_lines_that_are_not_so_named_are_told_whatever_their_number(settings, tmp_path):
    (tmp_path / "a.nt").write_bytes(gzip.compress(b"".join(line(f"s{number}") for number in range(500))))
    with pytest.raises(SourceError, match="it is compressed with gzip"):
        built(settings, tmp_path / "a.nt", memory_quads=1)


@pytest.mark.parametrize("coding", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("name", ["a.ttl", "a.nt", "a.trig", "a.n3", "a.jsonld"])
def test_text_that_shows_its_charset_is_read(settings, tmp_path, coding, name):
    text = '{"@id": "urn:a", "urn:p": "口岸"}' if name.endswith("ld") else '<urn:a> <urn:p> "口岸" .\n'
    (tmp_path / name).write_bytes(text.encode(coding))
    subjects, _, snapshot = built(settings, tmp_path / name)
    assert subjects == {"a"}
    assert [quad.object.value for quad in snapshot.source_quads()] == ["口岸"]
