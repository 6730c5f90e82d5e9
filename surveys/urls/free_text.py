"""Addresses: comments, themes and hypotheses."""

from django.urls import path

from surveys.views import free_text, hypotheses

WAVE = "<slug:code>/<slug:wave>/"

urlpatterns = [
    path("needs/", hypotheses.board, name="hypotheses"),
    path("needs/new/", hypotheses.new, name="hypothesis-new"),
    path("needs/<int:hypothesis_id>/", hypotheses.hypothesis, name="hypothesis"),
    path("needs/<int:hypothesis_id>/move/", hypotheses.move, name="hypothesis-move"),
    path("purges/", free_text.purges, name="comments-deleted"),
    path(f"{WAVE}comments/", free_text.comments, name="comments"),
    path(f"{WAVE}comments/<int:comment_id>/", free_text.decide, name="comment-decide"),
    path(f"{WAVE}themes/", free_text.themes, name="themes"),
    path(f"{WAVE}themes/find/", free_text.find, name="themes-find"),
    path(f"{WAVE}themes/<int:theme_id>/", free_text.theme, name="theme"),
]
