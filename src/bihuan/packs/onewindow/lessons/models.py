"""What was learnt of an item, for whoever takes it in next."""

from django.db import models


class Lesson(models.Model):
    """A question of the desk with the approver's answer, put so that it holds for every case of the item. Inside the house only."""

    item = models.ForeignKey("onewindow.Item", models.PROTECT, related_name="lessons", db_index=False)
    question = models.CharField(max_length=300)
    answer = models.TextField()
    kept_at = models.DateTimeField()
    kept_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+", db_index=False)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "onewindow_lesson"
        indexes = [models.Index(name="onewindow_lesson_of", fields=["item", "-kept_at"])]
