"""Adapters: little learns, AdaLoRA's ranks move and resume, and a plain model is left."""

from __future__ import annotations

import socket
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load
from torch.nn import functional
from transformers import AutoConfig, AutoModelForTokenClassification

from engine.configuration.settings import Settings
from engine.models import adapters
from storage.errors import ModelError

SIZE: dict[str, Any] = {
    "vocab_size": 100,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
}
SIZE |= {"num_attention_heads": 2, "max_position_embeddings": 40, "num_labels": 5}
TOKENS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1}
CONFIGS: dict[str, dict[str, Any]] = {
    "bert": SIZE,
    "roberta": SIZE | TOKENS,
    "distilbert": SIZE | {"hidden_dim": 48, "num_labels": 5},
    "modernbert": SIZE | TOKENS | {"sep_token_id": 2},
    "deberta-v2": SIZE | {"relative_attention": True, "pos_att_type": ["c2p", "p2c"]},
    "gpt2": SIZE,
}
PEFTS = ("lora", "adalora")


def plain(kind: str = "bert") -> torch.nn.Module:
    """Make a tiny model of a kind, the same every time."""
    torch.manual_seed(1)
    config = AutoConfig.for_model(kind, **CONFIGS[kind])
    return AutoModelForTokenClassification.from_config(config, attn_implementation="eager").eval()


def wrapped(peft: str, steps: int = 6, kind: str = "bert", rank: int = 2) -> torch.nn.Module:
    return adapters.wrap(plain(kind), Settings(peft=peft, peft_rank=rank), steps)


def optimizer_of(model: torch.nn.Module) -> torch.optim.AdamW:
    return torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=0.01)


def learn(model: torch.nn.Module, optimizer: torch.optim.Optimizer, steps: range) -> None:
    """Learn to tell pieces by their remainder, in the order that a training loop has."""
    model.train()
    for step in steps:
        pieces = batch(step)
        scores = model(input_ids=pieces, attention_mask=torch.ones_like(pieces)).logits
        functional.cross_entropy(scores.view(-1, 5), (pieces % 5).view(-1)).backward()
        optimizer.step()
        adapters.after_step(model, step)
        optimizer.zero_grad(set_to_none=True)
    model.eval()


def trained(peft: str, steps: int = 6, kind: str = "bert") -> torch.nn.Module:
    model = wrapped(peft, steps, kind)
    learn(model, optimizer_of(model), range(steps))
    return model


def batch(number: int) -> torch.Tensor:
    return torch.randint(3, 100, (4, 9), generator=torch.Generator().manual_seed(number))


@torch.no_grad()
def answer(model: torch.nn.Module) -> torch.Tensor:
    pieces = batch(999)
    return model(input_ids=pieces, attention_mask=torch.ones_like(pieces)).logits


