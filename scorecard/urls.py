"""Addresses: Swedish at /, English at /en/. Each app lists its own."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from scorecard import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    *i18n_patterns(
        path("", views.overview, name="overview"),
        path("goal/<slug:code>/", views.goal, name="goal"),
        path("steer/", views.steer, name="steer"),
        path("about/", views.about, name="about"),
        path("accessibility/", views.accessibility, name="accessibility"),
        path("login/", views.login, name="login"),
        path("logout/", views.logout, name="logout"),
        path("", include("indicators.urls")),
        prefix_default_language=False,
    ),
]
