"""A description is corrected field by field, against what was seen, as one act, and put back as one."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import PUBLIC, Unknown, Viewer
from archive.access.rule import Grant
from archive.catalogue import thesaurus
from archive.consent import decisions
from archive.consent.decisions import ConsentGiven
from archive.db import Database
from archive.describing import changes, fields
from archive.describing.changes import ChangedMeanwhile, FieldsRefused
from archive.models import Campaign, DescriptionChange, Narrator, Testimony, new_id
from archive.withdrawal import codes
from tests import factories

SREY = Viewer(role="band", account_id="srey")
DARA = Viewer(role="band", account_id="dara")
STEWARD = Viewer(role="steward", account_id="keeper")
WORK = (Grant("existence", "band"), Grant("pseudonym", "band"), Grant("place", "band", level="district"))


def tell(session: Session, grants: tuple[Grant, ...] = WORK, **said: str) -> str:
    made = factories.testimony(session, title_en="The lien", **said)
    if grants:
        decisions.grant(session, made.id, grants, ConsentGiven("signed", None))
    return made.id


def kept(session: Session, testimony_id: str) -> dict[str, str]:
    session.expire_all()
    return fields.current(session, session.get_one(Testimony, testimony_id))


def seen(session: Session, testimony_id: str) -> int:
    return changes.version(session, session.get_one(Testimony, testimony_id))


def test_what_is_corrected_leaves_a_row_for_each_field_and_is_put_back_as_one(database: Database) -> None:
    with database.write() as session:
        one = tell(session)
        before = kept(session, one)
        wanted = {
            "title_en": "  The line ",
            "title_km": "បន្ទាត់",
            "synopsis_en": "She fell.\r\nThey ran.",
            "language": "km",
            "recorded_on": "ប្រហែល ២០១០",
            "setting": "under a tree",
            "collected_by": "WNU",
            "campaign": "Wages",
            "community": "landless",
            "province": "Takeo",
            "district": "",
        }
        act = changes.change(session, SREY, one, wanted, seen=0)
        now = kept(session, one)
        assert (now["title_en"], now["recorded_on"], now["province"]) == ("The line", "2010~", "21")
        assert now["synopsis_en"] == "She fell.\nThey ran."
        campaign = session.get_one(Campaign, now["campaign"])
        assert campaign.name_en == "Wages"
        rows = session.scalars(select(DescriptionChange).order_by(DescriptionChange.seq)).all()
        assert {row.field for row in rows} == set(act.fields) == set(wanted) - {"language", "district"}
        assert {(row.act_id, row.by_id) for row in rows} == {(act.id, "srey")}
        assert all(row.before == before[row.field] and row.after == now[row.field] for row in rows)
        back = changes.undo(session, DARA, act.id)
        assert kept(session, one) == before
        changes.undo(session, SREY, back.id)
        assert kept(session, one) == now


def test_what_is_as_it_was_leaves_nothing(database: Database) -> None:
    with database.write() as session:
        one = tell(session)
        act = changes.change(session, SREY, one, {"title_en": "The lien", "language": "km"}, seen=0)
        assert (act.fields, act.touched) == ((), frozenset())
        assert session.scalars(select(DescriptionChange)).all() == []


def test_each_field_that_cannot_be_has_one_complaint_and_nothing_is_changed(database: Database) -> None:
    with database.write() as session:
        one = tell(session)
        before = kept(session, one)
        wrong = {
            "title_en": "x" * 301,
            "recorded_on": "2999",
            "language": "xx",
            "community": "",
            "collected_by": "nobody",
            "province": "Atlantis",
            "themes": "no-such-theme",
            "narrator": "nobodyknowsit0",
            "consent": "public",
            "title_km": "ល្អ",
        }
        with pytest.raises(FieldsRefused) as refused:
            changes.change(session, SREY, one, wrong, seen=0)
        assert set(refused.value.errors) == set(wrong) - {"title_km"}
        assert "lies in the future" in refused.value.errors["recorded_on"].said("en")
        assert kept(session, one) == before


def test_two_people_who_change_different_fields_both_have_their_way(database: Database) -> None:
    with database.write() as session:
        one = tell(session)
        version, form = seen(session, one), kept(session, one)
        changes.change(session, SREY, one, {**_typed(form), "title_en": "The line"}, seen=version)
        changes.change(session, DARA, one, {**_typed(form), "recorded_on": "2013"}, seen=version)
        now = kept(session, one)
        assert (now["title_en"], now["recorded_on"]) == ("The line", "2013")


def _typed(form: dict[str, str]) -> dict[str, str]:
    return {name: form[name] for name in ("title_en", "title_km", "recorded_on", "setting")}


def test_whoever_comes_later_to_the_same_field_sees_both_and_loses_nothing(database: Database) -> None:
    with database.write() as session:
        one = tell(session)
        version, form = seen(session, one), kept(session, one)
        changes.change(session, SREY, one, {"title_en": "The line", "setting": "at home"}, seen=version)
        hers = {**_typed(form), "title_en": "A line", "title_km": "បន្ទាត់"}
        with pytest.raises(ChangedMeanwhile) as refused:
            changes.change(session, DARA, one, hers, seen=version)
        (conflict,) = refused.value.conflicts
        assert (conflict.field, conflict.wanted, conflict.now, conflict.by_id) == (
            "title_en",
            "A line",
            "The line",
            "srey",
        )
        assert refused.value.theirs == {"setting"}
        assert kept(session, one)["title_km"] == ""
        changes.change(session, DARA, one, hers | {"setting": "at home"}, seen=refused.value.version)
        now = kept(session, one)
        assert (now["title_en"], now["title_km"], now["setting"]) == ("A line", "បន្ទាត់", "at home")


def test_two_who_write_the_same_have_no_quarrel(database: Database) -> None:
    with database.write() as session:
        one = tell(session)
        changes.change(session, SREY, one, {"title_en": "The line"}, seen=0)
        assert changes.change(session, DARA, one, {"title_en": "The line"}, seen=0).fields == ()


def test_an_act_over_many_testimonies_is_put_back_as_one(database: Database) -> None:
    with database.write() as session:
        told = [tell(session) for _ in range(3)]
        act_id = new_id()
        for one in told:
            changes.change(session, STEWARD, one, {"collected_by": "WNU"}, act_id=act_id, kind="selection")
        back = changes.undo(session, STEWARD, act_id)
        assert back.touched == set(told)
        assert {kept(session, one)["collected_by"] for one in told} == {"MB"}


def test_what_was_changed_again_since_is_not_put_back(database: Database) -> None:
    with database.write() as session:
        one = tell(session)
        act = changes.change(session, SREY, one, {"title_en": "The line", "setting": "at home"}, seen=0)
        changes.change(session, DARA, one, {"title_en": "A line"})
        with pytest.raises(ChangedMeanwhile):
            changes.undo(session, SREY, act.id)
        assert kept(session, one)["setting"] == "at home"


def test_who_may_not_know_of_it_or_does_not_work_on_it_corrects_nothing(database: Database) -> None:
    with database.write() as session:
        hidden, public = tell(session, ()), tell(session, (Grant("existence", "public"),))
        act = changes.change(session, STEWARD, hidden, {"title_en": "The line"})
        for viewer, one in ((SREY, hidden), (PUBLIC, public), (Viewer("r", "researcher"), public), (SREY, "nothing")):
            with pytest.raises(Unknown):
                changes.change(session, viewer, one, {"title_en": "Mine"})
        with pytest.raises(Unknown):
            changes.undo(session, SREY, act.id)


def test_a_place_that_may_not_be_told_is_not_corrected(database: Database) -> None:
    with database.write() as session:
        untold = tell(session, (Grant("existence", "band"),))
        for name in ("province", "district", "narrator"):
            with pytest.raises(FieldsRefused):
                changes.change(session, SREY, untold, {name: "Takeo"})
        changes.change(session, STEWARD, untold, {"province": "Takeo"})
        assert kept(session, untold)["province"] == "21"


def test_another_province_leaves_no_district_of_the_one_before(database: Database) -> None:
    with database.write() as session:
        one = tell(session)
        changes.change(session, SREY, one, {"province": "08", "district": "0801"})
        act = changes.change(session, SREY, one, {"province": "21"})
        now = kept(session, one)
        assert (now["province"], now["district"]) == ("21", "")
        changes.undo(session, SREY, act.id)
        assert kept(session, one)["district"] == "0801"


def test_what_is_said_of_the_narrator_reaches_everything_she_told(database: Database) -> None:
    with database.write() as session:
        one = tell(session)
        narrator_id = session.get_one(Testimony, one).narrator_id
        other = tell(session, narrator_id=narrator_id)
        act = changes.change(session, SREY, one, {"community": "landless"})
        assert act.touched == {one, other}
        assert seen(session, other) == seen(session, one) > 0


def test_another_known_narrator_is_chosen_and_taken_back(database: Database) -> None:
    with database.write() as session:
        one, other = tell(session), tell(session)
        mine, hers = (session.get_one(Testimony, each).narrator_id for each in (one, other))
        act = changes.change(session, SREY, one, {"narrator": hers})
        assert kept(session, one)["narrator"] == hers
        assert session.get(Narrator, mine) is not None, "the record stays for the way back"
        changes.undo(session, SREY, act.id)
        assert kept(session, one)["narrator"] == mine


def test_a_narrator_with_a_code_is_left_to_stewards(database: Database) -> None:
    with database.write() as session:
        one, other = tell(session), tell(session)
        codes.issue_code(session, session.get_one(Testimony, other).narrator_id)
        hers = session.get_one(Testimony, other).narrator_id
        with pytest.raises(FieldsRefused, match="code"):
            changes.change(session, SREY, one, {"narrator": hers})
        changes.change(session, STEWARD, one, {"narrator": hers})
        assert kept(session, one)["narrator"] == hers


def test_a_name_is_not_told_more_widely_by_choosing_its_narrator(database: Database) -> None:
    with database.write() as session:
        public = tell(session, (*WORK, Grant("existence", "public"), Grant("pseudonym", "public")))
        other = tell(session)
        who = session.get_one(Narrator, session.get_one(Testimony, other).narrator_id)
        who.pseudonym_en = "Mom"
        session.flush()
        with pytest.raises(FieldsRefused, match="more people than she allowed"):
            changes.change(session, STEWARD, public, {"narrator": who.id})


def test_themes_are_set_and_taken_off(database: Database) -> None:
    with database.write() as session:
        thesaurus.load_thesaurus(session)
        factories.account(session, id="srey", role="band")
        one = tell(session)
        act = changes.change(session, SREY, one, {"themes": "land, debt"})
        assert kept(session, one)["themes"] == "debt land"
        changes.change(session, SREY, one, {"themes": "debt"})
        assert kept(session, one)["themes"] == "debt"
        with pytest.raises(ChangedMeanwhile):
            changes.undo(session, SREY, act.id)
