"""Addresses of the indicators' pages; the project includes them under both languages."""

from django.urls import path

from indicators.views import compare, downloads, indicator, jobs

urlpatterns = [
    path("indicators/", indicator.indicators, name="indicators"),
    path("indicator/<slug:code>/", indicator.indicator, name="indicator"),
    path("indicator/<slug:code>/data.csv", downloads.indicator_csv, name="indicator_csv"),
    path("indicator/<slug:code>/data.xlsx", downloads.indicator_xlsx, name="indicator_xlsx"),
    path("indicator/<slug:code>/chart.png", downloads.indicator_png, name="indicator_png"),
    path("compare/", compare.compare, name="compare"),
    path("compare/indicator/", compare.compare_first, name="compare-first"),
    path("compare/indicator/<slug:code>/", compare.compare_indicator, name="compare-indicator"),
    path("compare/cost-quality/", compare.cost_quality, name="cost-quality"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/recompute/", jobs.recompute, name="jobs-recompute"),
    path("jobs/import/", jobs.fetch, name="jobs-import"),
    path("jobs/<int:job_id>/", jobs.job, name="job"),
    path("jobs/<int:job_id>/retry/", jobs.retry, name="job-retry"),
]
