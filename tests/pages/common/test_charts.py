"""Charts: whatever a label is called, its row is drawn."""

import pytest

from pages.widgets.common.charts import intervals, named


@pytest.mark.parametrize("label", ["constructor", "__proto__", "toString"])
def test_a_label_called_as_what_javascript_objects_have_is_another_word_to_a_chart(label):
    row = {"label": label, "difference": 0.1, "low": 0.0, "high": 0.2, "verdict": "better"}
    drawn = intervals([row], "F1").to_dict()
    (found,) = [rows[0]["label"] for rows in drawn["datasets"].values() if "label" in rows[0]]
    assert found == named(label) != label
    assert found.strip("\N{WORD JOINER}") == label


def test_every_other_name_stays_what_it_is():
    assert [named(each) for each in ("PER", "proto", "a/b")] == ["PER", "proto", "a/b"]
