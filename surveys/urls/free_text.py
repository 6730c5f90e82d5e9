"""Addresses: comments, themes and hypotheses."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
