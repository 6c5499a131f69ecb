"""Export: any documents, piece by piece, with a list of what the format cannot hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.corpus.exporting import export
from engine.corpus.importing import plan
from storage.errors import InputError
from storage.types import Document, Span, Status
from tests.engine.corpora import shared

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


def test_documents_are_taken_one_by_one_so_that_they_may_stream():
    taken = []

    def documents():
        for number in range(3):
            taken.append(number)
            yield Document(f"text {number}")

    chunks = export(documents(), "conll").chunks
    assert taken == []
    next(chunks)
    assert taken == [0]


def test_the_extension_and_the_name_fit_the_format():
    assert export([], "doccano").extension == ".jsonl"
    assert export([], "conll").extension == ".conll"
    assert export([], "conll").data() == b""


def test_a_format_that_cannot_be_written_is_refused():
    with pytest.raises(InputError, match='no format "csv"; use one of conll, .*doccano'):
        export([], "csv")


@given(st.lists(TEXTS, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_any_text_tagged_on_whole_tokens_survives_conll(texts, random):
    lines = "\n".join(text.replace("\n", " ") for text in texts).encode()
    found = plan([("x.txt", lines)], format="text")
    documents = [tagged(document, random) for document in found.documents_to_add]
    # A line of blanks that only Unicode knows is a document without tokens.
    documents = [document for document in documents if document.tokens]
    if not documents:
        return
    output = export(documents, "conll")
    again = plan([("x.conll", output.data())], format="conll")
    assert output.problems == ()
    assert [quotes(d) for d in again.documents_to_add] == [quotes(d) for d in documents]


def tagged(document, random):
    spans = [
        Span(*token, random.choice("XY")) for token in document.tokens if random.random() < 0.3
    ]
    return Document(document.text, document.tokens, tuple(spans), status=Status.DONE)


def quotes(document):
    words = [document.text[start:end] for start, end in document.tokens]
    return words, [(document.text[s.start : s.end], s.label) for s in document.spans]


@pytest.mark.parametrize(
    "path", ["data/wnut17/wnut17train.conll", "data/wikigold/wikigold.conll.txt"]
)
def test_a_corpus_goes_to_jsonl_and_comes_back_with_the_same_spans(path):
    documents = plan([shared(path)]).documents_to_add
    data = export(documents, "doccano").data()
    again = plan([("x.jsonl", data)]).documents_to_add
    assert [(d.text, d.spans) for d in again] == [(d.text, d.spans) for d in documents]
