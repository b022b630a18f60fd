"""The command that infers: `kouan reason`. Does no work of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click
from pyoxigraph import RdfFormat, Triple, serialize

from kouan.cli.terminal import OUTPUT, put, put_bytes, reporting, say
from kouan.errors import SourceError
from kouan.settings import CHOICES, read_settings

FORMATS = {"turtle": "text/turtle", "nt": "application/n-triples"}

WITHIN = "The ontology is in the profile OWL 2 DL."


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Say only whether the facts are consistent.")
@click.option(
    "--infer",
    type=click.Choice(CHOICES["infer"][1:]),
    default="owl-rl",
    help="Rules for what follows from other files.",
)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="turtle", help="Form of what follows.")
@OUTPUT
@reporting
def reason(paths: tuple[Path, ...], only_check: bool, infer: str, form: str, output: Path | None) -> None:
    """Print what follows from the graph, or from other RDF files and folders, by OWL 2 RL.

    The graph's own facts are held to OWL 2 DL first, and with --check the ontology to its profile by the OWL API, where that
    is installed. With --check other files are held to every rule of OWL 2 RL that ends in false, over what they say and what
    follows by OWL 2 RL, literals by their values; the first that is broken is named. Exit status 1 where something is at fault.

    \b
    Example: kouan reason --check
             kouan reason my-data/ --infer rdfs -o inferred.ttl
    """
    if paths:
        triples, prefixes, contradiction = _of_files(paths, infer, only_check)
    else:
        triples, prefixes, contradiction = _of_graph(only_check)
    if contradiction:
        click.echo(contradiction)
        sys.exit(1)
    if only_check:
        put("The facts are consistent with the ontology.\n", output)
        return
    written = serialize(triples, format=RdfFormat.from_media_type(FORMATS[form]), prefixes=prefixes)
    assert written is not None
    put_bytes(written, output)


def _of_graph(only_check: bool) -> tuple[list[Triple], dict[str, str], str]:
    from kouan.graph.dataset import read_home
    from kouan.reasoning import check_consistency, closure
    from kouan.reasoning.profile import violations

    settings = read_settings()
    dataset = read_home(settings.home)
    inconsistency = check_consistency(dataset)
    if inconsistency or not only_check:
        return [] if inconsistency else closure(dataset.reasoned()), dataset.prefixes, str(inconsistency or "")
    try:
        outside = violations([quad.triple for quad in dataset.ontology()], settings.owlapi)
    except SourceError as error:
        say(f"The profile OWL 2 DL was not checked. {error}")
        return [], {}, ""
    if not outside:
        say(WITHIN)
    return [], {}, "\n".join(outside)


def _of_files(paths: tuple[Path, ...], infer: str, only_check: bool) -> tuple[Iterable[Triple], dict[str, str], str]:
    from kouan.graph.documents import paths_of
    from kouan.reasoning.clashes import find_clash
    from kouan.reasoning.closure import Inference
    from kouan.snapshot.reading import FileReading

    reading = FileReading(list(paths_of(paths).values()), say)
    if only_check:
        clash = find_clash(reading.all_quads())
        return [], {}, f"The facts contradict the ontology by a rule of OWL 2 RL.\n  {clash}" if clash else ""
    inference = Inference(infer)
    for quad in reading.all_quads():
        inference.read(quad)
    return inference.triples(), reading.prefixes, ""
