"""Lyrics as words to listen for: lines, the words in them, and the phrases a model can take in at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archive.language.words import words as cut_words

PHRASE_TOKENS = 96  # longer lines, as typed transcripts have them, are heard in parts

_KHMER = re.compile(r"[\u1780-\u17ff]")
_SECTION = re.compile(
    r"[\[(]?\s*(?:verse|chorus|refrain|bridge|intro|outro|pre-?chorus|hook|solo|instrumental|coda"
    r"|couplet|estribillo|strophe|បន្ទរ|វគ្គ)\s*[\d:.៖\])]*\s*",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[។៕?!.…])\s+|(?<=[។៕])(?=\S)")

Encode = Callable[[str], Sequence[int]]


@dataclass(frozen=True, slots=True)
class LyricWord:
    """A word as it is written, and the tokens a model reads it as."""

    text: str
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LyricPhrase:
    """Words that are heard together: a line, or a part of a very long one.

    Attributes:
        line: index of the line it belongs to.
        words: at least one.
    """

    line: int
    words: tuple[LyricWord, ...]

    @property
    def tokens(self) -> tuple[int, ...]:
        return tuple(token for word in self.words for token in word.tokens)


def read_lyrics(text: str) -> list[str]:
    """The sung lines of a lyric sheet.

    Empty lines part the verses and headings such as "[Chorus]" name them; neither is sung.
    """
    lines = (" ".join(line.split()) for line in text.lstrip("\ufeff").splitlines())
    return [line for line in lines if line and not is_heading(line)]


def sentences(text: str) -> list[str]:
    """A typed transcript's running text in pieces of about a breath: its lines, cut after the ends of sentences."""
    return [piece for line in read_lyrics(text) for piece in _SENTENCE_END.split(line) if piece]


def is_heading(line: str) -> bool:
    """Whether a line names a part of the song rather than being sung.

    Anything wholly in square brackets is; words in round ones may be a second voice, so they must name a part.
    """
    return bool(re.fullmatch(r"\[[^\]]*\]:?", line) or _SECTION.fullmatch(line))


def words_of(line: str) -> list[str]:
    """The words of a line, in order; joined without spaces they give the line without its spaces.

    Spaces part words, and Khmer between spaces is cut by the archive's own segmentation, since Whisper's takes a whole
    Khmer phrase for one word. Punctuation and the repetition sign stay with the word before them.
    """
    found: list[str] = []
    for chunk in line.split():
        if not _KHMER.search(chunk):
            found.append(chunk)
            continue
        at = len(found)
        for piece in cut_words(chunk):
            if piece.is_word or len(found) == at:
                found.append(piece.text)
            else:
                found[-1] += piece.text
        if len(found) > at + 1 and not any(c.isalnum() for c in found[at]):
            found[at : at + 2] = [found[at] + found[at + 1]]
    return found


def phrases(lines: Sequence[str], encode: Encode) -> list[LyricPhrase]:
    """Every line as one phrase, or as several when it has more tokens than a model can take in at once."""
    made: list[LyricPhrase] = []
    for index, line in enumerate(lines):
        made.extend(LyricPhrase(index, part) for part in _parts(_tokenised(line, encode)))
    return made


def _tokenised(line: str, encode: Encode) -> list[LyricWord]:
    """Words with their tokens; a space goes before a word where the line has one, and before the first."""
    found: list[LyricWord] = []
    at = 0
    for word in words_of(line):
        start = line.index(word, at)
        spaced = not found or line[start - 1].isspace()
        found.append(LyricWord(word, tuple(encode(f" {word}" if spaced else word))))
        at = start + len(word)
    return found


def _parts(words: Sequence[LyricWord]) -> list[tuple[LyricWord, ...]]:
    """Cut where a phrase would grow past `PHRASE_TOKENS`; the parts are about equally long."""
    total = sum(len(word.tokens) for word in words)
    wanted = -(-total // PHRASE_TOKENS)
    cuts, seen = [0], 0
    for index, word in enumerate(words):
        if seen >= total * len(cuts) / max(wanted, 1) and index > cuts[-1]:
            cuts.append(index)
        seen += len(word.tokens)
    cuts.append(len(words))
    return [tuple(words[start:end]) for start, end in pairwise(cuts) if end > start]
