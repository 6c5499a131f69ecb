"""Frozen layers: they neither learn nor draw, and kept states change no result."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.nn import functional
from transformers import (
    AlbertConfig,
    AlbertForTokenClassification,
    BertConfig,
    BertForTokenClassification,
    DebertaV2Config,
    DebertaV2ForTokenClassification,
    DistilBertConfig,
    DistilBertForTokenClassification,
    ElectraConfig,
    ElectraForTokenClassification,
    ModernBertConfig,
    ModernBertForTokenClassification,
    RobertaConfig,
    RobertaForTokenClassification,
)

from engine.encoding.batches import Batch, collate
from engine.encoding.examples import Window
from engine.inference.predicting import logits
from engine.models.embeddings import compacted
from engine.training.freezing import Cache, find_layers, freeze
from storage.errors import ModelError

CPU = torch.device("cpu")
PADDING, LAYERS, WIDTH = 1, 3, 32
SIZE = {
    "vocab_size": 90,
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "max_position_embeddings": 40,
    "pad_token_id": PADDING,
    "num_labels": 5,
    "attention_probs_dropout_prob": 0.0,
}
DISTIL = {
    "vocab_size": 90,
    "dim": WIDTH,
    "n_layers": LAYERS,
    "n_heads": 2,
    "hidden_dim": 48,
    "max_position_embeddings": 40,
    "pad_token_id": PADDING,
    "num_labels": 5,
    "attention_dropout": 0.0,
}
MODERN = {
    "bos_token_id": 0,
    "eos_token_id": 2,
    "cls_token_id": 0,
    "sep_token_id": 2,
    "embedding_dropout": 0.1,
    "mlp_dropout": 0.1,
}
MODELS = {
    "bert": (BertForTokenClassification, BertConfig(**SIZE)),
    "roberta": (RobertaForTokenClassification, RobertaConfig(**SIZE)),
    "distilbert": (DistilBertForTokenClassification, DistilBertConfig(**DISTIL)),
    "electra": (ElectraForTokenClassification, ElectraConfig(**SIZE, embedding_size=16)),
    "deberta": (DebertaV2ForTokenClassification, DebertaV2Config(**SIZE)),
    "modernbert": (ModernBertForTokenClassification, ModernBertConfig(**SIZE, **MODERN)),
}


def window(*pieces: int) -> Window:
    inner = tuple(range(1, len(pieces) - 1))
    return Window(0, pieces, inner, inner, tuple(piece % 5 for piece in pieces[1:-1]))


WINDOWS = [
    window(0, *((7 * number + 3 * place) % 80 + 5 for place in range(length)), 2)
    for number, length in enumerate((1, 9, 4, 20, 4, 2, 13))
]


def make(name: str, seed: int = 0) -> torch.nn.Module:
    kind, config = MODELS[name]
    torch.manual_seed(seed)
    return kind(config)


def make_like(model: torch.nn.Module) -> torch.nn.Module:
    return make(next(name for name, (kind, _) in MODELS.items() if type(model) is kind))


@pytest.fixture(params=sorted(MODELS))
def model(request: pytest.FixtureRequest) -> torch.nn.Module:
    return make(request.param)


def batch_of(*numbers: int) -> Batch:
    return collate([WINDOWS[number] for number in numbers], PADDING)


def loss_of(model: torch.nn.Module, batch: Batch) -> torch.Tensor:
    return functional.cross_entropy(logits(model, batch).flatten(0, 1), batch.targets.flatten())


def gradients(model: torch.nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
    model.zero_grad(set_to_none=True)
    loss_of(model, batch).backward()
    return {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}


def without_dropout(model: torch.nn.Module) -> None:
    """Silence what is left of dropout, so that two passes can be compared."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0


