"""All reads of the chain's pages: a fixed number of SQL queries whatever the size, plain rows out."""

from scorecard.queries.council import (
    assessments,
    directions_and_directives,
    goal,
    goal_indicators,
    goals,
    indicators,
    links,
)
from scorecard.queries.site import counts, database_answers, last_fetched, site

__all__ = [
    "assessments",
    "counts",
    "database_answers",
    "directions_and_directives",
    "goal",
    "goal_indicators",
    "goals",
    "indicators",
    "last_fetched",
    "links",
    "site",
]
