"""Khmer comes apart into its words, wherever it was written and whatever hides in it."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from archive.language import lexicon
from archive.language.lexicon import Lexicon, LexiconFileError
from archive.language.normalise import normalise
from archive.language.vocabulary import EXACT, INSIDE, Vocabulary
from archive.language.words import BoundaryError, search_tokens, words
from tests.archive.language.test_normalise import ANY
from web.commands.words import words as command


def only_words(text: str) -> list[str]:
    return [piece.text for piece in words(text) if piece.is_word]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ខ្ញុំជាកម្មកររោងចក្រ", ["ខ្ញុំ", "ជា", "កម្មករ", "រោងចក្រ"]),
        ("គាត់ជំពាក់បំណុលធនាគារ", ["គាត់", "ជំពាក់", "បំណុល", "ធនាគារ"]),
        ("យើងត្រូវការថ្នាំ", ["យើង", "ត្រូវការ", "ថ្នាំ"]),
        ("មនុស្សគ្មានដី", ["មនុស្ស", "គ្មាន", "ដី"]),
        ("នាងធ្វើការនៅភ្នំពេញ។", ["នាង", "ធ្វើការ", "នៅ", "ភ្នំពេញ"]),
        ("ឆ្នាំ២០១៣ នៅ Phnom Penh", ["ឆ្នាំ", "២០១៣", "នៅ", "Phnom", "Penh"]),
        ("She didn't owe 1,500.50 riel.", ["She", "didn't", "owe", "1,500.50", "riel"]),
        ("", []),
        ("។ ៗ !", []),
    ],
)
def test_words_are_found(text: str, expected: list[str]) -> None:
    assert only_words(text) == expected


@given(ANY)
def test_the_pieces_give_the_text_back(text: str) -> None:
    pieces = words(text)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.start for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]
    assert all(piece.text == text[piece.start : piece.end] and piece.text for piece in pieces)


@given(ANY)
def test_search_sees_what_normalise_sees_with_the_original_places(text: str) -> None:
    tokens = search_tokens(text)
    assert [token.position for token in tokens] == list(range(len(tokens)))
    for token in tokens:
        assert normalise(text[token.start : token.end]).text == token.text


def test_search_takes_no_notice_of_invisibles_or_typing_order() -> None:
    plain = search_tokens("ស្ត្រីជំពាក់បំណុលក្រុមហ៊ុន២០០ដុល្លារ")
    typed = "ស្រ្តី\u200bជំ\u200bពាក់បំ\u200cណុលកុ្រម\u200bហ៊ុន200ដុល្លារ"
    assert [token.text for token in search_tokens(typed)] == [token.text for token in plain]
    first = search_tokens(typed)[0]
    assert typed[first.start : first.end] == "ស្រ្តី"


def test_a_zero_width_space_is_a_boundary_the_writer_set() -> None:
    assert only_words("រោង\u200bចក្រ") == ["រោង", "ចក្រ"]
    assert only_words("កាត់\u200bដេរ") == ["កាត់", "ដេរ"]


def test_corrected_words_win_and_the_rest_is_still_found() -> None:
    text = "លោកសុខជំពាក់បំណុល"
    pieces = words(text, corrected=[(0, 6)])
    assert [piece.text for piece in pieces] == ["លោកសុខ", "ជំពាក់", "បំណុល"]
    assert [token.text for token in search_tokens(text, corrected=[(0, 3), (3, 6)])][:2] == ["លោក", "សុខ"]


@pytest.mark.parametrize("corrected", [[(0, 0)], [(3, 1)], [(0, 3), (2, 4)], [(0, 99)]])
def test_corrections_that_do_not_fit_are_refused(corrected: list[tuple[int, int]]) -> None:
    with pytest.raises(BoundaryError, match="does not fit"):
        words("លោកសុខ", corrected=corrected)


def test_an_unknown_name_stays_in_one_piece_of_clusters() -> None:
    table = Lexicon({"លោក": 50, "ជា": 50})
    assert [piece.text for piece in words("លោកគ្រឿមជា", lexicon=table)] == ["លោក", "គ្រឿម", "ជា"]


def test_threads_share_one_lexicon() -> None:
    texts = ["កម្មកររោងចក្រកាត់ដេរជំពាក់បំណុល" * n for n in range(1, 40)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(only_words, texts)) == [only_words(text) for text in texts]


def test_the_shipped_table_is_known_by_its_content(tmp_path: Path) -> None:
    shipped = lexicon.shipped()
    assert {"បំណុល", "កម្មករ", "រោងចក្រ", "ដីធ្លី", "ភ្នំពេញ"} <= shipped.counts.keys()
    assert len(shipped.version) == 12
    copy = tmp_path / "copy.tsv.gz"
    lexicon.write(copy, shipped.counts, ["a copy"])
    assert lexicon.read(copy).version == shipped.version == Lexicon(shipped.counts).version
    assert Lexicon({**shipped.counts, "បំណុល": 1}).version != shipped.version
    first = copy.read_bytes()
    lexicon.write(copy, shipped.counts, ["a copy"])
    assert copy.read_bytes() == first
    assert lexicon.SHIPPED.stat().st_size < 1_500_000


def test_words_are_cut_alike_whether_their_letters_were_laid_before_or_not() -> None:
    shipped = lexicon.shipped()
    whole, bit_by_bit = Lexicon(shipped.counts), Lexicon(shipped.counts)
    whole.lay_all()
    texts = ["កម្មកររោងចក្រកាត់ដេរជំពាក់បំណុល", "ក្រុមហ៊ុនដណ្តើមយកដីស្រែចម្ការ", "កក្រ៉េកកណ្តាលព្រៃឃ្មុំឪ", "ទៅ"]
    texts += ["".join(list(shipped.counts)[start::997]) for start in range(0, 997, 83)]
    assert [words(text, lexicon=bit_by_bit) for text in texts] == [words(text, lexicon=whole) for text in texts]


def test_a_torn_table_says_so(tmp_path: Path) -> None:
    torn = tmp_path / "torn.tsv.gz"
    torn.write_bytes(lexicon.SHIPPED.read_bytes()[:1000])
    with pytest.raises(LexiconFileError, match=r"torn\.tsv\.gz could not be read"):
        lexicon.read(torn)


def test_a_query_is_found_in_a_compound_and_across_words() -> None:
    held = Vocabulary(["ការងារ", "ការ", "សន្តិសុខសង្គម", "ខ្ញុំ", "ឈប់"])
    assert held.containing("សង្គម") == ["សន្តិសុខសង្គម"]
    assert held.beginning("ការ") == ["ការងារ"]
    assert held.ending("ងារ") == ["ការងារ"]
    by_weight = held.alternatives("សង្គម")
    assert (by_weight[0].slots, by_weight[0].weight) == ((("សង្គម",),), EXACT)
    assert (by_weight[1].slots, by_weight[1].weight) == ((("សន្តិសុខសង្គម",),), INSIDE)
    across = [alternative.slots for alternative in held.alternatives("ងារឈប់")]
    assert (("ងារ", "ការងារ"), ("ឈប់",)) in across


def test_a_query_never_matches_half_a_cluster() -> None:
    held = Vocabulary(["កា", "ស្ករ", "ក្រ", "កាក", "សក"])
    assert held.containing("ក") == ["កាក", "សក"]
    assert held.ending("ករ") == []
    assert held.beginning("កា") == ["កាក"]
    assert Vocabulary(["បំណុល"]).containing("ណល") == []


def test_english_queries_and_phrases_keep_their_order() -> None:
    held = Vocabulary(["debt", "health"])
    assert [a.slots for a in held.alternatives("Health Debt")] == [(("health",), ("debt",))]
    assert held.alternatives("") == []
    assert held.alternatives("៖ ។") == []


@given(st.text(st.sampled_from("កខងាិុំ្ររ់ុ ab"), min_size=1, max_size=12))
def test_a_text_is_always_found_by_its_own_words(text: str) -> None:
    terms = [token.text for token in search_tokens(text)]
    answers = Vocabulary(terms).alternatives(text)
    assert bool(answers) == bool(terms)
    if terms:
        assert answers[0].slots == tuple((term,) for term in terms)


def test_the_command_prints_pieces_that_join_to_the_text() -> None:
    text = "ខ្ញុំ\u200bជំពាក់បំណុល ២០០ដុល្លារ។"
    result = CliRunner().invoke(command, [text, "--json"])
    assert result.exit_code == 0
    rows = json.loads(result.stdout)
    assert "".join(row["text"] for row in rows) == text
    assert all(text[row["start"] : row["end"]] == row["text"] for row in rows)
    assert {"ជំពាក់", "បំណុល", "ដុល្លារ"} <= {row["text"] for row in rows}
    piped = CliRunner().invoke(command, ["-"], input="កម្មកររោងចក្រ")
    first, both = len("កម្មករ"), len("កម្មកររោងចក្រ")
    assert piped.stdout == f"0\t{first}\tកម្មករ\n{first}\t{both}\tរោងចក្រ\n"
