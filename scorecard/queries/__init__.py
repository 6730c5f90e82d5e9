"""All reads of the chain's pages: a fixed number of SQL queries whatever the size, plain rows out."""

from scorecard.queries.council import (
    assessments,
    assessments_of,
    described_indicators,
    directions_and_directives,
    goal,
    goal_indicators,
    goals,
    indicators,
    links,
)
from scorecard.queries.governance import has_chain, level_names
from scorecard.queries.site import counts, database_answers, last_fetched, site

__all__ = [
    "assessments",
    "assessments_of",
    "counts",
    "database_answers",
    "described_indicators",
    "directions_and_directives",
    "goal",
    "goal_indicators",
    "goals",
    "has_chain",
    "indicators",
    "last_fetched",
    "level_names",
    "links",
    "site",
]
