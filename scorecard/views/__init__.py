"""Pages: check access, read, one read model, render."""

from scorecard.views.council import PLACE, addresses, chosen_period, goal, overview, thresholds
from scorecard.views.site import about, accessibility, healthz
from scorecard.views.steer import steer

__all__ = [
    "PLACE",
    "about",
    "accessibility",
    "addresses",
    "chosen_period",
    "goal",
    "healthz",
    "overview",
    "steer",
    "thresholds",
]
