"""Addresses: results made, checked, released and linked to indicators."""

from django.urls import path

from surveys.views import editions as views

urlpatterns = [
    path("edition/<int:edition_id>/release/", views.release, name="edition-release"),
    path("edition/<int:edition_id>/withdraw/", views.withdraw, name="edition-withdraw"),
    path("<slug:code>/links/", views.links, name="survey-links"),
    path("<slug:code>/links/<int:link_id>/remove/", views.unlink, name="survey-link-remove"),
    path("<slug:code>/<slug:wave>/results/", views.results, name="wave-results"),
    path("<slug:code>/<slug:wave>/results/make/", views.make, name="wave-results-make"),
]
