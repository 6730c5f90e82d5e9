"""Pages: check access, read, one read model, render."""

from scorecard.views.council import PLACE, addresses, chosen_period, goal, overview, thresholds
from scorecard.views.site import Login, about, accessibility, healthz, login, logout
from scorecard.views.steer import steer

__all__ = [
    "PLACE",
    "Login",
    "about",
    "accessibility",
    "addresses",
    "chosen_period",
    "goal",
    "healthz",
    "login",
    "logout",
    "overview",
    "steer",
    "thresholds",
]
