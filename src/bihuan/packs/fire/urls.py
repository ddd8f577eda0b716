"""Addresses of fire review's own screens."""

from django.urls import path

from bihuan.packs.fire.draws import views as draws
from bihuan.packs.fire.findings import views as findings
from bihuan.packs.fire.papers import views as papers
from bihuan.packs.fire.projects import views as projects
from bihuan.packs.fire.rulings import views as rulings
from bihuan.packs.fire.stages import views as stages

app_name = "fire"
urlpatterns = [
    path("fire/", projects.projects, name="projects"),
    path("fire/new", projects.project_new, name="new"),
    path("fire/projects/<int:project>", projects.project, name="project"),
    path("fire/projects/<int:project>/apply", projects.apply, name="apply"),
    path("fire/projects/<int:project>/precheck", projects.precheck, name="precheck"),
    path("fire/projects/<int:project>/revoke", projects.revoke, name="revoke"),
    path("fire/projects/<int:project>/conflict", projects.conflict, name="conflict"),
    path("fire/findings", findings.findings, name="findings"),
    path("fire/projects/<int:project>/stages", stages.stages, name="stages"),
    path("fire/cases/<str:number>/form.pdf", papers.form, name="form"),
    path("fire/draws", draws.draws, name="draws"),
    path("fire/draws/<int:draw>", draws.draw, name="draw"),
    path("fire/draws/<int:draw>.json", draws.record, name="record"),
    path("fire/rulings", rulings.rulings, name="rulings"),
    path("fire/rulings/new", rulings.ruling_new, name="ruling_new"),
]