def learn(model: torch.nn.Module, cache: Cache | None) -> dict[str, torch.Tensor]:
    """Take three steps in training mode, dropout included."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    model.train()
    for number, batch in enumerate((batch_of(0, 1), batch_of(3, 5, 6), batch_of(2, 4))):
        torch.manual_seed(number)
        optimizer.zero_grad()
        if cache is None:
            loss_of(model, batch).backward()
        else:
            with cache.serve(batch):
                loss_of(model, batch).backward()
        optimizer.step()
    return {name: value.clone() for name, value in model.state_dict().items()}


def test_kept_states_give_the_same_logits_and_gradients(model: torch.nn.Module) -> None:
    for layers in (1, 2, LAYERS):
        freeze(model, layers)
        without_dropout(model)
        cache = Cache(model, WINDOWS, layers, PADDING, CPU)
        model.train()
        # Other neighbours, hence other padding, than when the states were computed.
        batch = batch_of(5, 3, 0, 6)
        plain, learned = logits(model, batch), gradients(model, batch)
        with cache.serve(batch):
            served, served_learned = logits(model, batch), gradients(model, batch)
        real = batch.mask.bool()
        torch.testing.assert_close(served[real], plain[real], atol=1e-5, rtol=0)
        assert served_learned.keys() == learned.keys() != {}
        for name, gradient in learned.items():
            torch.testing.assert_close(served_learned[name], gradient, atol=1e-4, rtol=0)


def test_frozen_layers_are_not_computed_while_states_are_served(model: torch.nn.Module) -> None:
    freeze(model, 2)
    cache = Cache(model, WINDOWS, 2, PADDING, CPU)
    batch = batch_of(1, 2)
    model.eval()
    with torch.no_grad(), cache.serve(batch):
        before = logits(model, batch)
        for parameter in find_layers(model)[:2].parameters():
            parameter.fill_(float("nan"))
        assert torch.equal(logits(model, batch), before)
    with torch.no_grad():
        assert logits(model, batch).isnan().all()


def test_training_with_the_cache_equals_training_without(model: torch.nn.Module) -> None:
    other = make_like(model)
    freeze(model, 1)
    freeze(other, 1)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    cache = Cache(model, WINDOWS, 1, PADDING, CPU)
    # Without the embeddings' dropout nothing random is drawn below the upper layers.
    served, plain = learn(model, cache), learn(other, None)
    assert served.keys() == before.keys()
    lowest = {p.data_ptr() for p in find_layers(model)[0].parameters()}
    lowest |= {p.data_ptr() for p in model.base_model.embeddings.parameters()}
    for name, value in model.state_dict().items():
        torch.testing.assert_close(served[name], plain[name], atol=1e-5, rtol=0)
        if value.data_ptr() in lowest:
            assert torch.equal(served[name], before[name]), name
    moved = [name for name in before if not torch.equal(served[name], before[name])]
    assert any("classifier" in name for name in moved)
    assert len(moved) > 10


def test_two_runs_with_the_cache_give_the_same_bits() -> None:
    results = []
    for _ in range(2):
        model = make("bert")
        freeze(model, 2)
        results.append(learn(model, Cache(model, WINDOWS, 2, PADDING, CPU)))
    assert all(torch.equal(value, results[1][name]) for name, value in results[0].items())


def test_frozen_layers_draw_no_dropout(model: torch.nn.Module) -> None:
    batch = batch_of(1, 6)
    freeze(model, 2)
    model.train()
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        states = model.base_model(batch.pieces, batch.mask, output_hidden_states=True)
        found.append(states.hidden_states)
    assert torch.equal(found[0][2], found[1][2])
    assert not torch.equal(found[0][3], found[1][3])


def test_freezing_leaves_the_layers_above_and_the_head_to_learn(model: torch.nn.Module) -> None:
    freeze(model, 2)
    stack = find_layers(model)
    assert not any(p.requires_grad for p in stack[:2].parameters())
    assert all(p.requires_grad for p in stack[2:].parameters())
    assert all(p.requires_grad for p in model.classifier.parameters())
    assert not model.get_input_embeddings().weight.requires_grad


def test_the_state_dict_keeps_its_names_while_states_are_served(model: torch.nn.Module) -> None:
    freeze(model, 1)
    names = list(model.state_dict())
    batch = batch_of(0)
    with Cache(model, WINDOWS, 1, PADDING, CPU).serve(batch):
        assert list(model.state_dict()) == names
    assert list(model.state_dict()) == names


def test_the_model_is_whole_again_after_an_error() -> None:
    model = make("bert").eval()
    batch = batch_of(1, 2)
    plain = logits(model, batch)
    cache = Cache(model, WINDOWS, 2, PADDING, CPU)
    with pytest.raises(KeyboardInterrupt), cache.serve(batch_of(3)):
        raise KeyboardInterrupt
    assert torch.equal(logits(model, batch), plain)
    assert cache.bytes > 0


def test_windows_beyond_the_limit_are_computed_each_time() -> None:
    model = make("bert")
    freeze(model, 2)
    without_dropout(model)
    limit = 4 * WIDTH * 20
    cache = Cache(model, WINDOWS, 2, PADDING, CPU, limit)
    assert 0 < cache.bytes <= limit
    for numbers in ((0, 1), (1, 3), (3,)):
        batch = batch_of(*numbers)
        with cache.serve(batch):
            served = logits(model, batch)
        real = batch.mask.bool()
        torch.testing.assert_close(served[real], logits(model, batch)[real], atol=1e-5, rtol=0)


def test_equal_windows_are_kept_once() -> None:
    model = make("bert")
    twice = [*WINDOWS, *(replace(w, document=9) for w in WINDOWS)]
    once = Cache(model, WINDOWS, 1, PADDING, CPU).bytes
    assert Cache(model, twice, 1, PADDING, CPU).bytes == once
    assert once == 4 * WIDTH * (1 + sum(len(w.pieces) for w in WINDOWS))


def test_equal_windows_of_other_types_are_kept_apart() -> None:
    model = make("bert")
    freeze(model, 2)
    without_dropout(model)
    types = {kind: tuple([kind] * len(WINDOWS[3].pieces)) for kind in (0, 1)}
    apart = [replace(WINDOWS[3], segments=types[kind]) for kind in (0, 1)]
    cache = Cache(model, apart, 2, PADDING, CPU)
    batch = collate(apart, PADDING)
    plain = logits(model, batch)
    with cache.serve(batch):
        torch.testing.assert_close(logits(model, batch), plain, atol=1e-5, rtol=0)
    assert not torch.allclose(plain[0], plain[1], atol=1e-5)


def test_a_compacted_embedding_can_be_frozen_too() -> None:
    model = make("bert")
    names = list(model.state_dict())
    few = [window(0, 7, 8, 2), window(0, 9, 2)]
    before = model.get_input_embeddings().weight.detach().clone()
    with compacted(model, {0, 2, 7, 8, 9, PADDING}):
        freeze(model, 1)
        cache = Cache(model, few, 1, PADDING, CPU)
        assert not model.get_input_embeddings().rows.requires_grad
        model.train()
        with cache.serve(batch := collate(few, PADDING)):
            assert "classifier.weight" in gradients(model, batch)
    assert torch.equal(model.get_input_embeddings().weight, before)
    assert list(model.state_dict()) == names


def test_a_model_with_shared_layers_is_refused() -> None:
    sizes = {"embedding_size": 16, "hidden_size": 32, "num_attention_heads": 2}
    config = AlbertConfig(vocab_size=90, num_hidden_layers=3, intermediate_size=48, **sizes)
    with pytest.raises(ModelError, match="set the number of frozen layers to 0"):
        freeze(AlbertForTokenClassification(config), 1)


def test_nothing_frozen_is_nothing_kept(model: torch.nn.Module) -> None:
    freeze(model, 0)
    assert all(p.requires_grad for p in model.parameters())
    batch = batch_of(1, 2)
    plain = learn(make_like(model), None)
    assert all(
        torch.equal(value, plain[name])
        for name, value in learn(model, Cache(model, WINDOWS, 0, PADDING, CPU)).items()
    )
    assert Cache(model, WINDOWS, 0, PADDING, CPU).bytes == 0
    with Cache(model, [], 1, PADDING, CPU).serve(batch):
        assert logits(model, batch).shape[:2] == batch.pieces.shape


@pytest.mark.parametrize("layers", [-1, LAYERS + 1])
def test_more_layers_than_there_are_cannot_be_frozen(layers: int) -> None:
    with pytest.raises(ModelError, match=f"freeze from 0 to {LAYERS}, not {layers}"):
        freeze(make("bert"), layers)


def test_layers_that_do_more_than_pass_states_on_have_no_cache() -> None:
    model, kept = make("bert"), []
    freeze(model, 2)
    lowest, _, highest = find_layers(model)
    lowest.register_forward_hook(lambda _, __, output: kept.append(output))
    highest.register_forward_hook(lambda _, __, output: output + kept[-1])
    cache = Cache(model, WINDOWS, 2, PADDING, CPU)
    assert cache.bytes == 0
    batch = collate(WINDOWS[:3], PADDING)
    model.eval()
    with torch.no_grad():
        plain = logits(model, batch)
        with cache.serve(batch):
            assert torch.equal(logits(model, batch), plain)
