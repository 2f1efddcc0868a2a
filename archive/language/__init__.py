"""Khmer and English as text, the same at index time and at query time, for lyrics, alignment and highlighting.

- `normalise`: one search form for text that looks the same, with the way back to the original; `tidy` for storage.
- `clusters`: the smallest pieces that may be highlighted or counted on their own.
- `words`: words with offsets; `search_tokens` the same in search form.
- `lexicon`, `distil`: the table of words behind it, and how it is made.
- `vocabulary`: which terms of an index answer a query.
- `syllables`, `romanise`: how a line is sung and how its words rhyme.

What a search engine does with it
---------------------------------
Index. For each text, store `search_tokens(text)`: the term is `Token.text`, its position `Token.position`, its
characters `Token.start` to `Token.end`, offsets into the text as written, so a highlight falls on whole clusters of the
original spelling. Keep `lexicon.shipped().version` with the index and rebuild it when that differs.

Ask. Keep one `Vocabulary(terms)` of the field's terms, commonest first, made anew when the index grows. For
each word or "phrase" of the query take `vocabulary.alternatives(text)` and OR them: an `Alternative` of one slot is an
OR of terms; more are a phrase (consecutive positions, no slop) with an OR of terms in each slot. Boost each by
its `weight`, so that the word itself ranks before the word inside a compound, and that before the word across two
others. The slots hold only terms of the index, apart from the first alternative, which is the query as it is cut alone.

Why. A query is cut without its context and may come apart differently than in the sentence. What never differs are the
clusters, and all comparing is of whole clusters, so a changed vowel finds nothing else. `tests/bench/khmer.py` does
exactly this and prints recall, precision and what disturbed text does to them; `docs/decisions/0003` has the figures.

Prefix queries skip `search_tokens`: fold the text with `normalise`, ask for two clusters at least, take the terms of
`Vocabulary.beginning`.
"""
