"""The servers that the benchmark of serving holds against each other.

    python -m tests.benchmarks.parts.served plain|litserve RUN_FOLDER PORT

``plain`` is FastAPI around the ``transformers`` pipeline as one would write it in ten lines:
threads of its own for each request. ``litserve`` is LitServe with the same
pipeline, its batching on.
"""

from __future__ import annotations

import sys
from pathlib import Path

BATCH, BATCH_SECONDS = 64, 0.005


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


def litserve(folder: str, port: int) -> None:
    """Serve by LitServe: one model, requests that wait together go together."""
    import litserve as ls

    class Tagger(ls.LitAPI):
        def setup(self, device) -> None:
            self.tagger = load_pipeline(folder)

        def decode_request(self, request) -> list[str]:
            return [request["text"]] if "text" in request else request["texts"]

        def predict(self, asked):
            # Batched, a list of requests' texts; all of them go through the model together.
            texts = [text for some in asked for text in some]
            found = iter(self.tagger(texts, batch_size=len(texts)))
            return [[said(next(found)) for _ in some] for some in asked]

        def encode_response(self, output) -> dict:
            return {"results": output}

    api = Tagger(max_batch_size=BATCH, batch_timeout=BATCH_SECONDS, api_path="/predict")
    server = ls.LitServer(api, accelerator="cpu", timeout=120, track_requests=False)
    server.run(host="127.0.0.1", port=port, log_level="warning", generate_client_file=False)


if __name__ == "__main__":
    side, folder, port = sys.argv[1:]
    {"plain": plain, "litserve": litserve}[side](folder, int(port))
