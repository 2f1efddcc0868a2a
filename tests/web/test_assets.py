"""Fonts are cut down and still shape Khmer; a machine without npm is told so."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from web import assets


def test_the_khmer_face_is_small_and_keeps_its_letters_its_rules_and_two_weights() -> None:
    face = assets.FACES[0]
    made = assets.cut(face.source(), face.letters, face.weights)
    font = TTFont(io.BytesIO(made))
    assert len(made) < 35_000
    assert {ord(c) for c in "កខគសម្រែុំ៉័៊០៩។៕"} <= set(font.getBestCmap())
    assert ord("A") not in font.getBestCmap()
    features = {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
    assert {"pref", "blwf", "abvf", "pstf", "clig"} <= features
    assert [(axis.axisTag, axis.minValue, axis.maxValue) for axis in font["fvar"].axes] == [("wght", 400, 700)]


def test_a_second_run_makes_nothing_again(tmp_path: Path) -> None:
    faces = assets.FACES[:1]
    assert assets.make_fonts(tmp_path, faces) == []
    made = tmp_path / faces[0].name
    before = made.stat().st_mtime_ns
    assert assets.make_fonts(tmp_path, faces) == []
    assert made.stat().st_mtime_ns == before


def test_without_npm_the_khmer_face_is_made_and_the_rest_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_npm() -> list[str]:
        raise assets.NpmFailed("There is no npm here.")

    monkeypatch.setattr(assets, "npm_command", no_npm)
    monkeypatch.setattr(assets, "ROOT", tmp_path)
    (tmp_path / "package-lock.json").write_text("{}")
    monkeypatch.setattr(assets.make_fonts, "__defaults__", (tmp_path / "fonts", assets.FACES))
    monkeypatch.setattr(assets.install_packages, "__defaults__", (tmp_path,))
    assert assets.main([]) == 0
    said = capsys.readouterr().err
    assert "There is no npm here." in said
    assert "moul.woff2" in said
    assert [path.name for path in (tmp_path / "fonts").glob("*.woff2")] == ["noto-sans-khmer.woff2"]


def test_the_lock_file_names_no_registry() -> None:
    lock = (assets.ROOT / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert "sha512-" in lock


def test_the_worklet_keeps_what_it_is_loaded_for_and_a_missing_tool_is_named(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text("{}")
    assert assets.make_modules(tmp_path / "made", tmp_path) == list(assets.MODULES)
    made = assets.VENDOR / "js" / "soundtouch-processor.js"
    if made.exists():  # where npm could be reached at set-up
        assert "registerProcessor" in made.read_text()
