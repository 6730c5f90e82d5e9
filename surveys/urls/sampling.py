"""Addresses: samples, letters and reminders."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
