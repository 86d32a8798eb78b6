"""Every address of the site."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from banjie.api import urls as api
from banjie.people import urls as people
from banjie.web import bulletin_urls, matter_urls
from banjie.web.pages import (
    assets,
    cockpit,
    editing,
    errors,
    exports,
    figures,
    files,
    filling,
    imports,
    language,
    packs,
    publishing,
    records,
    registers,
    search,
    sheets,
    views,
    workbench,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", workbench.workbench, name="workbench"),
    path("workbench/<slug:name>/", workbench.workbench_list, name="workbench-list"),
    path("cockpit/", cockpit.cockpit, name="cockpit"),
    path("figures/", figures.figures, name="figures"),
    path("figures/<str:name>/", figures.figure, name="figure"),
    path("figures/<str:name>/publish/", publishing.figure_publish, name="figure-publish"),
    path("registers/<slug:register>/export/", exports.register_export, name="export"),
    path("packs/", packs.packs, name="packs"),
    path("packs/<slug:name>/", packs.pack, name="pack"),
    path("packs/<slug:name>/install/", packs.pack_install, name="pack-install"),
    path("language/", language.language, name="language"),
    path("search/", search.search, name="search"),
    path("registers/", registers.registers, name="registers"),
    path("registers/<slug:register>/", registers.register, name="register"),
    path("registers/<slug:register>/new/", editing.record_new, name="record-new"),
    path("records/<id:pk>/", records.record, name="record"),
    path("records/<id:pk>/sheet/", sheets.record_sheet, name="record-sheet"),
    path("records/<id:pk>/edit/", editing.record_edit, name="record-edit"),
    path("records/<id:pk>/remove/", records.record_remove, name="record-remove"),
    path("records/<id:pk>/restore/", records.record_restore, name="record-restore"),
    path("records/<id:pk>/files/", files.file_add, name="file-add"),
    path("files/<id:pk>/", files.file, name="file"),
    path("files/<id:pk>/remove/", files.file_remove, name="file-remove"),
    path("registers/<slug:register>/import/", imports.register_import, name="import"),
    path("imports/<id:pk>/", imports.import_run, name="import-run"),
    path("imports/<id:pk>/write/", imports.import_write, name="import-write"),
    path("imports/<id:pk>/problems/", imports.import_problems, name="import-problems"),
    path("registers/<slug:register>/views/", views.view_save, name="view-save"),
    path("views/<id:pk>/forget/", views.view_forget, name="view-forget"),
    path("forms/", filling.forms, name="forms"),
    path("forms/<id:pk>/", filling.form, name="form"),
    path("forms/<id:pk>/confirm/", filling.form_confirm, name="form-confirm"),
    path("forms/<id:pk>/fill/", filling.form_fill, name="form-fill"),
    path("forms/<id:pk>/forget/", filling.form_forget, name="form-forget"),
    path("assets/charts-<str:version>.js", assets.charts, name="charts"),
    path("accounts/", include(people.urlpatterns)),
    path("", include(matter_urls.urlpatterns)),
    path("", include(bulletin_urls.urlpatterns)),
    path("api/v1/", include(api.urlpatterns)),
]

handler400 = errors.bad_request
handler403 = errors.not_permitted
handler404 = errors.not_found
handler500 = errors.server_error
