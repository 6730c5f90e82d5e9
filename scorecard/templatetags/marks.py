"""Marks that a page shows dozens of times: each component is rendered once a language and remembered."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from indicators.templatetags.figures import language

register = template.Library()


@register.simple_tag
def status_mark(status: str) -> SafeString:
    """`components/status.html` with its standard word."""
    return _rendered("components/status.html", "status", status, language())


@register.simple_tag
def arrow_mark(arrow: str) -> SafeString:
    """`components/arrow.html`."""
    return _rendered("components/arrow.html", "arrow", arrow, language())


@register.simple_tag
def quarter_mark(quarter: str) -> SafeString:
    """`components/quarter.html` with its standard word."""
    return _rendered("components/quarter.html", "quarter", quarter, language())


@lru_cache(maxsize=64)
def _rendered(component: str, name: str, value: str, _language: str) -> SafeString:
    return SafeString(render_to_string(component, {name: value}).strip())
