"""Addresses of fire review's own screens."""

from django.urls import path

from bihuan.packs.fire.basis import views as basis
from bihuan.packs.fire.blockages import views as blockages
from bihuan.packs.fire.draws import public
from bihuan.packs.fire.draws import views as draws
from bihuan.packs.fire.evaluations import views as evaluations
from bihuan.packs.fire.experts import views as experts
from bihuan.packs.fire.findings import views as findings
from bihuan.packs.fire.legacy import views as legacy
from bihuan.packs.fire.merging import views as merging
from bihuan.packs.fire.methods import views as methods
from bihuan.packs.fire.owners import views as owners
from bihuan.packs.fire.papers import views as papers
from bihuan.packs.fire.projects import passed, revoke
from bihuan.packs.fire.projects import views as projects
from bihuan.packs.fire.rulings import views as rulings
from bihuan.packs.fire.sites import entering
from bihuan.packs.fire.sites import views as sites
from bihuan.packs.fire.stages import views as stages
from bihuan.packs.fire.visits import views as visits

app_name = "fire"
urlpatterns = [
    path("fire/", projects.projects, name="projects"),
    path("fire/rules", basis.rules, name="rules"),
    path("fire/passed", passed.passed, name="passed"),
    path("fire/new", projects.project_new, name="new"),
    path("fire/projects/<int:project>", projects.project, name="project"),
    path("fire/projects/<int:project>/apply", projects.apply, name="apply"),
    path("fire/projects/<int:project>/precheck", projects.precheck, name="precheck"),
    path("fire/projects/<int:project>/merge", merging.merge, name="merge"),
    path("fire/projects/<int:project>/prechecks/<int:check>/revoke", revoke.revoke, name="revoke"),
    path("fire/deferred/<int:deferred>/received", projects.received, name="received"),
    path("fire/projects/<int:project>/conflict", projects.conflict, name="conflict"),
    path("fire/evaluations/<str:number>", evaluations.evaluation, name="evaluation"),
    path("fire/evaluations/<str:number>/begin", evaluations.begin, name="evaluation_begin"),
    path("fire/evaluations/<str:number>/kind", evaluations.kind, name="evaluation_kind"),
    path("fire/evaluations/<str:number>/items/<slug:item>", evaluations.sheet, name="evaluation_sheet"),
    path("fire/evaluations/<str:number>/items/<slug:item>/photo", evaluations.photo, name="evaluation_photo"),
    path(
        "fire/evaluations/<str:number>/photos/<int:photo>/withdraw",
        evaluations.photo_withdraw,
        name="evaluation_photo_withdraw",
    ),
    path("fire/evaluations/<str:number>/settle", evaluations.settle, name="evaluation_settle"),
    path("fire/evaluations/<str:number>/sign", evaluations.sign, name="evaluation_sign"),
    path("fire/evaluations/<str:number>/conclude", evaluations.conclude, name="evaluation_conclude"),
    path("fire/projects/<int:project>/finding", findings.finding_new, name="finding_new"),
    path("fire/findings", findings.findings, name="findings"),
    path("fire/projects/<int:project>/stages", stages.stages, name="stages"),
    path("fire/cases/<str:number>/form.pdf", papers.form, name="form"),
    path("fire/experts", experts.experts, name="experts"),
    path("fire/cases/<str:number>/experts", experts.review, name="review"),
    path("fire/legacy", legacy.legacy, name="legacy"),
    path("fire/owner", owners.owner, name="owner"),
    path("fire/owner/new", owners.declare, name="declare"),
    path("fire/owner/projects/<int:project>/<str:kind>", owners.own_apply, name="own_apply"),
    path("fire/owner/cases/<str:number>", owners.own_step, name="own_step"),
    path("fire/projects/<int:project>/changed", owners.changed, name="changed"),
    path("fire/draws", draws.draws, name="draws"),
    path("fire/draws/<int:draw>", draws.draw, name="draw"),
    path("fire/draws/<int:draw>.json", draws.record, name="record"),
    path("fire/rulings", rulings.rulings, name="rulings"),
    path("fire/rulings/new", rulings.ruling_new, name="ruling_new"),
    path("fire/sites", sites.sites, name="sites"),
    path("fire/sites/new", entering.site_new, name="site_new"),
    path("fire/sites/<int:site>", sites.site, name="site"),
    path("fire/sites/<int:site>/turn", sites.turn, name="site_turn"),
    path("fire/sites/<int:site>/join", sites.join, name="site_join"),
    path("fire/sites/<int:site>/people", sites.people, name="site_people"),
    path("fire/sites/<int:site>/people/new", entering.worker_new, name="worker_new"),
    path("fire/sites/<int:site>/people/<int:worker>", sites.worker, name="worker"),
    path("fire/sites/<int:site>/devices/new", entering.device_new, name="device_new"),
    path("fire/sites/<int:site>/devices/gone", sites.device_gone, name="device_gone"),
    path("fire/sites/<int:site>/inspections/new", entering.inspection_new, name="inspection_new"),
    path("fire/sites/<int:site>/hazards/new", entering.hazard_new, name="hazard_new"),
    path("fire/sites/<int:site>/accidents/new", entering.accident_new, name="accident_new"),
    path("fire/blockages", blockages.blockages, name="blockages"),
    path("fire/projects/<int:project>/blockages/new", blockages.blockage_new, name="blockage_new"),
    path("fire/visits", visits.visits, name="visits"),
    path("fire/visits/<int:visit>/made", visits.visit_made, name="visit_made"),
    path("fire/projects/<int:project>/visits/new", visits.visit_new, name="visit_new"),
    path("fire/projects/<int:project>/questions/new", visits.question_new, name="question_new"),
    path("fire/questions/<int:question>", visits.answer, name="answer"),
    path("fire/methods/new", methods.method_new, name="method_new"),
    path("fire/methods/<int:method>/withdraw", methods.withdraw, name="method_withdraw"),
    path("public/methods", methods.methods, name="methods"),
    path("public/methods/<int:method>", methods.method, name="method"),
    path("public/draws", public.draws, name="public_draws"),
    path("public/draws/<int:draw>", public.draw, name="public_draw"),
    path("public/draws/<int:draw>.json", public.record, name="public_record"),
]
