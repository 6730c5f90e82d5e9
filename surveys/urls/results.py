"""Addresses: released results, for all."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
