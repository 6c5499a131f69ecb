"""A model behind FastAPI and the ``transformers`` pipeline, as one would write it in ten lines.

python -m tests.benchmarks.parts.plain_served RUN_FOLDER PORT
"""

from __future__ import annotations

import sys
from pathlib import Path


def load_pipeline(folder: str):
    """Return the pipeline as its users have it."""
    from transformers import pipeline

    model = str(Path(folder) / "model")
    return pipeline("token-classification", model, aggregation_strategy="first", device="cpu")


def said(entities: list) -> list[dict]:
    """Return a text's entities as JSON has them."""
    return [
        {
            "start": int(each["start"]),
            "end": int(each["end"]),
            "label": each["entity_group"],
            "score": float(each["score"]),
        }
        for each in entities
    ]


def plain(folder: str, port: int) -> None:
    """Serve by FastAPI."""
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel

    tagger = load_pipeline(folder)
    app = FastAPI()

    class Ask(BaseModel):
        text: str | None = None
        texts: list[str] | None = None

    def predict(asked: Ask) -> dict:
        texts = [asked.text] if asked.text is not None else asked.texts
        return {"results": [said(each) for each in tagger(texts)]}

    # FastAPI would look the name up in the module.
    predict.__annotations__["asked"] = Ask
    app.post("/predict")(predict)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    plain(sys.argv[1], int(sys.argv[2]))
