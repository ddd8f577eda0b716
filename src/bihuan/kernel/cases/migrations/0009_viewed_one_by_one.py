"""Whose case it is otherwise is looked up case by case: a unit that may view hundreds of thousands need not read them all for a page."""

from django.db import migrations

from bihuan.kernel.cases.security import SEES_CASE, policy_renewed


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_party_id_number")]
    operations = [policy_renewed("cases_case", SEES_CASE)]
