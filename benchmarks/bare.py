"""The yardsticks of the pages: a bare view in the site's own frame that renders a table of 121 prepared rows, and
a bare form that is posted and leads back to itself."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
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


FORM = """{% extends "base.html" %}{% block title %}Form{% endblock %}
{% block content %}<h1>Form</h1><form method="post">{% csrf_token %}{{ form }}
<button>Go on</button></form>{% endblock %}"""
form_template = engines["django"].from_string(FORM)


class BareForm(forms.Form):
    q1 = forms.ChoiceField(choices=[(number, str(number)) for number in range(10)], widget=forms.RadioSelect)
    q2 = forms.CharField(widget=forms.Textarea)


def bare_form(request: HttpRequest) -> HttpResponse:
    """Two questions, read and checked and kept nowhere."""
    form = BareForm(request.POST or None)
    if form.is_valid():
        return redirect("/bare-form/")
    return HttpResponse(form_template.render({"form": form}, request))


urlpatterns = [path("bare/", bare), path("bare-form/", bare_form), *site_urls]
