"""Indicators of the citizen survey learn where their margin of error is published: N00xyz ↔ U01xyz."""

from django.db import migrations


def name_margins(apps, schema_editor):
    Indicator = apps.get_model("indicators", "Indicator")
    asked = Indicator.objects.filter(respondents_kolada_id="N00528", kolada_id__startswith="N00", margin_kolada_id="")
    for indicator in asked:
        Indicator.objects.filter(pk=indicator.pk).update(margin_kolada_id=f"U01{indicator.kolada_id[3:]}")


class Migration(migrations.Migration):
    dependencies = [("indicators", "0004_survey_results")]
    operations = [migrations.RunPython(name_margins, migrations.RunPython.noop)]
