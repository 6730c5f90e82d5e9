import pytest
from django.test import Client
from tests.integration import survey_world
pytestmark = pytest.mark.django_db

def test_smoke(client: Client) -> None:
    survey_world.build()
    for a in ("surveys/", "surveys/medborgare/", "surveys/medborgare/2026/", "surveys/medborgare/2026/question/recommend/", "surveys/medborgare/2026/priorities/", "surveys/medborgare/2026/method/", "surveys/medborgare/2026/results.csv", "surveys/medborgare/2026/results.xlsx"):
        r = client.get("/en/" + a)
        assert r.status_code == 200, (a, r.content[:2000])
        if a.endswith("csv"): print(r.content.decode())
