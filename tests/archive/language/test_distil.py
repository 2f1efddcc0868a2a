"""The table of words can be made again from pages, lists and segmented sentences."""

from pathlib import Path

import pytest

from archive.language import lexicon
from archive.language.distil import NAMED, gather, main


def test_pages_and_lists_become_distinct_sentences_without_markup(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>ចុច <b>យល់ព្រម</b>។ ចុចម្ដងទៀត។</p><p>Only English</p>", encoding="utf-8")
    (tmp_path / "plain.txt").write_text("ចុចម្ដងទៀត។\nឯកសារ %s ត្រូវបានលុប\n", encoding="utf-8")
    (tmp_path / "image.png").write_bytes(b"\x89PNG")
    assert list(gather([tmp_path])) == ["ចុច យល់ព្រម។", "ចុចម្ដងទៀត។", "ឯកសារ ត្រូវបានលុប"]


def test_counts_become_a_lexicon_that_cuts_by_them(tmp_path: Path) -> None:
    text, lists, names, made = (tmp_path / name for name in ("text.tsv", "lists.tsv", "names.txt", "made.tsv.gz"))
    text.write_text("យើង\tជំពាក់\tបំណុល\nយើង\tតស៊ូ\t2013\n", encoding="utf-8")
    lists.write_text("កុ្រម\tបំណុល\n", encoding="utf-8")
    names.write_text("# places\nភ្នំពេញ\n", encoding="utf-8")
    main(["count", "--text", str(text), "--lists", str(lists), "--names", str(names), "--to", str(made)])
    table = lexicon.read(made)
    assert table.counts["ភ្នំពេញ"] == NAMED
    assert table.counts["បំណុល"] == 2
    assert 1 < table.counts["យើង"] < 2, "what a manual repeats counts less than in proportion"
    assert "ក្រុម" in table
    assert "2013" not in table


def test_the_steps_are_asked_for_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["guess"])
    assert "gather" in capsys.readouterr().err
