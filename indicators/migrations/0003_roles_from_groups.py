"""Those who were strategists by group, or staff, have the role now."""

from django.conf import settings
from django.db import migrations


def roles_from_groups(apps, schema_editor):
    Role = apps.get_model("indicators", "Role")
    User = apps.get_model(*settings.AUTH_USER_MODEL.split("."))
    by_group = User.objects.filter(groups__name="strategist")
    staff = User.objects.filter(is_staff=True, is_superuser=False)
    for user in {*by_group, *staff}:
        Role.objects.get_or_create(user=user, name="strategist", department=None)


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0002_reporting"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(roles_from_groups, migrations.RunPython.noop)]
