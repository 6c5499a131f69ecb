"""What the coach knows before the first label, with the real encoder."""

import numpy as np
import pytest

from engine import tasks
from engine.coach import reading
from engine.coach.tokens import foreknowledge
from engine.coach.tokens.rows import rows_of, width
from engine.configuration import bases
from engine.corpus import samples
from storage.types import Document, Split


@pytest.fixture(scope="module")
def encoder():
    return reading.encoder_of(bases.fetch(bases.BUNDLED))


def test_it_tells_mentions_that_it_has_not_seen_from_other_words(encoder):
    unseen = [d for d in samples.ENTITIES.documents() if d.split is Split.TEST]
    head, labels = tasks.get(samples.ENTITIES.task).head(), [*samples.ENTITIES.labels]
    right = np.concatenate([head.answers(document, labels) for document in unseen])
    rows = np.concatenate(list(map(rows_of, unseen, encoder.words(unseen))))
    assert rows.shape[1] == width(encoder.width)
    known = foreknowledge.known_of(rows, encoder)
    assert known.shape == (len(rows), foreknowledge.WIDTH) and known.dtype == np.float32
    outside = known[:, 0] > known[:, 1 : foreknowledge.OUTPUTS].sum(axis=1)
    assert (outside == (right[:, 0] == 1)).mean() > 0.9


def test_a_text_without_words_has_no_rows(encoder):
    nothing = rows_of(Document(" "), np.zeros((0, encoder.width), np.float32))
    assert foreknowledge.known_of(nothing, encoder).shape == (0, foreknowledge.WIDTH)


def test_a_word_knows_what_is_known_of_its_neighbours(encoder):
    document = samples.ENTITIES.documents()[0]
    (states,) = encoder.words([document])
    own, before, behind = np.split(
        foreknowledge.known_of(rows_of(document, states), encoder), 3, axis=1
    )
    assert np.allclose(before[1:], 0.5 * own[:-1]) and not before[0].any()
    assert np.allclose(behind[:-1], 0.5 * own[1:]) and not behind[-1].any()
