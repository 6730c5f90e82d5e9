"""Addresses: strategists build a survey."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
