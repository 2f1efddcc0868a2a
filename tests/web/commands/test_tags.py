"""`messenger tags` needs no archive, and says which words led to each theme."""

from __future__ import annotations

import json

import pytest

from archive.catalogue import thesaurus
from web import cli


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    assert cli.run(["tags", *arguments, "--json"]) == 0
    return list(json.loads(capsys.readouterr().out))


def test_themes_are_suggested_with_their_words(capsys: pytest.CaptureFixture[str]) -> None:
    (first, *_) = run(capsys, "We owed the moneylender four hundred dollars.")
    assert set(first) == {"term", "label", "matched", "score"}
    assert (first["term"], first["label"]) == ("debt", "Debt")
    assert "owed" in str(first["matched"])
    known = {entry.id for entry in thesaurus.themes()}
    for text in ("យើងធ្វើកូដកម្ម", "They fired me because I joined the union."):
        assert {row["term"] for row in run(capsys, text)} <= known


def test_one_language_alone_can_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "យើងធ្វើកូដកម្ម", "--language", "en") == []
    (one,) = run(capsys, "យើងធ្វើកូដកម្ម", "--language", "km")
    assert one["term"] == "strike"


def test_nothing_is_said_to_be_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "It rained in the morning.") == []
    assert cli.run(["tags", "It rained in the morning."]) == 0
    assert "Nothing" in capsys.readouterr().out
