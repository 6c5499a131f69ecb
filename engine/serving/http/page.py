"""The page at /docs: what can be asked, and a form to try it. It loads nothing from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from engine.serving.asking.examples import curl
from engine.serving.http import openapi
from engine.serving.http.limits import Limits

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
}
STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top;
padding: .3rem .6rem; border-bottom: 1px solid #8886 } td:first-child { width: 9rem }
code, pre, textarea, input { font: 14px/1.4 ui-monospace, monospace }
pre { overflow: auto; padding: .6rem; background: #8882 }
textarea, input { width: 100%; box-sizing: border-box; padding: .4rem } h2 { margin-top: 2rem }
button { font: inherit; padding: .3rem 1rem; margin: .5rem 0 }
"""
# The answer is put in as text, never as markup.
SCRIPT = """
document.getElementById('try').addEventListener('submit', async (event) => {
  event.preventDefault();
  const key = document.getElementById('key').value, shown = document.getElementById('answer');
  const headers = {'Content-Type': 'application/json'};
  if (key) headers.Authorization = 'Bearer ' + key;
  try {
    const body = document.getElementById('body').value;
    const answer = await fetch('predict', {method: 'POST', headers, body});
    const said = await answer.text();
    shown.textContent = answer.status + '\\n' + (answer.ok
      ? JSON.stringify(JSON.parse(said), null, 2) : said);
  } catch (error) { shown.textContent = String(error); }
});
"""


def show(limits: Limits, asked: Mapping[str, str]) -> str:
    """Return the page; ``asked`` stands in its form, for example."""
    found = openapi.describe(limits)
    forms = found["components"]["schemas"]
    names = ["Ask", "Told", *(name for name in forms if name not in ("Ask", "Told", "Problem"))]
    tables = "".join(_form(name, forms[name]) for name in names)
    refusals = "".join(_row(str(status), said) for status, said in openapi.REFUSALS.items())
    example = curl("http://HOST:PORT", "KEY", asked)
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{openapi.TITLE}</title>"
        f'<meta name=viewport content="width=device-width"><style>{STYLE}</style></head><body>'
        f"<h1>{openapi.TITLE}</h1><p>{escape(found['info']['description'])} For programs: "
        f'<a href="openapi.json">openapi.json</a>.</p>'
        f"<h2>POST /predict</h2><p>{escape(found['paths']['/predict']['post']['summary'])}</p>"
        f"<pre>{escape(example)}</pre>"
        f"<form id=try><label>Key, where one is asked for <input id=key type=password "
        f"autocomplete=off></label><label>Request <textarea id=body rows=4>"
        f"{escape(json.dumps(asked, ensure_ascii=False))}</textarea></label>"
        f"<button>Ask</button></form><pre id=answer></pre>"
        f"<h2>Refusals</h2><table>{refusals}</table>{tables}"
        f"<h2>GET /healthz, /metrics</h2><p>How the service is; counters for Prometheus.</p>"
        f"<script>{SCRIPT}</script></body></html>"
    )


def _form(name: str, form: dict[str, Any]) -> str:
    rows = "".join(
        _row(field, f"{_type(known)}. {known.get('description', '')}".strip())
        for field, known in form.get("properties", {}).items()
    )
    about = _code(form.get("description", ""))
    return f'<h2 id="{escape(name)}">{escape(name)}</h2><p>{about}</p><table>{rows}</table>'


def _row(first: str, second: str) -> str:
    return f"<tr><td><code>{escape(first)}</code></td><td>{_code(second)}</td></tr>"


def _code(text: str) -> str:
    """Return a text as HTML, what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _type(known: dict[str, Any]) -> str:
    if "$ref" in known:
        return known["$ref"].rpartition("/")[2]
    if "anyOf" in known:
        return " or ".join(_type(each) for each in known["anyOf"] if each.get("type") != "null")
    if "enum" in known:
        return " or ".join(map(repr, known["enum"]))
    if known.get("type") == "array":
        return f"list of {_type(known['items'])}"
    return str(known.get("type", "object"))
