"""Addresses: Swedish at /, English at /en/. Each app lists its own."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from scorecard import views
from scorecard.urls import sign_in
from scorecard.views import accounts, health, judgements, log

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    *sign_in.single_sign_on,
    *i18n_patterns(
        path("", views.overview, name="overview"),
        path("goal/<slug:code>/", views.goal, name="goal"),
        path("steer/", views.steer, name="steer"),
        path("about/", views.about, name="about"),
        path("accessibility/", views.accessibility, name="accessibility"),
        path("", include("scorecard.urls.sign_in")),
        path("account/", accounts.account, name="account"),
        path("account/sessions/end/", accounts.account_sessions_end, name="account-sessions-end"),
        path("health/", health.health, name="health"),
        path("health/health.csv", health.health_csv, name="health-csv"),
        path("log/", log.log, name="log"),
        path("log/log.csv", log.log_csv, name="log-csv"),
        path("log/log.xlsx", log.log_xlsx, name="log-xlsx"),
        path("accounts/", accounts.accounts, name="accounts"),
        path("accounts/new/", accounts.account_new, name="account-new"),
        path("accounts/<int:user_id>/", accounts.account_edit, name="account-edit"),
        path("accounts/<int:user_id>/invite/", accounts.account_invite, name="account-invite"),
        path("accounts/<int:user_id>/close/", accounts.account_close, name="account-close"),
        path("accounts/<int:user_id>/open/", accounts.account_open, name="account-open"),
        path(
            "accounts/<int:user_id>/second-factor/remove/",
            accounts.account_factors_remove,
            name="account-factors-remove",
        ),
        path("", include("scorecard.urls.prioritisation")),
        path("steer/governance/", include("scorecard.urls.governance")),
        path("steer/judgements/", judgements.judgements, name="judgements"),
        path("steer/judgements/<slug:code>/<slug:period>/", judgements.judgement_edit, name="judgement-edit"),
        # Before the surveys', whose addresses begin with codes that people choose.
        path("", include("indicators.urls")),
        path("", include("surveys.urls")),
        prefix_default_language=False,
    ),
]
