"""Addresses: answers that were asked elsewhere."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
