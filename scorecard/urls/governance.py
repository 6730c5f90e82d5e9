"""Addresses below steer/governance/: the chain as strategists edit it."""

from django.urls import path

from scorecard.views import governance as views

urlpatterns = [
    path("", views.governance, name="governance"),
    path("names/", views.level_names_edit, name="level-names"),
    path("committees/", views.committees, name="committees"),
    path("committees/new/", views.committee_new, name="committee-new"),
    path("committees/<int:committee_id>/", views.committee_edit, name="committee-edit"),
    path("committees/<int:committee_id>/delete/", views.committee_delete, name="committee-delete"),
    path("mandate/first/", views.vision_new, name="mandate-first"),
    path("mandate/<int:vision_id>/", views.vision_edit, name="mandate-edit"),
    path("mandate/<int:vision_id>/copy/", views.mandate_new, name="mandate-new"),
    path("mandate/<int:vision_id>/decide/", views.mandate_decide, name="mandate-decide"),
    path("mandate/<int:vision_id>/delete/", views.mandate_delete, name="mandate-delete"),
    path("goal/new/<int:issue_id>/", views.goal_new, name="goal-new"),
    path("goal/<int:goal_id>/", views.goal_edit, name="goal-edit"),
    path("<slug:kind>/new/<int:parent_id>/", views.governance_new, name="governance-new"),
    path("<slug:kind>/<int:part_id>/", views.governance_edit, name="governance-edit"),
    path("<slug:kind>/<int:part_id>/move/", views.governance_move, name="governance-move"),
    path("<slug:kind>/<int:part_id>/delete/", views.governance_delete, name="governance-delete"),
]
