"""A model card: README.md as the Hugging Face hub reads it, beside the model's own files.

The front matter is that of the hub's ``modelcard.md``; ``model-index`` holds the figures. The
sections follow Mitchell et al. 2019, "Model Cards for Model Reporting", as far as a machine
knows them or people have answered: what is missing is named at the end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.configuration import bases
from engine.exports import contents, markdown
from engine.exports.markdown import bullets, literal, pairs
from engine.exports.subject import Subject

LIBRARY = "transformers"
NOTHING_ASKED = "license, language, what the model is for, where the texts come from"
USE = """```python
from transformers import pipeline
from pipeline import Pipeline  # the file beside this one

model = pipeline("{task}", model=".", pipeline_class=Pipeline)
print(model({given}))
```"""
OWN = (
    "`pipeline.py` reads long texts whole and decides as Whetstone does, by the same lines. "
    "Without it transformers' own pipeline answers, too, but not always the same. A model that "
    "was trained before version 0.11 has none: `export-model` writes it."
)
SHAPES = (
    "Beside its pieces it reads what shape each word is of: `word_shapes` in "
    "`tokenizer_config.json` names the shapes in the order of the `token_type_ids`; the pieces of "
    "a word have its shape, special pieces their own. `pipeline.py` gives it these. Without them, "
    "as in transformers' own pipeline, it takes every word for one in small letters, and finds "
    "less."
)
ONE = '"Some text."'
TWO = '{"text": "A question.", "text_pair": "An answer."}'
# So many mistakes are named as limits.
MISTAKES = 3
# Figures by the hub's names for metrics; how labels are averaged stands in a figure's own name.
METRICS = {"macro": "f1", "micro": "f1", "exact": "accuracy"}


def render(subject: Subject, use: str = "") -> str:
    """Return the card with its front matter; ``use`` says how another package is used."""
    known = " ".join(
        f"{f.title} on {split}: {f.text}, {f.over}."
        for split, scores in subject.scores.items()
        for f in contents.headline(scores)[:1]
    )
    parts = [
        front_matter(_front(subject)),
        f"# {literal(contents.title(subject))}",
        literal(f"{subject.base}, fine-tuned with Whetstone. {known}"),
        *(part for title, answer in subject.asked if answer for part in _answered(title, answer)),
        *(
            "## Use",
            *([use] if use else _use(subject)),
            "## Training",
            pairs(contents.facts(subject)),
        ),
        *("### Data", "Documents, and how often people gave each label:", markdown.data(subject)),
        bullets(subject.agreement),
        *("### Settings", pairs(contents.settings(subject))),
        *("### Versions", pairs(contents.versions(subject)), "## Evaluation"),
    ]
    for split, scores in subject.scores.items():
        parts += markdown.split_parts(split, scores, subject.words, depth=3)
        if sure := contents.sure(scores):
            parts += ["#### How sure F1 is", markdown.table(contents.SURE, sure)]
    parts += ["## Limits", bullets([*contents.limits(subject), *seen(subject)])]
    missing = [title for title, answer in subject.asked if not answer]
    if missing or not subject.asked:
        parts += ["## To be written", literal(unanswered(missing or [NOTHING_ASKED]))]
    return markdown.join(parts)


def front_matter(found: Mapping[str, Any]) -> str:
    """Return a metadata block as the hub reads it, at the head of a README.md."""
    return "\n".join(["---", *_yaml(found), "---"])


def paragraphs(answer: str) -> Iterator[str]:
    """Yield a person's words as Markdown that shows them, paragraph by paragraph."""
    yield from (literal(each) for each in re.split(r"\n\s*\n", answer) if each.strip())


def unanswered(titles: Iterable[str]) -> str:
    """Say what nobody has answered: a card invents nothing."""
    return f"Nobody has answered yet: {', '.join(titles)}."


def seen(subject: Subject) -> Iterator[str]:
    """Say what goes wrong, by kinds of error where a task tells some, and most often what."""
    for split, scores in subject.scores.items():
        kinds = [f"{name} {errors}" for name, errors, *_ in contents.kinds(scores)]
        wrong = contents.mistakes(scores)[:MISTAKES]
        told = [*kinds, *(f"{name} ({count:,} times)" for name, count in wrong)]
        if told:
            yield f"What goes wrong on {split}: {', '.join(told)}."


def _answered(title: str, answer: str) -> Iterator[str]:
    yield f"## {literal(title)}"
    yield from paragraphs(answer)


def _use(subject: Subject) -> Iterator[str]:
    yield USE.format(task=subject.pipeline, given=TWO if subject.two_texts else ONE)
    yield OWN
    if subject.report.get("word_shapes"):
        yield SHAPES


def _front(subject: Subject) -> dict[str, Any]:
    """Return the front matter; a base model that is a folder has no name that others know."""
    base = bases.hub_name(str(subject.report.get("base") or ""))
    shown = [f.name for scores in subject.scores.values() for f in contents.headline(scores)]
    metrics = [METRICS.get(name, name) for name in shown]
    # What finds the best of several second texts is looked for under this name, too.
    ranks = ["text-ranking"] if subject.two_texts else []
    return {
        **subject.front,
        "library_name": LIBRARY,
        "pipeline_tag": subject.pipeline,
        "tags": [subject.pipeline, *ranks, "whetstone"],
        "metrics": list(dict.fromkeys(metrics)),
        **({"base_model": base} if base else {}),
        "model-index": [{"name": _slug(contents.title(subject)), "results": _results(subject)}],
    }


def _results(subject: Subject) -> list[dict[str, Any]]:
    """Return the figures of each split. A figure's support stands in its name: it has no place."""
    return [
        {
            "task": {"type": subject.pipeline},
            "dataset": {
                "type": _slug(subject.project),
                "name": subject.project,
                "split": split,
                **_revision(subject, split),
            },
            "metrics": [
                {
                    "type": METRICS.get(f.name, f.name),
                    "value": round(f.value, 4),
                    "name": f"{f.title} ({f.over})",
                }
                for f in contents.headline(scores)
            ],
        }
        for split, scores in subject.scores.items()
    ]


def _revision(subject: Subject, split: str) -> dict[str, str]:
    """Name the very documents that were scored by the hash of their texts and marks."""
    found = subject.mapping("data").get(split)
    return {"revision": found["sha256"]} if isinstance(found, Mapping) and "sha256" in found else {}


def _slug(name: str) -> str:
    """Return a name of plain letters, as the hub asks for."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "project"


def _yaml(value: Any, depth: int = 0) -> Iterator[str]:
    """Write lists and mappings as YAML 1.2 in block style; the rest is JSON, which YAML holds."""
    indent = "  " * depth
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _entry(f"{indent}{key}:", item, depth)
    else:
        for item in value:
            if isinstance(item, Mapping):
                first, *others = _yaml(item, depth + 1)
                yield f"{indent}- {first.lstrip()}"
                yield from others
            else:
                yield f"{indent}- {_scalar(item)}"


def _entry(key: str, item: Any, depth: int) -> Iterator[str]:
    if isinstance(item, Mapping):
        yield key
        yield from _yaml(item, depth + 1)
    elif isinstance(item, list):
        yield key if item else f"{key} []"
        yield from _yaml(item, depth)
    else:
        yield f"{key} {_scalar(item)}"


def _scalar(value: Any) -> str:
    """Return a scalar that reads the same in YAML; a plain name needs no quotes."""
    if isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9-]*", value) and value not in _WORDS:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(s if s.isprintable() else f"\\U{ord(s):08x}" for s in quoted)


# Names that YAML takes for something else.
_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
