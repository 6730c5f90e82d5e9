"""Addresses: strategists build a survey."""

from django.urls import path

from surveys.views import building, questionnaire

WAVE = "<slug:code>/<slug:wave>/"
SECTION = f"{WAVE}pages/<int:section_id>/"
ITEM = f"{WAVE}questions/<int:item_id>/"

urlpatterns = [
    path("", building.surveys, name="survey-steer"),
    path("new/", building.survey_new, name="survey-steer-new"),
    path("<slug:code>/", building.survey, name="survey-steer-edit"),
    path("<slug:code>/settings/", building.survey_settings, name="survey-steer-settings"),
    path("<slug:code>/new-wave/", building.wave_new, name="wave-new"),
    path(WAVE, building.wave, name="wave"),
    path(f"{WAVE}settings/", building.wave_settings, name="wave-settings"),
    path(f"{WAVE}copy/", building.wave_copy, name="wave-copy"),
    path(f"{WAVE}open/", building.wave_open, name="wave-open"),
    path(f"{WAVE}close/", building.wave_close, name="wave-close"),
    path(f"{WAVE}questionnaire/", questionnaire.questionnaire, name="wave-questionnaire"),
    path(f"{WAVE}preview/", questionnaire.preview, name="wave-preview"),
    path(f"{WAVE}pages/new/", questionnaire.section_new, name="wave-section-new"),
    path(SECTION, questionnaire.section_edit, name="wave-section-edit"),
    path(f"{SECTION}move/", questionnaire.section_move, name="wave-section-move"),
    path(f"{SECTION}remove/", questionnaire.section_remove, name="wave-section-remove"),
    path(f"{SECTION}add/", questionnaire.add, name="wave-item-add"),
    path(f"{SECTION}add/<slug:kind>/", questionnaire.item_new, name="wave-item-new"),
    path(ITEM, questionnaire.item_edit, name="wave-item-edit"),
    path(f"{ITEM}rule/", questionnaire.item_rule, name="wave-item-rule"),
    path(f"{ITEM}move/", questionnaire.item_move, name="wave-item-move"),
    path(f"{ITEM}remove/", questionnaire.item_remove, name="wave-item-remove"),
]