def learning(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def ranks(model: torch.nn.Module) -> int:
    """Count the singular values that are not zero."""
    return sum(int((p != 0).sum()) for name, p in model.named_parameters() if "lora_E" in name)


@pytest.mark.parametrize("peft", PEFTS)
@pytest.mark.parametrize("kind", CONFIGS)
def test_only_the_attention_projections_get_adapters_and_only_these_and_the_head_learn(
    kind: str, peft: str
) -> None:
    beside = {
        "bert": {"query", "value"},
        "roberta": {"query", "value"},
        "distilbert": {"q_lin", "v_lin"},
        "modernbert": {"Wqkv"},
        "deberta-v2": {"query_proj", "value_proj"},
        "gpt2": {"c_attn"},
    }[kind]
    model = wrapped(peft, kind=kind)
    adapted = {name for name in learning(model) if "lora_" in name}
    heads = {name.split(".")[2] for name in learning(model) if name not in adapted}
    assert {name.split(".lora_")[0].rsplit(".", 1)[-1] for name in adapted} == beside
    assert len({name.split(".lora_")[0] for name in adapted}) == 2 * len(beside)
    assert heads == ({"head", "classifier"} if kind == "modernbert" else {"classifier"})


@pytest.mark.parametrize("peft", PEFTS)
def test_a_small_share_of_a_usual_model_learns(peft: str) -> None:
    with torch.device("meta"):
        model = AutoModelForTokenClassification.from_config(AutoConfig.for_model("bert"))
        model = adapters.wrap(model, Settings(peft=peft, peft_rank=8), 100)
    total = sum(p.numel() for p in model.parameters())
    assert 0 < sum(p.numel() for p in learning(model).values()) < 0.01 * total


@pytest.mark.parametrize("peft", PEFTS)
def test_the_wrapped_model_answers_like_the_model_and_its_embedding_is_frozen(peft: str) -> None:
    before, model = answer(plain()), wrapped(peft).eval()
    assert torch.equal(answer(model), before)
    assert model.config.num_labels == 5
    assert model.get_input_embeddings().num_embeddings == 100
    assert not model.get_input_embeddings().weight.requires_grad


@pytest.mark.parametrize("peft", PEFTS)
def test_torchs_seed_and_nothing_else_fixes_the_adapters(peft: str) -> None:
    def drawn(seed: int) -> list[torch.Tensor]:
        model = plain()
        torch.manual_seed(seed)
        return list(learning(adapters.wrap(model, Settings(peft=peft), 6)).values())

    first, again, other = drawn(1), drawn(1), drawn(2)
    assert all(map(torch.equal, first, again))
    assert not all(map(torch.equal, first, other))


@pytest.mark.parametrize("peft", PEFTS)
def test_head_and_adapters_learn_and_the_encoder_stays(peft: str) -> None:
    before = {name: p.clone() for name, p in wrapped(peft).named_parameters()}
    model = trained(peft)
    changed = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    # AdaLoRA may take every rank of a projection away, which leaves it zeros as in the beginning.
    emptied = {name for name, p in learning(model).items() if "lora_E" in name and not p.any()}
    assert changed == set(learning(model)) - emptied
    assert sum("classifier" in name for name in changed) == 2


@pytest.mark.parametrize("peft", PEFTS)
@pytest.mark.parametrize("kind", CONFIGS)
def test_a_saved_merged_model_is_a_plain_one_with_the_same_answers(
    kind: str, peft: str, tmp_path: Path
) -> None:
    model = trained(peft, kind=kind)
    wanted = answer(model)
    assert not torch.allclose(wanted, answer(plain(kind)), atol=1e-2)
    adapters.merged(model).save_pretrained(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", "model.safetensors"}
    assert set(load((tmp_path / "model.safetensors").read_bytes())) == set(plain(kind).state_dict())
    found, report = AutoModelForTokenClassification.from_pretrained(
        tmp_path, output_loading_info=True
    )
    assert not report["missing_keys"] and not report["unexpected_keys"]
    assert torch.allclose(answer(found.eval()), wanted, atol=1e-5)


@pytest.mark.parametrize("peft", PEFTS)
def test_the_merged_head_is_a_plain_layer_with_what_it_learned(peft: str) -> None:
    model = trained(peft)
    (weight, bias) = (p for name, p in learning(model).items() if "classifier" in name)
    whole = adapters.merged(model)
    assert type(whole) is type(plain())
    assert type(whole.classifier) is torch.nn.Linear
    assert torch.equal(whole.classifier.weight, weight)
    assert torch.equal(whole.classifier.bias, bias)
    assert not hasattr(whole, "peft_config")


@pytest.mark.parametrize("peft", PEFTS)
def test_the_wrapped_model_can_go_on_after_merging(peft: str) -> None:
    merging, alone = wrapped(peft), wrapped(peft)
    for model in (merging, alone):
        torch.manual_seed(5)
        optimizer = optimizer_of(model)
        learn(model, optimizer, range(3))
        if model is merging:
            adapters.merged(model)
        learn(model, optimizer, range(3, 6))
    assert all(map(torch.equal, merging.parameters(), alone.parameters()))


@pytest.mark.parametrize("steps", [3, 4, 6, 20])
def test_adaloras_ranks_shrink_to_the_rank_asked_for(steps: int) -> None:
    model = wrapped("adalora", steps)
    optimizer = optimizer_of(model)
    learn(model, optimizer, range(steps))
    assert ranks(model) == 2 * 4
    pattern = model.base_model.peft_config["default"].rank_pattern
    assert sorted(len(kept) for kept in pattern.values()) == [3] * 4


def test_without_after_step_the_ranks_would_not_shrink(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "after_step", lambda model, step: None)
    assert ranks(trained("adalora", 6)) == 3 * 4


@pytest.mark.parametrize("rank", [1, 3, 64])
@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_adalora_bears_any_rank_and_the_shortest_runs(steps: int, rank: int) -> None:
    model = wrapped("adalora", steps, rank=rank)
    learn(model, optimizer_of(model), range(steps))
    assert torch.isfinite(answer(model)).all()


def test_in_a_long_run_the_ranks_fall_slowly_and_then_rest() -> None:
    steps = 100_000
    allocator = wrapped("adalora", steps).base_model.rankallocator
    budgets = [allocator.budget_schedule(step) for step in range(1, steps + 1)]
    assert [budgets[0][0], budgets[-1][0]] == [12, 8]
    assert all(one[0] >= two[0] for one, two in zip(budgets, budgets[1:], strict=False))
    decisions = sum(decided for _, decided in budgets[: 7 * steps // 10])
    assert 50 < decisions < 500


def test_a_model_without_adapters_is_left_alone() -> None:
    model = plain()
    assert adapters.wrap(model, Settings(), 10) is model
    adapters.after_step(model, 0)
    assert adapters.capture(model) == ({}, {})
    adapters.restore(model, {}, {})
    assert adapters.merged(model) is model


def test_lora_has_nothing_more_to_keep() -> None:
    assert adapters.capture(trained("lora")) == ({}, {})


@pytest.mark.parametrize("peft", PEFTS)
def test_an_architecture_without_attention_is_refused_with_the_remedy(peft: str) -> None:
    config = AutoConfig.for_model("fnet", **SIZE)
    model = AutoModelForTokenClassification.from_config(config)
    with pytest.raises(ModelError, match="'fnet'; train without adapters, or choose another"):
        adapters.wrap(model, Settings(peft=peft), 10)


@pytest.mark.parametrize("peft", PEFTS)
@pytest.mark.parametrize("kind", ["bert", "gpt2"])
def test_nothing_is_warned_of_and_the_network_is_left_alone(
    kind: str, peft: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = []
    monkeypatch.setattr(socket.socket, "connect", lambda *given: reached.append(given))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **_: reached.append(given))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        adapters.merged(trained(peft, kind=kind)).save_pretrained(tmp_path)
    assert reached == []
