"""Addresses of surveys, one file a topic; the project includes them under both languages."""

from django.urls import include, path

urlpatterns = [
    path("", include("surveys.urls.answering")),
    path("steer/surveys/", include("surveys.urls.sampling")),
    path("steer/surveys/", include("surveys.urls.imports")),
    path("steer/surveys/", include("surveys.urls.editions")),
    path("steer/surveys/", include("surveys.urls.free_text")),
    # Last of these: a wave's own address is two free words.
    path("steer/surveys/", include("surveys.urls.building")),
    path("surveys/", include("surveys.urls.results")),
]
