"""Who is who: names change and credits follow; two records become one only where nothing is told more widely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown, Viewer
from archive.access.rule import Grant
from archive.catalogue.cards import cards
from archive.consent import decisions
from archive.consent.decisions import ConsentGiven
from archive.db import Database
from archive.models import AuditEntry, LyricLine, Narrator, VaultEntry
from archive.narrators import known, records
from archive.narrators.records import CannotMerge, CannotSplit, NotAName
from archive.songs.credits import credits_of
from archive.withdrawal import codes, own_visits
from tests import factories

GIVEN = ConsentGiven("signed", None)
BAND = Viewer(role="band", account_id="somebody")
STEWARD = Viewer(role="steward", account_id="somebody")
WORK = (Grant("existence", "band"), Grant("pseudonym", "band"))


@dataclass
class Told:
    narrator: str
    testimony: str


def tell(session: Session, grants: Sequence[Grant] = WORK, **said: str | None) -> Told:
    narrator = factories.narrator(session, **said)
    return Told(narrator.id, more(session, narrator.id, grants))


def reached(session: Session, code: str) -> set[str]:
    """What a code's owner can see and take back."""
    return set(own_visits.hers(session, codes.owner_of(session, code) or ""))


def more(session: Session, narrator_id: str, grants: Sequence[Grant] = WORK) -> str:
    testimony_id = factories.testimony(session, narrator_id=narrator_id).id
    if grants:
        decisions.grant(session, testimony_id, grants, GIVEN)
    return testimony_id


def test_two_records_become_one_and_are_parted_again(database: Database) -> None:
    with database.write() as session:
        one, other = tell(session), tell(session)
        before = decisions.standing_of(session, other.testimony)
        records.merge(session, one.narrator, other.narrator, "steward0")
        assert known.testimonies_of(session, one.narrator) == [one.testimony, other.testimony]
        assert session.get(Narrator, other.narrator) is None
        assert decisions.standing_of(session, other.testimony) == before
        made = records.split(session, one.narrator, [other.testimony], "steward0")
        assert known.testimonies_of(session, one.narrator) == [one.testimony]
        assert known.testimonies_of(session, made) == [other.testimony]
        told = [(e.action, e.actor_id) for e in session.scalars(select(AuditEntry).order_by(AuditEntry.seq))]
    assert told[-2:] == [("narrator.merged", "steward0"), ("narrator.split", "steward0")]


