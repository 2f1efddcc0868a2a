"""A tokenizer made of two files, or of a list of tokens, cuts texts as Whisper's own does."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from ingest.engines import vocabularies, weights
from ingest.engines.errors import ModelUnusable
from tests.ingest.engines import hugging_face as form

TEXTS = (
    "ខ្ញុំធ្វើការនៅរោងចក្រកាត់ដេរ ចាប់ពីឆ្នាំ ២០០៨ រហូតមកដល់ថ្ងៃនេះ។",
    "We sat on the truck; the day the line fell, 37 women fainted.",
    "  two  spaces\n\tand 'quotes' — naïve 東京 🙂",
)


@pytest.mark.weights
@pytest.mark.torch
def test_a_list_of_tokens_is_enough_for_whispers_own_cuts(tmp_path: Path) -> None:
    from whisper.tokenizer import get_tokenizer

    folder = weights.bundled_base(tmp_path)
    tokens = vocabularies.tokens_of_ctranslate2(folder)
    made = Tokenizer.from_str(vocabularies.tokenizer_from_tokens(folder, tokens))
    whispers = get_tokenizer(True, num_languages=99, language="km", task="transcribe")
    for text in TEXTS:
        assert made.encode(text, add_special_tokens=False).ids == whispers.encoding.encode_ordinary(text)
    assert made.token_to_id("<|km|>") == whispers.sot_sequence[1]
    assert made.token_to_id("<|notimestamps|>") == whispers.no_timestamps
    assert vocabularies.language_numbers(51865) == sorted(whispers.all_language_tokens)


@pytest.mark.weights
@pytest.mark.parametrize("count", [51865, 51866])
def test_a_vocabulary_with_merges_gives_the_tokenizer_it_was_taken_from(count: int, tmp_path: Path) -> None:
    bundled = weights.bundled_base(tmp_path / "models")
    original, folder = Tokenizer.from_file(str(bundled / "tokenizer.json")), tmp_path / "khmer"
    folder.mkdir()
    form.write_vocabulary(folder, bundled / "tokenizer.json", count)
    for added in (True, False):
        if not added:
            (folder / "added_tokens.json").unlink()
        text, tokens = vocabularies.tokenizer_of(folder, count)
        made = Tokenizer.from_str(text)
        for sample in TEXTS:
            assert made.encode(sample).ids == original.encode(sample, add_special_tokens=False).ids
        assert len(tokens) == count
        assert tokens[-1] == "<|30.00|>"
        assert (made.token_to_id("<|yue|>") is None) == (count == 51865)
        assert made.token_to_id("<|notimestamps|>") == count - 1502


@pytest.mark.torch
def test_special_tokens_stand_where_openai_put_them() -> None:
    from whisper.tokenizer import get_tokenizer

    for count, languages in ((51864, 99), (51865, 99), (51866, 100)):
        theirs = get_tokenizer(count > 51864, num_languages=languages).special_tokens
        ours = {name: number for number, name in vocabularies.special_tokens(count).items()}
        assert ours == theirs


def test_a_list_that_is_not_whispers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="3 tokens"):
        vocabularies.tokenizer_from_tokens(tmp_path, ["a", "b", "ab"])
