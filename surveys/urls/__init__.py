"""Addresses of surveys, one file a topic; the project includes them under both languages."""

from django.urls import include, path

urlpatterns = [
    path("", include("surveys.urls.answering")),
    path("steer/surveys/", include("surveys.urls.building")),
    path("steer/surveys/", include("surveys.urls.sampling")),
    path("steer/surveys/", include("surveys.urls.imports")),
    path("steer/surveys/", include("surveys.urls.editions")),
    path("steer/surveys/", include("surveys.urls.free_text")),
    path("surveys/", include("surveys.urls.results")),
]