def test_a_code_reaches_what_the_preview_says(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        one, other, third = (tell(session) for _ in range(3))
        code = codes.issue_code(session, other.narrator)
        seen = records.preview(session, one.narrator, other.narrator)
        assert (seen.code, seen.ended, seen.own, seen.moved) == ("other", False, (one.testimony,), (other.testimony,))
        records.merge(session, one.narrator, other.narrator, "steward0")
        assert reached(session, code) == {one.testimony, other.testimony}
        theirs = codes.issue_code(session, third.narrator)
        assert records.preview(session, one.narrator, third.narrator).ended
        records.merge(session, one.narrator, third.narrator, "steward0")
        assert codes.owner_of(session, theirs) is None
        records.split(session, one.narrator, [third.testimony], "steward0")
        assert reached(session, code) == {one.testimony, other.testimony}


EVERYONE = (*WORK, Grant("existence", "public"), Grant("pseudonym", "public"))
PLACED = (*EVERYONE, Grant("place", "public", level="district"))


@pytest.mark.parametrize(
    ("kept", "kept_grants", "other", "other_grants", "reasons"),
    [
        ({}, WORK, {"pseudonym_en": "Mom"}, EVERYONE, ("name",)),
        ({}, EVERYONE, {"pseudonym_en": "Mom"}, WORK, ()),
        ({}, WORK, {}, EVERYONE, ()),  # everyone knew the same name already
        ({"province": "02"}, WORK, {"province": "01"}, PLACED, ("place",)),
        ({"province": "02"}, PLACED, {"province": "01"}, PLACED, ()),
        (
            {"province": "02"},
            (*EVERYONE, Grant("place", "public", level="province")),
            {"province": "01"},
            PLACED,
            ("place",),
        ),
        ({"community": "sex-worker"}, WORK, {"community": "farmer"}, EVERYONE, ("community",)),
        ({"community": "sex-worker"}, EVERYONE, {"community": "farmer"}, EVERYONE, ()),
    ],
)
def test_what_a_record_says_is_told_no_more_widely_than_allowed(
    sqlite_database: Database,
    kept: dict[str, str],
    kept_grants: Sequence[Grant],
    other: dict[str, str],
    other_grants: Sequence[Grant],
    reasons: tuple[str, ...],
) -> None:
    with sqlite_database.write() as session:
        usual = {"pseudonym_en": "Chan", "pseudonym_km": ""}
        one, two = tell(session, kept_grants, **usual | kept), tell(session, other_grants, **usual | other)
        assert records.preview(session, one.narrator, two.narrator).reasons == reasons
        if reasons:
            with pytest.raises(CannotMerge):
                records.merge(session, one.narrator, two.narrator, "steward0")
            assert session.get(Narrator, two.narrator) is not None
        else:
            records.merge(session, one.narrator, two.narrator, "steward0")


def test_what_is_closed_for_now_is_told_again_later(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        one, two = tell(session, WORK), tell(session, EVERYONE, pseudonym_en="Mom")
        decisions.suspend(session, two.testimony, GIVEN)
        assert records.preview(session, one.narrator, two.narrator).reasons == ("name",)
        decisions.suspend(session, one.testimony, GIVEN)
        assert records.preview(session, two.narrator, one.narrator).reasons == ("name",)


def test_two_real_names_are_looked_at_first_and_one_goes_along(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        one, two = tell(session), tell(session)
        session.add(VaultEntry(narrator_id=two.narrator, kind="legal-name", ciphertext=b"x"))
        session.flush()
        records.merge(session, one.narrator, two.narrator, "steward0")
        assert session.scalars(select(VaultEntry.narrator_id)).all() == [one.narrator]
        three = tell(session, (*WORK, Grant("name", "public")))
        assert records.preview(session, one.narrator, three.narrator).reasons == ("legal-name",)
        session.add(VaultEntry(narrator_id=three.narrator, kind="legal-name", ciphertext=b"y"))
        session.flush()
        assert records.preview(session, one.narrator, three.narrator).reasons == ("legal-names",)


def test_a_record_is_not_merged_with_itself_nor_with_nobody(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        one = tell(session)
        assert records.preview(session, one.narrator, one.narrator).reasons == ("same",)
        for other in ("nobodyknowsit0", ""):
            with pytest.raises(Unknown):
                records.merge(session, one.narrator, other, "steward0")


def test_a_record_is_parted_only_in_two(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        one, other = tell(session), tell(session)
        for chosen in ([], [one.testimony]):
            with pytest.raises(CannotSplit):
                records.split(session, one.narrator, chosen, "steward0")
        with pytest.raises(Unknown):
            records.split(session, one.narrator, [other.testimony], "steward0")


def test_credits_follow_another_chosen_name(database: Database) -> None:
    with database.write() as session:
        everyone = (*EVERYONE, Grant("quotation", "public"))
        one = tell(session, everyone, pseudonym_km="ចាន់", pseudonym_en="Chan")
        version = factories.transcript_version(session, one.testimony, [factories.segment("បំណុល", 0, 1400)])
        song = factories.song(
            session, credits=[{"role": "voice", "km": "ចាន់", "en": "Chan"}, {"role": "music", "en": "Srey"}]
        )
        line = LyricLine(km="បំណុល", en="Debt")
        factories.lyric_version(session, song.id, [line])
        factories.source(session, line, version)
        records.rename(session, one.narrator, " ម៉ុម ", "Mom", "steward0")
        session.refresh(song)
        named = {(credit.role, credit.km, credit.en) for credit in credits_of(session, song)}
        assert named == {("voice", "ម៉ុម", "Mom"), ("music", "", "Srey"), ("told", "ម៉ុម", "Mom")}
        assert cards(session, BAND, [one.testimony])[one.testimony].name_en == "Mom"
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
        assert entry is not None
        assert (entry.action, entry.detail) == ("narrator.renamed", {})
        for names in (("", ""), ("a" * 121, "")):
            with pytest.raises(NotAName):
                records.rename(session, one.narrator, *names, "steward0")
