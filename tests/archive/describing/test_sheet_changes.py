"""A sheet that comes back: each kind of bad row is told with its line, good ones are one act, which is undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.backends import Backends
from archive.catalogue.thesaurus import load_thesaurus
from archive.consent import decisions
from archive.db import Database
from archive.describing import catalogue, changes, sheet_changes
from archive.describing.sheet_changes import CatalogueRefused, GivenRow, RowOutcome
from archive.models import AuditEntry, ConsentEvent, Narrator, Release, Testimony, now
from archive.settings import Settings
from tests import factories
from tests.archive.testimonies import GIVEN

STEWARD = Viewer(role="steward", account_id="keeper")


@pytest.fixture
def backends(settings: Settings, database: Database) -> Backends:
    return Backends(settings, database)


def taken_out(session: Session) -> dict[str, dict[str, str]]:
    ids = catalogue.testimonies_for(session, STEWARD)
    return {row["testimony"]: row for row in catalogue.rows(session, STEWARD, ids)}


def with_lines(*rows: Mapping[str, str]) -> list[GivenRow]:
    return list(enumerate(rows, 2))


def reasons(bad: tuple[RowOutcome, ...]) -> dict[int, str]:
    return {one.line: one.problem("en") for one in bad if one.problem is not None}


def bad_rows(row: Callable[..., dict[str, str]], lost: str, other: str) -> list[tuple[Mapping[str, str], str]]:
    """Rows that cannot be, made by `row` from a number and what is changed in it, with a part of what is said of each.

    Args:
        lost: a testimony that was taken back.
        other: a narrator with whom a testimony would be told more widely.
    """
    return [
        (row(0, testimony=""), "names no testimony"),
        (row(0, testimony="nobodyknowsit0"), "there is no testimony “nobodyknowsit0”, or it was taken back"),
        (row(0, testimony=lost), "or it was taken back"),
        (row(1, version="seven"), "“seven” is no version"),
        (row(2, version="999999"), "“999999” is no version"),
        (row(3, narrator_km="ស្រីមុំ"), "changed on her page"),
        (row(4, recording="another"), "“recording” cannot be changed"),
        (row(5, duration_ms="1"), "“duration_ms” cannot be changed"),
        (row(6, sample="yes"), "“sample” cannot be changed"),
        (row(7, title_km="ក" * 301), "more than 300 characters"),
        (row(8, synopsis_en="x" * 10_001), "more than 10000 characters"),
        (row(9, language="fr"), "“fr” is none"),
        (row(10, community="farmers"), "“farmers” is none"),
        (row(11, collected_by="XYZ"), "“XYZ” is none"),
        (row(12, recorded_on="some day"), "“some day” is no date"),
        (row(13, recorded_on="2013-02-31"), "“2013-02-31” is no date"),
        (row(14, recorded_on="2999-01-01"), "lies in the future"),
        (row(15, recorded_on="1850"), "so long ago"),
        (row(16, province="Atlantis"), "no province of Cambodia"),
        (row(17, province="", district="0102"), "a district needs its province"),
        (row(18, province="12", district="9999"), "no district of that province"),
        (row(19, title_en="Mine"), "somebody changed this since the sheet was taken out"),
        (row(20, narrator=other), "would be told to more people than she allowed"),
        (row(21, themes="no-such-theme"), "is no theme that can be set here"),
        (row(22, narrator="nobodyknowsit0"), "there is no such narrator"),
        (row(23, campaign="Wagse"), "there is no campaign “Wagse”; write +Wagse"),
        (row(24, title_en="=HYPERLINK(1)"), "begins like a formula"),
        (row(1), "stands in line 5 already"),
    ]


def test_each_kind_of_bad_row_is_told_with_its_line_and_changes_nothing(backends: Backends) -> None:
    with backends.database.write() as session:
        load_thesaurus(session)
        made = [factories.testimony(session, title_en=f"Told {n}") for n in range(28)]
        both = factories.testimony(session, narrator_id=made[0].narrator_id)
        gone = factories.testimony(session, title_en="Taken back", withdrawn_at=now())
        coded = factories.narrator(session, pseudonym_en="Another", province="12")
        decisions.grant(session, made[20].id, decisions.PRESETS["public"], GIVEN)
        decisions.grant(session, factories.testimony(session, narrator_id=coded.id).id, decisions.BAND_ONLY, GIVEN)
        session.flush()
        before = taken_out(session)
        ids = [one.id for one in made]
        changes.change(session, STEWARD, ids[19], {"title_en": "Somebody else's"}, seen=0)
        now_rows = taken_out(session)
        sister, lost, other = both.id, gone.id, coded.id

    def row(number: int, **other: str) -> dict[str, str]:
        return before[ids[number]] | other

    kinds = bad_rows(row, lost, other)
    sheet: list[GivenRow] = with_lines(*(cells for cells, _ in kinds))
    sheet += [(90, lambda _language: "a quotation mark is never closed")]
    plan = sheet_changes.look(backends, STEWARD, sheet)
    found = reasons(plan.bad)
    wrong = {
        line: (told, found.get(line))
        for line, (_, told) in enumerate(kinds, 2)
        if told.casefold() not in found.get(line, "").casefold()
    }
    assert wrong == {}
    assert found[90] == "a quotation mark is never closed"
    assert len(set(found.values())) >= 20
    assert plan.rows == ()
    done = sheet_changes.apply(backends, STEWARD, [*sheet, (91, row(27, title_en="Good"))])
    assert [one.line for one in done.rows] == [91]
    two_words = [row(0, community="landless"), before[sister] | {"community": "garment-worker"}]
    (told,) = reasons(sheet_changes.look(backends, STEWARD, with_lines(*two_words)).bad).values()
    assert "another row of this sheet says otherwise of the same narrator" in told
    with backends.database.read() as session:
        left = taken_out(session)
        assert {one: left[one] for one in left if one != ids[27]} == {
            one: now_rows[one] for one in left if one != ids[27]
        }


def test_good_rows_are_one_act_that_is_noted_and_undone_as_one(backends: Backends) -> None:
    with backends.database.write() as session:
        load_thesaurus(session)
        factories.account(session, id="keeper", role="steward")
        made = [factories.testimony(session, title_en=f"Told {n}").id for n in range(3)]
        for one in made:
            decisions.grant(session, one, decisions.BAND_ONLY, GIVEN)
        before = taken_out(session)
        events = session.scalar(select(func.count()).select_from(ConsentEvent))
    sheet = with_lines(
        before[made[0]]
        | {"title_km": "ថ្ងៃនោះ", "recorded_on": "2013-04", "themes": "debt health-debt", "campaign": "+Wages"},
        before[made[1]]
        | {"community": "landless", "province": "Takeo", "district": "", "synopsis_en": "=not this"[1:]},
        before[made[2]],
    )
    looked = sheet_changes.look(backends, STEWARD, sheet)
    assert reasons(looked.bad) == {}
    shown = {one.testimony_id: {cell.field: cell.after.en for cell in one.changes} for one in looked.rows}
    assert shown[made[0]]["recorded_on"] == "April 2013"
    assert shown[made[0]]["campaign"] == "Wages"
    assert shown[made[1]] == {"community": "Landless", "province": "Takeo", "synopsis_en": "not this"}
    assert (looked.same, looked.bad) == (1, ())
    with backends.database.read() as session:
        assert taken_out(session) == before, "looking writes nothing"
    done = sheet_changes.apply(backends, STEWARD, sheet)
    with backends.database.read() as session:
        after = taken_out(session)
        assert (after[made[0]]["title_km"], after[made[0]]["themes"]) == ("ថ្ងៃនោះ", "debt health-debt")
        assert after[made[1]]["province"] == "21"
        assert after[made[2]] == before[made[2]]
        (act,) = sheet_changes.recent(session)
        assert (act.act_id, act.undone) == (done.act_id, False)
        noted = select(AuditEntry).where(AuditEntry.action == "catalogue.imported")
        assert session.scalars(noted).one().actor_id == "keeper"
        assert session.scalar(select(func.count()).select_from(ConsentEvent)) == events
    assert sheet_changes.look(backends, STEWARD, [(line, after[one]) for line, one in enumerate(made, 2)]).rows == ()
    sheet_changes.undo(backends, STEWARD, done.act_id)
    with backends.database.read() as session:
        back = taken_out(session)
        assert {one: back[one] | {"version": ""} for one in made} == {
            one: before[one] | {"version": ""} for one in made
        }
        assert sheet_changes.recent(session)[0].undone


def test_what_another_changed_meanwhile_stays_where_the_sheet_did_not_touch_it(backends: Backends) -> None:
    with backends.database.write() as session:
        told = factories.testimony(session, title_en="Told", setting="at home").id
        before = taken_out(session)[told]
        changes.change(session, STEWARD, told, {"setting": "under a tree"}, seen=0)
    done = sheet_changes.apply(backends, STEWARD, with_lines(before | {"title_en": "Told anew"}))
    assert [cell.field for cell in done.rows[0].changes] == ["title_en"]
    with backends.database.read() as session:
        row = taken_out(session)[told]
        assert (row["title_en"], row["setting"]) == ("Told anew", "under a tree")


def test_two_testimonies_of_one_narrator_are_corrected_by_either_row(backends: Backends) -> None:
    with backends.database.write() as session:
        first = factories.testimony(session)
        second = factories.testimony(session, narrator_id=first.narrator_id)
        ids, narrator = [first.id, second.id], first.narrator_id
        before = taken_out(session)
    sheet = with_lines(before[ids[0]] | {"community": "landless"}, before[ids[1]])
    done = sheet_changes.apply(backends, STEWARD, sheet)
    assert (len(done.rows), done.bad) == (1, ())
    with backends.database.read() as session:
        assert session.get_one(Narrator, narrator).community == "landless"


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (["testimony", "consent"], "What was allowed is never changed by a sheet"),
        (["testimony", "tittle"], "There is no column “tittle”"),
        (["testimony", "title_en", "title_en"], "stands there twice"),
        (["title_en"], "one of them “testimony”"),
        ([], "one of them “testimony”"),
    ],
)
def test_a_sheet_that_is_no_catalogue_is_refused_as_a_whole(columns: list[str], told: str) -> None:
    with pytest.raises(CatalogueRefused, match=told) as refused:
        sheet_changes.check_columns(columns)
    assert refused.value.said("km") != refused.value.said("en")


def test_taking_it_out_asks_the_gate_and_is_a_release(backends: Backends) -> None:
    with backends.database.write() as session:
        closed = factories.testimony(session, title_en="Nobody's").id
        listed = factories.testimony(session, title_en="Listed").id
        factories.permission(session, listed, audience="band")
        band = Viewer(role="band", account_id="srey")
        ids = catalogue.testimonies_for(session, band)
        assert ids == [listed]
        (row,) = catalogue.rows(session, band, [closed, listed])
        assert (row["title_en"], row["narrator"], row["narrator_en"], row["province"]) == ("Listed", "", "", "")
        catalogue.take_out(session, STEWARD, [closed, listed], "csv")
        left = session.scalars(select(Release)).one()
        assert (left.kind, left.account_id, left.testimonies) == ("export", "keeper", sorted([closed, listed]))
        session.get_one(Testimony, closed).withdrawn_at = now()
        session.flush()
        assert catalogue.testimonies_for(session, STEWARD) == [listed]
