"""Lists of labels as tools keep them: names, colours and keys, in and out."""

import pytest

from engine.formats import label_lists
from engine.formats.common.sources import InputFile
from storage.errors import InputError
from storage.types import Label
from tests.engine.corpora import shared

CONFIGURATION = """<View><Labels name="label" toName="text">
<Label value="PER" background="red" hotkey="1"/><Label value="a &lt; b" background="#00FF00"/>
<Label value="x" alias="LOC" hotkey="ctrl+l"/><Label value="PER"/>
</Labels><Text name="text" value="$text"/></View>"""
DOCCANO = """[{"id": 44, "text": "Dog", "prefix_key": null, "suffix_key": "a",
"background_color": "#FF0000", "text_color": "#ffffff"}, {"text": "Cat", "prefix_key": "ctrl"}]"""
BRAT = "[entities]\nProtein\n\tEnzyme\tArg:X\n------\n# no\n[relations]\nPart Arg1:A\n"


def read(content: str) -> list[tuple[str, str, str]]:
    found = label_lists.read(InputFile("x", content.encode()))
    return [(label.name, label.color, label.key) for label in found]


@pytest.mark.parametrize(
    ("content", "labels"),
    [
        (CONFIGURATION, [("PER", "#ff0000", "1"), ("a < b", "#00ff00", ""), ("LOC", "", "")]),
        (DOCCANO, [("Dog", "#ff0000", "a"), ("Cat", "", "")]),
        (BRAT, [("Protein", "", ""), ("Enzyme", "", "")]),
        ("PER\n\nwork of art\r\nPER\n", [("PER", "", ""), ("work of art", "", "")]),
    ],
)
def test_each_tools_list_is_read(content, labels):
    assert read(content) == labels


def test_a_real_configuration():
    found = label_lists.read(InputFile("c.xml", shared("samples/label_studio/label_config.xml")))
    assert [(label.name, label.color) for label in found] == [
        *(("Airplane", "#ff0000"), ("Car", "#0000ff"))
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares entities"),
        ("<View><Labels>", "The configuration is no XML"),
        ("<View/>", "holds no label"),
        ('[{"text": 5}]', "has no name under text"),
        ("[", "The JSON is broken"),
        ("\n", "holds no label"),
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence(content, message):
    with pytest.raises(InputError, match=message):
        read(content)


LABELS = (Label("a \"<&'>", "#2b59da", "1"), Label("b", "#ff0000"))


@pytest.mark.parametrize("layout", label_lists.LAYOUTS)
def test_what_is_written_is_read_again(layout):
    found = read(label_lists.write(LABELS, layout))
    assert [name for name, _, _ in found] == [label.name for label in LABELS]
    if layout != "text":
        assert found == [(label.name, label.color, label.key) for label in LABELS]


def test_a_configuration_of_choices_fits_how_many_there_may_be():
    written = label_lists.write(LABELS, "label_studio", whole=True, several=True)
    assert '<Choices name="label" toName="text" choice="multiple">' in written
    assert [name for name, _, _ in read(written)] == [label.name for label in LABELS]
