"""What is said of a recording that is handed in, in the tests of faults."""

from __future__ import annotations

from archive.catalogue.descriptions import Description

TOLD = Description(title_en="Overtime", narrator_en="Sokha", province="Kampong Speu", language="en", consent="public")
