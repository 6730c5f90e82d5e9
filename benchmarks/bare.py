"""The yardstick of the pages: a bare view in the site's own frame that renders a table of 121 prepared rows."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from scorecard.urls import urlpatterns as site_urls

TABLE = """{% extends "base.html" %}{% load i18n %}{% block title %}121{% endblock %}
{% block content %}<h1>121</h1><table>
{% for row in rows %}<tr><th scope="row">{{ row.name }}</th><td>{{ row.value }}</td><td>{{ row.target }}</td>
<td>{{ row.change }}</td><td>{% translate "Met" %}</td><td>{{ row.rank }}</td><td>{{ row.period }}</td>
<td>{{ row.owner }}</td></tr>{% endfor %}</table>{% endblock %}"""
NAMES = ("name", "value", "target", "change", "rank", "period", "owner")
ROWS = [{name: f"{name} {number}" for name in NAMES} for number in range(121)]
template = engines["django"].from_string(TABLE)


def bare(request: HttpRequest) -> HttpResponse:
    """No query, no computation, nothing to format: what is left is Django, its middleware and 121 × 8 cells."""
    return HttpResponse(template.render({"rows": ROWS}, request))


urlpatterns = [path("bare/", bare), *site_urls]
