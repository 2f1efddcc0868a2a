"""How a row is made: the usual values, what the test says otherwise, and a flush."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy.orm import Session

from archive.models import Base

Row = TypeVar("Row", bound=Base)


def kept(session: Session, model: type[Row], usual: dict[str, Any], given: dict[str, Any]) -> Row:
    """A row of the model with `usual` values, those of `given` instead where there are some."""
    row = model(**usual | given)
    session.add(row)
    session.flush()
    return row
