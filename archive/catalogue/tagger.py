"""What a transcript's passages are tagged by: places by their names, themes by how people speak of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue import theme_cues, theme_lessons
from archive.catalogue.theme_finder import SaidCue, SaidName, ThemeFinder, Themes
from archive.models import Term, TermLabel

_OFFERED = Term.retired_at.is_(None), Term.merged_into_id.is_(None)
INTERVIEWER = "interviewer"  # how the one who asks is named in a transcript


@dataclass(frozen=True, slots=True)
class Suggested:
    """A theme that a passage may be about, and the words of it that led there."""

    term_id: str
    matched: str
    score: float


class ThemeTagger:
    """Suggests themes for passages; made once for a whole transcript."""

    def __init__(self, finder: ThemeFinder) -> None:
        self.finder = finder

    @classmethod
    def of(cls, session: Session) -> ThemeTagger:
        """With the cues and names that hold now, and what answers have taught."""
        finder = finder_of(session)
        trust, words = theme_lessons.learnt(finder, theme_lessons.lessons(session))
        if not trust and not words:
            return cls(finder)
        return cls(ThemeFinder(replace(finder.themes, trust=trust, words=words)))

    def suggestions(self, texts: Mapping[str, str], speaker: str = "") -> list[Suggested]:
        """The themes of one passage, from what was said and from its translations alike, the surest first."""
        best: dict[str, Suggested] = {}
        for text in texts.values():
            for found in self.finder.find(text, interviewer=speaker.casefold() == INTERVIEWER):
                before = best.get(found.term_id)
                if before is None or before.score < found.score:
                    best[found.term_id] = Suggested(found.term_id, found.matched, found.score)
        return sorted(best.values(), key=lambda one: (-one.score, one.term_id))


def finder_of(session: Session) -> ThemeFinder:
    """A finder with the cues and names that hold now, as if nobody had answered yet; the same one while they hold.

    Themes that are retired, or that another has taken over, are not found.
    """
    terms = select(Term.id, Term.broader_id).where(Term.kind == "theme", *_OFFERED).order_by(Term.id)
    broader = tuple((term_id, above) for term_id, above in session.execute(terms))
    labels = (
        select(TermLabel.term_id, TermLabel.language, TermLabel.text)
        .join(Term)
        .where(Term.kind == "theme", *_OFFERED)
        .order_by(TermLabel.term_id, TermLabel.id)
    )
    return _finder(broader, tuple(SaidName(*row) for row in session.execute(labels)), theme_cues.cues_of(session))


@lru_cache(maxsize=4)
def _finder(
    broader: tuple[tuple[str, str | None], ...], names: tuple[SaidName, ...], cues: tuple[SaidCue, ...]
) -> ThemeFinder:
    known = dict(broader)
    held = [cue for cue in cues if cue.term_id in known]
    return ThemeFinder(Themes(known, names, held, theme_cues.missing(), theme_cues.speech()))
