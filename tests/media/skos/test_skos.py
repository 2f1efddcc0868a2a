"""SKOS files: what others write is read, what is written is read again as the same, and what is broken says so."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.skos import turtle, writing
from media.skos.concepts import LARGEST, Concept, NotSkos, concepts, plainly, read
from media.skos.triples import SKOS, LiteralText
from media.timed.limits import TooMuch, Unreadable

SCHEME = "https://archive.example/theme"
TITLES = {"km": "km-title", "en": "Themes"}

COMMON = '''@base <http://vocab.example/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
PREFIX dct: <http://purl.org/dc/terms/>
@prefix : <http://vocab.example/c/> .
# As a vocabulary server hands it out.
<scheme> a skos:ConceptScheme ; dct:title "Themes"@en ; skos:hasTopConcept :c_1 .
:c_1 a skos:Concept, <http://www.w3.org/2002/07/owl#NamedIndividual> ;
    skos:prefLabel "Debt"@en, 'km-debt'@km ;
    skos:altLabel """Money
owed"""@en-GB ; skos:hiddenLabel "dept"@en ;;
    skos:prefLabel "Schulden"@de ;
    skos:notation "12"^^<http://www.w3.org/2001/XMLSchema#string>, 12.5, true ;
    skos:note [ a skos:Note ; dct:created "2020"@en ] ;
    skos:narrower :c_2 .
:c_2 skos:prefLabel "Micro\\u0066inance \\"loans\\""@en ; skos:member (:c_1 :c_2 "x") .
[] dct:title "nobody"@en .
<c/c_3> a skos:Concept ; <http://www.w3.org/2002/07/owl#deprecated> true ; dct:isReplacedBy :c_1 .
'''

XML = """<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#"
  xmlns:owl="http://www.w3.org/2002/07/owl#" xml:base="http://vocab.example/c/" xml:lang="en">
  <skos:Concept rdf:about="debt" skos:notation="1">
    <skos:prefLabel>Debt</skos:prefLabel>
    <skos:prefLabel xml:lang="km">km-debt</skos:prefLabel>
    <skos:scopeNote rdf:parseType="Literal"><b>bold</b></skos:scopeNote>
    <skos:narrower>
      <skos:Concept rdf:ID="loan"><skos:prefLabel>Loan &amp; more</skos:prefLabel></skos:Concept>
    </skos:narrower>
    <skos:editorialNote rdf:parseType="Resource"><skos:note>who</skos:note></skos:editorialNote>
  </skos:Concept>
  <rdf:Description rdf:about="http://vocab.example/c/old">
    <rdf:type rdf:resource="http://www.w3.org/2004/02/skos/core#Concept"/>
    <skos:broader rdf:resource="debt"/><skos:altLabel>Older</skos:altLabel>
    <owl:deprecated rdf:datatype="http://www.w3.org/2001/XMLSchema#boolean">true</owl:deprecated>
  </rdf:Description>
</rdf:RDF>"""


def test_turtle_as_others_write_it_is_read() -> None:
    one, two, three = concepts(turtle.read(COMMON))
    assert (one.iri, one.names) == (
        "http://vocab.example/c/c_1",
        {"km": ["km-debt"], "en": ["Debt", "Money\nowed", "dept"]},
    )
    assert (two.names, two.broader) == ({"en": ['Microfinance "loans"']}, [one.iri])
    assert (three.retired, three.into, three.names) == (True, one.iri, {})


def test_rdf_xml_as_others_write_it_is_read() -> None:
    told = plainly(XML.encode())["concepts"]
    assert [one["iri"].rpartition("/")[2] for one in told] == ["debt", "#loan", "old"]
    assert told[0]["names"] == {"en": ["Debt"], "km": ["km-debt"]}
    assert (told[1]["names"], told[1]["broader"]) == ({"en": ["Loan & more"]}, ["http://vocab.example/c/debt"])
    assert (told[2]["retired"], told[2]["broader"]) == (True, ["http://vocab.example/c/debt"])


def test_a_file_is_read_in_a_process_of_its_own() -> None:
    found = read(COMMON.encode())
    assert [one.iri.rpartition("/")[2] for one in found] == ["c_1", "c_2", "c_3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<a> <b> .", "address"),
        ("<a> <b> <c>", "missing"),
        ("ex:a <b> <c> .", "ex:"),
        ('<a> <b> "never ended .', "Row 1"),
        ("\n\n<a> <b> }", "Row 3"),
        ("@prefix <a> .", "prefix"),
        ("<a> <b> (<c> ", "missing"),
        ('<a> <b> "\\q" .', "escape"),
        ('<a> <b> "\\UFFFFFFFF" .', "number"),
        ("<a> <b> " + "[<c> " * 40, "deeper"),
    ],
)
def test_what_is_no_turtle_says_where(text: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        list(turtle.read(text))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"<a> <b> <c> .",
        b"<?xml version='1.0'?><a/>",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><rdf:RDF/>",
        b"<?xml version='1.0'?><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><a>",
        b"x" * (LARGEST + 1),
    ],
)
def test_what_is_no_thesaurus_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(NotSkos) as refused:
        read(data)
    assert len(str(refused.value)) > 10
    assert "Traceback" not in str(refused.value)


def test_more_concepts_than_a_thesaurus_has_are_refused() -> None:
    with pytest.raises(TooMuch):
        concepts((f"urn:{n}", f"{SKOS}prefLabel", LiteralText("a", "en")) for n in range(5_001))  # type: ignore[misc]


@pytest.mark.parametrize(
    "unit", ["<", '"', "[", "(", "a:", ".", ";", "'''", "\\", "<a> <b> <c> .\n", "_:a ", "1", "@a"]
)
def test_floods_end_soon(unit: str) -> None:
    told = plainly((unit * (200_000 // len(unit))).encode())
    assert set(told) == {"wrong"}


def test_broken_bits_break_nothing() -> None:
    chance = random.Random(7)
    for whole in (COMMON.encode(), XML.encode()):
        for _ in range(150):
            broken = bytearray(whole)
            for _ in range(5):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            told = plainly(bytes(broken[: chance.randrange(len(broken))]))
            assert told.keys() <= {"wrong", "concepts"}


IRI = st.from_regex(r"https://archive\.example/theme/[a-z][a-z0-9-]{0,20}", fullmatch=True)
NAME = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30).map(str.strip).filter(bool)


@st.composite
def schemes(draw: st.DrawFn) -> list[Concept]:
    iris = draw(st.lists(IRI, min_size=1, max_size=6, unique=True))
    found = []
    for number, iri in enumerate(iris):
        names = {
            language: draw(st.lists(NAME, min_size=1, max_size=3, unique=True))
            for language in draw(st.sampled_from([("km", "en"), ("en",), ("km",)]))
        }
        above = [iris[draw(st.integers(0, number - 1))]] if number and draw(st.booleans()) else []
        found.append(Concept(iri, names, [], above, draw(st.booleans())))
    return found


@given(schemes())
def test_what_is_written_is_read_again_as_the_same(scheme: list[Concept]) -> None:
    for text in (writing.turtle(scheme, SCHEME, TITLES), writing.rdf_xml(scheme, SCHEME, TITLES)):
        told = plainly(text.encode())
        assert [Concept(**one) for one in told["concepts"]] == scheme
