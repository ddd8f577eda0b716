"""Experts of a section, and the meetings that they are called to."""

from django.db import models


class Expert(models.Model):
    """An expert of a section's register, by the name and employer under which experts are published."""

    unit = models.ForeignKey("identity.Unit", models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    employer = models.CharField(max_length=120)
    speciality = models.CharField(max_length=60)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "fire_expert"
        constraints = [models.UniqueConstraint(name="fire_expert_once", fields=["unit", "name", "employer"])]


class ExpertInterest(models.Model):
    """An expert's interest in a project, which keeps the two apart."""

    project = models.ForeignKey("fire.Project", models.CASCADE, related_name="+")
    expert = models.ForeignKey(Expert, models.CASCADE, related_name="+")

    class Meta:
        db_table = "fire_expert_interest"
        constraints = [
            models.UniqueConstraint(name="fire_expert_interest_once", fields=["project", "expert"])
        ]


class ExpertReview(models.Model):
    """The meeting on a special fire design."""

    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="+")
    at = models.DateTimeField()
    place = models.CharField(max_length=120)
    called_at = models.DateTimeField()

    class Meta:
        db_table = "fire_expert_review"


class ExpertVote(models.Model):
    """What an expert said at a meeting: "agree", "disagree", or "" before it is told."""

    review = models.ForeignKey(ExpertReview, models.CASCADE, related_name="votes")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="+")
    vote = models.CharField(max_length=8, blank=True)

    class Meta:
        db_table = "fire_expert_vote"
        constraints = [models.UniqueConstraint(name="fire_expert_vote_once", fields=["review", "expert"])]
