"""Addresses: results made, checked, released and linked to indicators."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
