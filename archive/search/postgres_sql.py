"""The tables of the PostgreSQL engine, and a query as SQL over them.

Words are cut here, by the same code as everywhere, and handed over as finished tsvectors with positions: PostgreSQL's
own parser knows no Khmer. A *part* is what the documents of one group have in common in one form, so that what a
viewer may find is a list of part numbers: the gate, in one condition, inside every statement.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from archive.language.vocabulary import Vocabulary
from archive.ports import SearchDocument
from archive.search import analysis
from archive.search.analysis import is_khmer, long_enough
from archive.search.index import GUARDS
from archive.search.query import And, Filter, Node, Not, Or, Words

SCHEMA_VERSION = "2"
LAST_POSITION = 16_383  # of a tsvector
SURE = 1.0  # the weight of words as they are
MOST_POSITIONS = 255  # of one word in a tsvector
MOST_TERMS = 200  # that may fill one position of a phrase

TABLES = """
CREATE TABLE {part} (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    grp text NOT NULL, form text NOT NULL, testimonies text[] NOT NULL, facets text[] NOT NULL, digest text NOT NULL,
    UNIQUE (grp, form));
CREATE TABLE {document} (
    key text PRIMARY KEY, kind text NOT NULL, ref text NOT NULL, segments int NOT NULL, part bigint NOT NULL,
    grp text NOT NULL, grp_hash bigint NOT NULL, form text NOT NULL, testimonies text[] NOT NULL,
    facets text[] NOT NULL, day int NOT NULL, start_ms int NOT NULL, words tsvector NOT NULL);
CREATE TABLE {word} (word text PRIMARY KEY, rhyme text);
"""
INDEXES = """
CREATE INDEX {prefix}_words ON {document} USING gin (words) WITH (fastupdate = off);
CREATE INDEX {prefix}_facets ON {document} USING gin (facets) WITH (fastupdate = off);
CREATE INDEX {prefix}_testimonies ON {document} USING gin (testimonies) WITH (fastupdate = off);
CREATE INDEX {prefix}_grp ON {document} (grp);
CREATE INDEX {prefix}_day ON {document} (day DESC, key);
CREATE INDEX {prefix}_rhyme ON {word} (rhyme);
"""
ABOUT = """
CREATE TABLE IF NOT EXISTS search_about (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), version text NOT NULL, generation bigint NOT NULL);
"""


def version() -> str:
    """What the tables must have been made by to be of any use."""
    return f"postgresql-{SCHEMA_VERSION}.{analysis.version()}"


def quoted(term: str) -> str:
    """A term as a lexeme in the text of a tsvector or a tsquery."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def vector(document: SearchDocument) -> tuple[str, set[str]]:
    """The document's words as the text of a tsvector, and the words themselves."""
    places: dict[str, list[int]] = {}
    for token in analysis.tokens(analysis.BREAK.join(document.texts.values())):
        if "\x00" not in token.text:
            places.setdefault(token.text, []).append(min(token.position + 1, LAST_POSITION))
    text = " ".join(f"{quoted(term)}:{','.join(map(str, at[:MOST_POSITIONS]))}" for term, at in places.items())
    return text, set(places)


def facet_rows(document: SearchDocument) -> list[str]:
    return [f"{facet}={value}" for facet, values in document.facets.items() for value in values]


class Statement:
    """A query as a condition over the document table, with the expression that ranks what fulfils it.

    Args:
        told: facet -> numbers of the parts whose values of it may be told, for the guarded facets.
        songs: the songs this viewer may open.
        sure: look only for the words as they are, not inside or across others, which takes far longer.

    Attributes:
        passed_over: whether `sure` left anything out.
        cut_short: whether more words fit a position of the query than were looked for.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        told: dict[str, list[int]],
        songs: Collection[str],
        node: Node,
        *,
        sure: bool = False,
    ) -> None:
        self._vocabulary = vocabulary
        self._told = told
        self._songs = songs
        self._sure = sure
        self.passed_over = False
        self.cut_short = False
        self.values: dict[str, Any] = {}
        self._ranks: list[str] = []
        self.condition = self._sql(node, wanted=True)

    @property
    def rank(self) -> str:
        return " + ".join(self._ranks) or "0.0"

    def bind(self, value: Any) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"

    def _sql(self, node: Node, *, wanted: bool) -> str:
        if isinstance(node, Words):
            return self._words(node, wanted=wanted)
        if isinstance(node, Filter):
            return self._filter(node)
        if isinstance(node, Not):
            return f"NOT ({self._sql(node.part, wanted=False)})"
        if isinstance(node, And):
            return "(" + (" AND ".join(self._sql(part, wanted=wanted) for part in node.parts) or "true") + ")"
        if isinstance(node, Or):
            return "(" + (" OR ".join(self._sql(part, wanted=wanted) for part in node.parts) or "false") + ")"
        return "false"

    def _filter(self, node: Filter) -> str:
        values = [v for v in node.values if node.facet != "song" or v in self._songs]
        condition = f"facets && {self.bind([f'{node.facet}={value}' for value in values])}::text[]"
        if node.facet in GUARDS:
            condition += f" AND part = ANY({self.bind(self._told[node.facet])}::bigint[])"
        return f"({condition})"

    def _words(self, node: Words, *, wanted: bool) -> str:
        ways = self._ways(node)
        if self._sure and wanted:
            kept = [way for way in ways if way[1] == SURE]
            self.passed_over |= len(kept) < len(ways)
            ways = kept
        every = self.bind(" | ".join(f"({way})" for way, _ in ways))
        if wanted:
            sure = self.bind(" | ".join(f"({way})" for way, weight in ways if weight == SURE))
            self._ranks.append(
                f"{node.weight} * (ts_rank(words, {sure}::tsquery, 1) + 0.3 * ts_rank(words, {every}::tsquery, 1))"
            )
        return f"words @@ {every}::tsquery"

    def _ways(self, node: Words) -> list[tuple[str, float]]:
        """Every way the index may hold the words, as a tsquery, and how far it is to be trusted."""
        if not node.prefix and all(map(is_khmer, node.terms)):
            ways = self._vocabulary.alternatives(node.typed, slot_limit=MOST_TERMS)
            self.cut_short |= any(len(slot) >= MOST_TERMS for way in ways for slot in way.slots)
            return [(_phrase(way.slots), way.weight) for way in ways]
        parts = [quoted(term) for term in node.terms]
        if node.prefix and long_enough(node.terms[-1]):
            parts[-1] += ":*"
        return [(" <-> ".join(parts), SURE)]


def _phrase(slots: Sequence[Sequence[str]]) -> str:
    return " <-> ".join("(" + " | ".join(map(quoted, slot)) + ")" for slot in slots)
