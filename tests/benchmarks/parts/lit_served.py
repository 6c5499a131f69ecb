"""A model behind LitServe and the ``transformers`` pipeline, its batching on.

python -m tests.benchmarks.parts.lit_served RUN_FOLDER PORT
"""

from __future__ import annotations

import sys

import litserve

from tests.benchmarks.parts.plain_served import load_pipeline, said

BATCH, BATCH_SECONDS = 64, 0.005


class Tagger(litserve.LitAPI):
    """One model; requests that wait together go together."""

    folder = ""

    def setup(self, device: str) -> None:
        self.tagger = load_pipeline(self.folder)

    def decode_request(self, request: dict) -> list[str]:
        return [request["text"]] if "text" in request else request["texts"]

    def predict(self, asked: list[list[str]]) -> list[list[list[dict]]]:
        texts = [text for some in asked for text in some]
        found = iter(self.tagger(texts, batch_size=len(texts)))
        return [[said(next(found)) for _ in some] for some in asked]

    def encode_response(self, output: list[list[dict]]) -> dict:
        return {"results": output}


if __name__ == "__main__":
    api = Tagger(max_batch_size=BATCH, batch_timeout=BATCH_SECONDS, api_path="/predict")
    api.folder = sys.argv[1]
    server = litserve.LitServer(api, accelerator="cpu", timeout=120)
    server.run(
        host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", generate_client_file=False
    )
