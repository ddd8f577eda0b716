"""Morning meetings; and a meeting is seen by the units invited to it, told by its own id."""

from django.db import migrations, models

from bihuan.kernel.cases.security import policy_renewed
from bihuan.kernel.identity.row_security import EVERYTHING, UNITS

SEEN = f"""{EVERYTHING} or exists (
    select 1 from meetings_invited i where i.meeting_id = meetings_meeting.id and i.unit_id = {UNITS})"""


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0001_meetings'),
    ]

    operations = [
        migrations.AlterField(
            model_name='item',
            name='source',
            field=models.CharField(choices=[('earlier', '上次会议议定'), ('troubled', '问题较多的单位'), ('disputed', '职责有争议'), ('overdue', '超期未办结'), ('learn', '要一起学的'), ('by_hand', '另加')], max_length=10),
        ),
        migrations.AlterField(
            model_name='meeting',
            name='kind',
            field=models.CharField(choices=[('dispatch', '调度会'), ('special', '专题会'), ('consultation', '会商'), ('morning', '晨会、周例会')], max_length=12),
        ),
        policy_renewed("meetings_meeting", SEEN),
    ]
