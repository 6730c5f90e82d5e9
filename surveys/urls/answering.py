"""Addresses: residents answer. Only the first holds a code, and nobody stays there."""

from django.urls import path

from surveys.views import answering as views

urlpatterns = [
    path("s/<str:token>/", views.by_token, name="answer"),
    path("answer/", views.start, name="answer-start"),
    path("answer/page/<int:number>/", views.page, name="answer-page"),
    path("answer/check/", views.review, name="answer-review"),
    path("answer/thanks/", views.done, name="answer-done"),
    path("answer/leave/", views.leave, name="answer-leave"),
    path("answer/<slug:code>/<slug:wave>/", views.by_link, name="answer-link"),
]
