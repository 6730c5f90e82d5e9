"""Addresses: samples, letters and reminders."""

from django.urls import path

from surveys.views import mailings, sampling

WAVE = "<slug:code>/<slug:wave>/"
MAILING = f"{WAVE}letters/<int:mailing_id>/"

urlpatterns = [
    path(f"{WAVE}sample/", sampling.sample, name="wave-sample"),
    path(f"{WAVE}sample/register/", sampling.frame_upload, name="wave-frame-upload"),
    path(f"{WAVE}sample/population/", sampling.counts, name="wave-counts"),
    path(f"{WAVE}sample/draw/", sampling.draw, name="wave-draw"),
    path(f"{WAVE}sample/remove/", sampling.remove, name="wave-sample-remove"),
    path(f"{WAVE}sample/backgrounds/", sampling.margins, name="wave-margins"),
    path(f"{WAVE}sample/forget/", sampling.forget, name="wave-addresses-forget"),
    path(f"{WAVE}letters/", mailings.letters, name="wave-letters"),
    path(f"{WAVE}letters/new/<slug:kind>/<slug:channel>/", mailings.new, name="wave-mailing-new"),
    path(MAILING, mailings.mailing, name="wave-mailing"),
    path(f"{MAILING}letters-<int:part>.pdf", mailings.letters_file, name="wave-letters-pdf"),
    path(f"{MAILING}posted/", mailings.posted, name="wave-mailing-posted"),
    path(f"{MAILING}send/", mailings.send, name="wave-mailing-send"),
    path(f"{MAILING}remove/", mailings.remove, name="wave-mailing-remove"),
]
