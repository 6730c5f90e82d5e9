"""Addresses: released results, for all."""

from django.urls import path

from surveys.views import free_text, results

urlpatterns = [
    path("", results.surveys, name="surveys"),
    path("<slug:code>/", results.wave, name="survey"),
    path("<slug:code>/<slug:wave>/", results.wave, name="survey-wave"),
    path("<slug:code>/<slug:wave>/question/<slug:question>/", results.question, name="survey-question"),
    path("<slug:code>/<slug:wave>/priorities/", results.priorities, name="survey-priorities"),
    path("<slug:code>/<slug:wave>/method/", results.method, name="survey-method"),
    path("<slug:code>/<slug:wave>/comments/", free_text.public_comments, name="survey-comments"),
    path("<slug:code>/<slug:wave>/results.csv", results.results_csv, name="survey-csv"),
    path("<slug:code>/<slug:wave>/results.xlsx", results.results_xlsx, name="survey-xlsx"),
]
