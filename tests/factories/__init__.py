"""One factory for each model that tests make by hand: a row as it usually is, with what the test says otherwise.

Every factory takes the session first, adds the row with what it cannot do without, flushes, and hands the row back.
What a test asserts it names itself; the rest is nobody's business and may change here.
"""

from tests.factories.accounts import account
from tests.factories.songs import arrangement, lyric_version, song, source
from tests.factories.terms import campaign, term
from tests.factories.testimonies import index_point, narrator, permission, recording, redaction, testimony
from tests.factories.transcripts import segment, transcript_version

__all__ = [
    "account",
    "arrangement",
    "campaign",
    "index_point",
    "lyric_version",
    "narrator",
    "permission",
    "recording",
    "redaction",
    "segment",
    "song",
    "source",
    "term",
    "testimony",
    "transcript_version",
]
