"""UIMA CAS as XMI and JSON: units, views, layers; XML that attacks."""

from __future__ import annotations

import io
import json
import time
import zipfile

import cassis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import formats
from engine.formats.uima.cas import CasJson, Xmi
from engine.formats.uima.layers import NAMED_ENTITY
from storage.types import Document, Span, Status
from tests.engine.corpora import shared
from tests.engine.formats.codecs import read, written
from tests.engine.formats.documents import documents, shown

ENTITY = "http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore"
START = (
    f'<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" '
    f'xmlns:ner="{ENTITY}" xmi:version="2.0">'
)


def xmi(text: str, *entities: str, before: str = "") -> bytes:
    members = " ".join(str(number) for number in range(10, 10 + len(entities)))
    found = "".join(
        f'<ner:NamedEntity xmi:id="{number}" sofa="1" {entity}/>'
        for number, entity in enumerate(entities, 10)
    )
    sofa = f'<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" sofaString="{text}"/>'
    view = f'<cas:View sofa="1" members="{members}"/>'
    return f"{before}{START}{found}{sofa}{view}</xmi:XMI>".encode()


def test_offsets_are_utf16_units():
    found = read(Xmi(), xmi("😊 Rome", 'begin="3" end="7" value="LOC"')).documents[0]
    assert found.spans == (Span(2, 6, "LOC"),)


def test_features_beside_the_label_and_links_without_a_place_are_told():
    link = '<ner:SlotLink xmi:id="5" role="agent" target="10"/>'
    data = xmi("Rome", 'begin="0" end="4" value="LOC" identifier="Q220"')
    found = read(Xmi(), data.replace(b"<cas:View", link.encode() + b"<cas:View"))
    assert found.documents[0].spans == (Span(0, 4, "LOC"),)
    assert sorted(found.said) == [
        "Relations, links and chains between annotations are not imported: 1.",
        "The feature identifier of NamedEntity is not imported: 1.",
    ]


def test_links_of_json_are_told():
    sofa = {"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaID": "v", "sofaString": "Rome"}
    link = {"%ID": 2, "%TYPE": "webanno.custom.SlotLink", "role": "agent", "@target": 3}
    found = read(CasJson(), json.dumps({"%FEATURE_STRUCTURES": [sofa, link]}).encode())
    assert found.said == ["Relations, links and chains between annotations are not imported: 1."]


def test_samples_of_cassis():
    (smileys,) = read(Xmi(), shared("samples/cas/cas_with_smileys.xmi")).documents
    quotes = {smileys.text[s.start : s.end] for s in smileys.spans}
    assert (len(smileys.tokens), len(smileys.spans)) == (148, 5)
    assert "Transformers" in quotes
    (emoji,) = read(CasJson(), shared("samples/cas/emoji.json")).documents
    assert [emoji.text[s.start : s.end] for s in emoji.spans][:3] == ["🥳", "This", "👳🏻\u200d♀️"]
    (simple,) = read(CasJson(), shared("samples/cas/simple.json")).documents
    assert [simple.text[s.start : s.end] for s in simple.spans] == ["This", "is", "a", "test"]


@pytest.mark.parametrize(
    ("before", "message"),
    [
        ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', "document type"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd">', "document type"),
        ('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://x.invalid/">%p;]>', "document type"),
    ],
)
def test_a_document_type_is_refused_before_anything_of_it_is_read(before, message):
    (error,) = read(Xmi(), xmi("a", before=before)).errors
    assert message in error


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (xmi("a b", before='<?xml version="1.0" encoding="UYF-8"?>'), "unknown encoding: UYF-8"),
        (xmi("a b").replace(b'Sofa xmi:id="1"', b"Sofa"), "no xmi:id"),
    ],
)
def test_what_the_fuzzer_found_is_refused_in_a_sentence(data, message):
    found = read(Xmi(), data)
    assert not found.documents
    assert message in found.errors[0]


@pytest.mark.parametrize(
    "data",
    [
        xmi("a", 'begin="0" end="9" value="X"'),
        xmi("a", 'begin="x" end="1" value="X"'),
        xmi("a", 'begin="1" end="0" value="X"'),
        xmi("😊", 'begin="1" end="2" value="X"'),
        xmi("a")[:-20],
        b"<html></html>http://www.omg.org/XMI",
        xmi("&boom;"),
    ],
)
def test_what_is_damaged_is_refused_in_a_sentence(data):
    found = read(Xmi(), data)
    assert found.errors
    assert all(error.endswith(".") for error in found.errors)


def test_what_is_in_no_view_was_deleted():
    data = xmi("Rome", 'begin="0" end="4" value="LOC"').replace(b'members="10"', b'members=""')
    assert read(Xmi(), data).documents[0].spans == ()


@settings(max_examples=30)
@given(st.lists(documents(), max_size=3))
def test_every_span_comes_back_from_json(found):
    data, said = written(CasJson(), found)
    assert said == []
    assert shown(read(CasJson(), data).documents) == shown(found)


@settings(max_examples=30)
@given(st.lists(documents(), max_size=3))
def test_every_span_comes_back_from_xmi_and_control_characters_are_told(found):
    data, said = written(Xmi(), found)
    back = read(Xmi(), data).documents
    assert [d.spans for d in back] == [d.spans for d in found]
    if not said:
        assert shown(back) == shown(found)
    assert [len(d.text) for d in back] == [len(d.text) for d in found]


def test_cassis_reads_what_was_written_with_the_type_system_beside_it():
    given = Document("😊 in Rome", spans=(Span(5, 9, "LOC"),), status=Status.DONE, name="../a/b")
    data, _ = written(Xmi(), [given])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["000001-b.xmi", "TypeSystem.xml"]
        types = cassis.load_typesystem(io.BytesIO(archive.read("TypeSystem.xml")))
        cas = cassis.load_cas_from_xmi(io.BytesIO(archive.read("000001-b.xmi")), typesystem=types)
    (entity,) = cas.select(NAMED_ENTITY)
    assert (entity.begin, entity.end, entity.value) == (5, 9, "LOC")
    assert entity.get_covered_text() == "Rome"


def test_they_are_known_by_their_content():
    source = formats.InputFile("x", xmi("Rome"))
    assert formats.guess(source).name == "xmi"
    assert formats.foreign(source) == ""
    assert formats.foreign(formats.InputFile("x", b"<html><body>")) == "XML or HTML"


def test_many_texts_in_one_file_take_no_longer_than_their_number():
    structures = [
        each
        for n in range(6_000)
        for each in (
            {"%ID": 2 * n, "%TYPE": "uima.cas.Sofa", "sofaID": f"v{n}", "sofaString": "Rome"},
            {"%ID": 2 * n + 1, "%TYPE": NAMED_ENTITY, "@sofa": 2 * n, "begin": 0, "end": 4}
            | {"value": f"L{n}"},
        )
    ]
    data = json.dumps({"%FEATURE_STRUCTURES": structures}).encode()
    begun = time.process_time()
    found = read(CasJson(), data).documents
    assert time.process_time() - begun < 3
    assert [each.spans[0].label for each in found] == [f"L{n}" for n in range(6_000)]
