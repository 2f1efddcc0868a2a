"""Models brought in are known by name, stay when their stick is gone, and go with all that was made of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.engines import adding, kept_models, weights
from ingest.engines.errors import ModelUnusable
from ingest.engines.model_files import FASTER_WHISPER, OPENAI_WHISPER, resolve
from tests.ingest.engines.test_conversion import tiny

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return weights.bundled_base(tmp_path_factory.mktemp("bundled"))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def test_a_model_from_a_stick_stays_when_the_stick_is_gone(bundled: Path, models: Path, tmp_path: Path) -> None:
    stick = tiny(tmp_path / "stick/khmer-small", bundled)
    added = adding.add(str(stick), "", models)
    assert (added.name, added.licence, added.added, added.kind) == ("khmer-small", "apache-2.0", True, "hugging-face")
    shutil.rmtree(stick)
    files = resolve("khmer-small", FASTER_WHISPER, models)
    assert files.label.startswith("khmer-small@")
    assert resolve(str(stick), FASTER_WHISPER, models).path == files.path


def test_a_folder_for_ctranslate2_is_copied_whole(bundled: Path, models: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    for name in ("model.bin", "config.json", "vocabulary.txt"):  # without its tokenizer
        shutil.copyfile(bundled / name, stick / name)
    resolve(str(stick), FASTER_WHISPER, models)  # used once before it was brought in: only pointed to
    added = adding.add(str(stick), "ours", models)
    shutil.rmtree(stick)
    assert added.path is not None
    assert not (added.path / "model.bin").is_symlink()
    assert (resolve("ours", FASTER_WHISPER, models).path / "tokenizer.json").is_file()
    assert [one.name for one in kept_models.kept_models(models)] == ["ours"]


@pytest.mark.torch
def test_what_was_made_of_a_model_goes_with_it(bundled: Path, models: Path, tmp_path: Path) -> None:
    adding.add(str(tiny(tmp_path / "khmer", bundled)), "", models)
    resolve("khmer", OPENAI_WHISPER, models)
    [kept] = kept_models.kept_models(models)
    assert kept.size > 2 * 1e6
    assert len(list(models.iterdir())) == 2
    with pytest.raises(ModelUnusable, match="khmer is the model that this archive uses"):
        kept_models.remove(models, "khmer", "khmer")
    kept_models.remove(models, "khmer", "base")
    assert list(models.iterdir()) == []
    with pytest.raises(ModelUnusable, match="No model khmer is kept here"):
        kept_models.remove(models, "khmer", "base")


def test_a_name_means_one_model(bundled: Path, models: Path, tmp_path: Path) -> None:
    folder = tiny(tmp_path / "khmer", bundled)
    for name in ("base", "../out", "a b", ".hidden"):
        with pytest.raises(ModelUnusable):
            adding.add(str(folder), name, models)
    adding.add(str(folder), "", models)
    with pytest.raises(ModelUnusable, match="A model called khmer is kept here already"):
        adding.add(str(folder), "", models)


def test_a_file_that_is_no_checkpoint_is_not_kept(models: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter.pt"
    letter.write_text("Dear all,")
    with pytest.raises(ModelUnusable, match="not an openai-whisper checkpoint"):
        adding.add(str(letter), "", models)
    assert not models.exists()


def test_the_bundled_model_is_listed_with_its_licence(bundled: Path) -> None:
    [base] = kept_models.kept_models(bundled.parent)
    assert (base.name, base.asked, base.licence, base.kind) == ("base", "base", "MIT", "bundled")
    assert 140e6 < base.size < 160e6


def test_a_damaged_note_hides_nothing(bundled: Path, models: Path, tmp_path: Path) -> None:
    added = adding.add(str(tiny(tmp_path / "khmer", bundled)), "", models)
    assert added.path is not None
    (added.path / kept_models.NOTE).write_text("{")
    [kept] = kept_models.kept_models(models)
    assert kept.path == added.path
    assert kept.asked == str(added.path)
