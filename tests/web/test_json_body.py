"""JSON from browsers: what does not fit is no document, and one reader takes it in for the whole site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from web.site import json_body

WEB = Path(json_body.__file__).parents[1]


def read(body: str | bytes, kind: str = "application/json") -> dict[str, Any] | None:
    with Flask("x").test_request_context("/", method="POST", data=body, content_type=kind):
        return json_body.read(
            required=("seq",),
            seq=json_body.whole(),
            at=json_body.number(0, 10),
            words=json_body.text(20),
            on=json_body.flag,
            ops=json_body.rows(2),
        )


@pytest.mark.parametrize(
    "body",
    [
        "",
        "nothing",
        "[]",
        "{}",
        '{"seq": true}',
        '{"seq": 1.0}',
        '{"seq": "1"}',
        '{"seq": null}',
        '{"seq": -1}',
        '{"seq": 1' + "0" * 30 + "}",
        '{"seq": ' + "9" * 5000 + "}",
        '{"seq": 4294967296}',
        '{"seq": 1, "at": NaN}',
        '{"seq": 1, "at": 1e400}',
        '{"seq": 1, "at": true}',
        '{"seq": 1, "on": 1}',
        '{"seq": 1, "words": "' + "x" * 21 + '"}',
        '{"seq": 1, "ops": [1]}',
        '{"seq": 1, "ops": {}}',
        '{"seq": 1, "ops": [{}, {}, {}]}',
        '{"seq": 1, "ops": [{"start": 1e300}]}',
        '{"seq": 1, "ops": [{"a": ' + "[" * 20 + "]" * 20 + "}]}",
        '{"seq": ' + "[" * 200_000,
        '{"seq": 1, "x": ' + '{"a":' * 200_000,
        b'{"seq": 1, "words": "\xff"}',
    ],
)
def test_what_does_not_fit_is_no_document(body: str | bytes) -> None:
    assert read(body) is None


def test_what_fits_comes_out_clean() -> None:
    found = read(
        '{"seq": 7, "at": 3, "words": "a\\u0000\\ud800b", "on": false, "ops": [{"x": [1, "y\\u0000"]}], "z": 1}'
    )
    assert found == {"seq": 7, "at": 3.0, "words": "a\ufffdb", "on": False, "ops": [{"x": [1, "y"]}]}


def test_a_form_of_another_kind_is_no_document() -> None:
    assert read('{"seq": 1}', "text/plain") is None


def test_no_view_reads_json_by_itself() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in WEB.rglob("*.py")}
    assert [name for name, code in written.items() if "get_json(" in code or "request.json" in code] == []
