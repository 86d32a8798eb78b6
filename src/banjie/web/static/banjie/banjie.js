// The few things that need a script; every page works without it.
"use strict";

// "/" goes to the search of the page (or to the one in the menu), unless one is typing.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(event.target);
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const searches = [...document.querySelectorAll("[data-focus-search]")].filter((box) => box.offsetParent !== null);
  const target = searches.find((box) => box.closest("main")) || searches[0];
  if (target) { event.preventDefault(); target.focus(); target.select(); }
});

function closeMenus(from) {
  const open = from.closest("details.menu[open], details.asks[open]") || document.querySelector("details.menu[open], details.asks[open]");
  if (open) { open.removeAttribute("open"); open.querySelector("summary").focus(); }
  const toggle = document.querySelector("[data-toggle-menu][aria-expanded=true]");
  if (toggle && from.closest("#side-menu")) { toggle.click(); toggle.focus(); }
}

// An open drop-down closes when one clicks elsewhere.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.menu[open], details.asks[open]")) {
    if (!open.contains(event.target)) open.removeAttribute("open");
  }
});

// The menu of narrow screens.
document.addEventListener("click", (event) => {
  const toggle = event.target.closest("[data-toggle-menu]");
  if (!toggle) return;
  const menu = document.getElementById(toggle.getAttribute("aria-controls"));
  toggle.setAttribute("aria-expanded", String(menu.classList.toggle("open")));
});

// A sheet to be signed.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// After a refused form, begin at the summary of what is wrong.
document.querySelector("[data-focus-first]")?.focus();

// The view to be saved is the filter as it now stands in the address.
document.addEventListener("htmx:pushedIntoHistory", () => {
  for (const input of document.querySelectorAll("[data-current-query]")) input.value = location.search.slice(1);
});

// htmx leaves refusals unswapped; go to the page instead, so that the refusal is read in full.
document.addEventListener("htmx:responseError", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (requestConfig.verb === "get" && xhr.status !== 404) location.assign(xhr.responseURL || requestConfig.path);
});

// Addresses hold only the filters that are set.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id !== "filter") return;
  const kept = event.detail.formData;
  for (const name of [...kept.keys()]) if (!kept.get(name)) kept.delete(name);
});
document.getElementById("filter")?.addEventListener("submit", (event) => {
  if (window.htmx) return;
  for (const control of event.target.elements) if (!control.value) control.disabled = true;
});

// What was typed into a record's form outlives a session that ended: it is kept in this tab from sending until the next page that
// is neither the log-in nor a refusal, for the same account only, and put back when the form opens again.
const DRAFT = "banjie-draft";
const form = document.querySelector("form.record-form[data-account]");
const at = location.pathname + location.search;

form?.addEventListener("submit", () => {
  const typed = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
  sessionStorage.setItem(DRAFT, JSON.stringify({ at, account: form.dataset.account, typed }));
});

function putBack() {
  const kept = JSON.parse(sessionStorage.getItem(DRAFT) || "null");
  if (!kept || document.querySelector(".entrance-card, .refusal")) return;
  sessionStorage.removeItem(DRAFT);
  if (!form || kept.at !== at || kept.account !== form.dataset.account || document.getElementById("problems")) return;
  for (const [name, value] of kept.typed) {
    const control = form.elements.namedItem(name);
    if (control && "value" in control && control.type !== "hidden") control.value = value;
  }
  document.getElementById("kept").hidden = false;
}
putBack();
