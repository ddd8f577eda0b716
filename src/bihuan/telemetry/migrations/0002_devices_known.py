"""That a reading's device is there is asked once for a statement instead of once for a reading, which took half the time of a batch."""

import django.db.models.deletion
from django.db import migrations, models

KEPT = """
    create function telemetry_devices_known() returns trigger language plpgsql as $$
    begin
        if exists (
            select from (select distinct device_id from added) a
            where not exists (select from telemetry_device d where d.id = a.device_id)
        ) then
            raise foreign_key_violation using message = 'a reading of no device';
        end if;
        return null;
    end $$;
    create function telemetry_device_forget() returns trigger language plpgsql as $$
    begin
        delete from telemetry_reading where device_id in (select id from gone);
        return null;
    end $$;
    create trigger telemetry_reading_added after insert on telemetry_reading
        referencing new table as added for each statement execute function telemetry_devices_known();
    create trigger telemetry_reading_moved after update on telemetry_reading
        referencing new table as added for each statement execute function telemetry_devices_known();
    create trigger telemetry_device_gone after delete on telemetry_device
        referencing old table as gone for each statement execute function telemetry_device_forget();
"""
DROPPED = """
    drop trigger telemetry_device_gone on telemetry_device;
    drop trigger telemetry_reading_moved on telemetry_reading;
    drop trigger telemetry_reading_added on telemetry_reading;
    drop function telemetry_device_forget();
    drop function telemetry_devices_known();
"""


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="reading",
            name="device",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="telemetry.device",
            ),
        ),
        migrations.RunSQL(KEPT, DROPPED),
    ]
