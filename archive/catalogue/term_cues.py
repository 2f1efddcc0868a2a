"""How people speak of a theme, as its stewards keep it: the cues by which it is suggested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from archive.catalogue import cues, terms, theme_cues
from archive.catalogue.cues import LONGEST_CUE, CueError
from archive.catalogue.terms import LANGUAGES, THEME, NotATerm
from archive.language.normalise import tidy
from archive.models import Term

MOST_CUES = 400
CHANGED = "cues"


class NotCues(ValueError):
    """Cues cannot be as they were written.

    Attributes:
        why: `unreadable` is the cue `about`; `long` it is; `many` there are.
    """

    def __init__(self, why: str, about: str = "") -> None:
        super().__init__(f"These are no cues: {why} {about}".strip())
        self.why, self.about = why, about


def cues_now(found: Term) -> dict[str, tuple[str, ...]]:
    """The cues of a theme in each language, as they hold now."""
    shipped = theme_cues.shipped_of(found.id)
    return {language: tuple(found.cues.get(language, shipped.get(language, ()))) for language in LANGUAGES}


def change_cues(
    session: Session, term_id: str, given: Mapping[str, Sequence[str]], by_id: str | None, *, seen: int | None = None
) -> Term:
    """Give a theme other cues; what is the same as what is shipped follows later releases again.

    Raises:
        NotCues, NotATerm, TermOvertaken, Unknown: see there.
    """
    wanted = {language: _written(given.get(language, ())) for language in LANGUAGES}
    found = terms.to_change(session, term_id, seen)
    if found.kind != THEME:
        raise NotATerm("place", term_id)
    if wanted == cues_now(found):
        return found
    before = terms.state_of(found)
    shipped = theme_cues.shipped_of(found.id)
    found.cues = {language: list(some) for language, some in wanted.items() if some != tuple(shipped.get(language, ()))}
    terms.note_change(session, found, CHANGED, before, by_id, None)
    return found


def _written(typed: Sequence[str]) -> tuple[str, ...]:
    """Cues as somebody typed them, each of which can be read, without empty ones and repetitions."""
    found: dict[str, None] = {}
    for one in typed:
        text = " ".join(tidy(one).split())
        if not text:
            continue
        if len(text) > LONGEST_CUE:
            raise NotCues("long", text[:40])
        try:
            cues.read(theme_cues.bare(text))
        except CueError:
            raise NotCues("unreadable", text[:80]) from None
        found[text] = None
    if len(found) > MOST_CUES:
        raise NotCues("many")
    return tuple(found)
