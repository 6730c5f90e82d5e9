"""Addresses of prioritisations."""

from django.urls import path

from scorecard.views import prioritisation, prioritisation_preparation, prioritisation_scoring

ONE = "prioritisation/<int:number>/"

urlpatterns = [
    path("prioritisations/", prioritisation.prioritisations, name="prioritisations"),
    path("prioritisations/new/", prioritisation_preparation.new, name="prioritisation-new"),
    path(ONE, prioritisation.prioritisation, name="prioritisation"),
    path(f"{ONE}follow/", prioritisation.follow, name="prioritisation-follow"),
    path(f"{ONE}settings/", prioritisation_preparation.settings, name="prioritisation-settings"),
    path(f"{ONE}participants/", prioritisation_preparation.participants, name="prioritisation-participants"),
    path(f"{ONE}candidates/", prioritisation_preparation.candidates, name="prioritisation-candidates"),
    path(f"{ONE}candidates/new/", prioritisation_preparation.candidate_new, name="prioritisation-candidate-new"),
    path(f"{ONE}candidate/<slug:code>/", prioritisation.candidate, name="prioritisation-candidate"),
    path(
        f"{ONE}candidate/<slug:code>/edit/",
        prioritisation_preparation.candidate_edit,
        name="prioritisation-candidate-edit",
    ),
    path(
        f"{ONE}candidate/<slug:code>/remove/",
        prioritisation_preparation.candidate_remove,
        name="prioritisation-candidate-remove",
    ),
    path(f"{ONE}state/", prioritisation.state, name="prioritisation-state"),
    path(f"{ONE}scoring/", prioritisation_scoring.scoring, name="prioritisation-scoring"),
    path(f"{ONE}scoring/save/", prioritisation_scoring.save, name="prioritisation-save"),
    path(f"{ONE}scoring/finish/", prioritisation_scoring.finish, name="prioritisation-finish"),
    path(f"{ONE}score/<slug:code>/", prioritisation_scoring.score, name="prioritisation-score"),
    path(f"{ONE}move/", prioritisation.move, name="prioritisation-move"),
    path(f"{ONE}decision/", prioritisation.decision, name="prioritisation-decision"),
    path(f"{ONE}reasons/", prioritisation.reasons, name="prioritisation-reasons"),
    path(f"{ONE}decide/", prioritisation.decide, name="prioritisation-decide"),
    path(f"{ONE}goals/", prioritisation.goals, name="prioritisation-goals"),
]
