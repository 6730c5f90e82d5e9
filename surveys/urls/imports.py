"""Addresses: answers that were asked elsewhere."""

from django.urls import path

from surveys.views import imports

FILE = "<slug:code>/<slug:wave>/imports/<int:import_id>/"

urlpatterns = [
    path("<slug:code>/<slug:wave>/imports/", imports.files, name="wave-imports"),
    path(FILE, imports.file, name="wave-import"),
    path(f"{FILE}columns/", imports.columns, name="wave-import-mapping"),
    path(f"{FILE}texts/", imports.texts, name="wave-import-values"),
    path(f"{FILE}read-in/", imports.read_in, name="wave-import-commit"),
    path(f"{FILE}discard/", imports.discard, name="wave-import-discard"),
    path(f"{FILE}faults.xlsx", imports.faults, name="wave-import-errors"),
]
