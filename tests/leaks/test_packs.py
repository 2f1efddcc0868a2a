"""What is packed is the same to the byte whether or not the archive has what its narrator keeps closed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from archive.access import gate
from archive.songs import packing
from ingest.exports.packs import pack_jobs
from ingest.exports.packs.packing import sounds
from ingest.exports.packs.pages import pages
from tests.leaks.told import SONG
from tests.leaks.worlds import KINDS, SET, World

CLOSED = [kind for kind, (_grants, roles) in KINDS.items() if "public" in roles or kind == "nothing granted"]


def packed(world: World, of: str) -> list[object]:
    """Everything that a pack of these songs would hold, its sound by what it is made of."""
    with world.backends.database.read() as session:
        plan = packing.plan(session, gate.Viewer(role="band"), of, pack_jobs.local_day())
    sung = [(one.path, one.form, one.sheet.fingerprint) for one in sounds(plan)]
    return [*pages(plan, frozenset()), *sung, plan.fingerprint]


@pytest.mark.parametrize("kind", CLOSED)
def test_a_pack_tells_nothing_of_what_is_closed(kind: str, common: World, hidden: Callable[[str, bool], World]) -> None:
    for of in ("all", f"set:{SET}", f"songs:{SONG}"):
        assert packed(hidden(kind, True), of) == packed(common, of)
