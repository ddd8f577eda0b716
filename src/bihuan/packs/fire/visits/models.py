"""Visits to a project, and its questions."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Visit(models.Model):
    """The desk goes to a project: planned, and made with a note of what was seen."""

    project = models.ForeignKey("fire.Project", models.CASCADE, related_name="visits")
    planned_at = models.DateTimeField()
    visitor = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    about = models.CharField(max_length=200)
    made_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=400, blank=True)
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "fire_visit"
        indexes = [models.Index(name="fire_visit_open", fields=["planned_at"], condition=Q(made_at=None))]


class Question(models.Model):
    """A question of a project, with whoever answers it and by when; `words` are what a like project finds it by."""

    project = models.ForeignKey("fire.Project", models.CASCADE, related_name="questions")
    visit = models.ForeignKey(Visit, models.SET_NULL, null=True, related_name="questions")
    text = models.TextField()
    words = ArrayField(models.CharField(max_length=40), default=list)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    owner = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    due = models.DateField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "fire_question"
        indexes = [models.Index(name="fire_question_open", fields=["due"], condition=Q(answered_at=None))]
