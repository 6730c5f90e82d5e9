"""Settings of a served site with the yardsticks' addresses beside its own."""

from scorecard.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.bare"
