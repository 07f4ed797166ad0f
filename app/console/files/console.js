// The console's one script. Pages work without it; with it they stay fresh, forms tell live, and nothing goes twice.
"use strict";

(() => {
  const HEADER = "X-Chasqui-Refresh";
  const SLOWEST = 60;

  // What the server says for a part of the page. 401: the session is over, and the page asks for it anew.
  async function fragment(address, options) {
    const answer = await fetch(address, { ...options, headers: { [HEADER]: "1" }, credentials: "same-origin" });
    if (answer.status === 401) { window.location.reload(); return null; }
    if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
    return answer.text();
  }

  // Puts HTML in a place, unless it is what is there; whoever has the focus inside keeps it.
  function put(place, html) {
    if (place.dataset.shown === html) return;
    const active = place.contains(document.activeElement) ? document.activeElement.id : "";
    const open = new Set([...place.querySelectorAll("details[open][id]")].map((each) => each.id));
    place.innerHTML = html;
    place.dataset.shown = html;
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    if (active) document.getElementById(active)?.focus({ preventScroll: true });
    begin(place);
  }

  // data-refresh="ADDRESS" data-every="SECONDS": brought up to date, more slowly while the server does not answer.
  function refresh(place) {
    const every = Number(place.dataset.every) || 5;
    let wait = every;
    const again = () => setTimeout(turn, wait * 1000);
    async function turn() {
      if (!document.contains(place)) return;
      if (document.hidden) {
        document.addEventListener("visibilitychange", turn, { once: true });
        return;
      }
      try {
        const html = await fragment(place.dataset.refresh);
        if (html === null) return;
        put(place, html);
        wait = every;
        place.removeAttribute("data-stale");
      } catch {
        wait = Math.min(wait * 2, SLOWEST);
        place.setAttribute("data-stale", "");
      }
      again();
    }
    again();
  }

  // data-live="ADDRESS" data-into="#PLACE": what is typed is posted after a moment's rest; the last word wins.
  function live(form) {
    const place = document.querySelector(form.dataset.into);
    let timer = 0;
    let turn = 0;
    async function tell() {
      const mine = ++turn;
      try {
        const html = await fragment(form.dataset.live, { method: "POST", body: new FormData(form) });
        if (html !== null && mine === turn && place) put(place, html);
      } catch { /* the button of the form says the same */ }
    }
    const soon = () => { clearTimeout(timer); timer = setTimeout(tell, 350); };
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
  }

  // data-once: sent once; what comes back by the history's way may be sent again.
  function once(form) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      form.setAttribute("aria-busy", "true");
    });
  }
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    });
  });

  function begin(root) {
    root.querySelectorAll("[data-refresh]").forEach(refresh);
    root.querySelectorAll("form[data-live]").forEach(live);
    root.querySelectorAll("form[data-once]").forEach(once);
    root.querySelectorAll("form[data-submit-on-change]").forEach((form) => {
      form.querySelectorAll("[data-without-script]").forEach((each) => { each.hidden = true; });
      form.addEventListener("change", () => form.requestSubmit());
    });
    root.querySelectorAll("[data-copy]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
        button.setAttribute("data-done", "");
      });
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details[data-menu][open]").forEach((each) => { each.open = false; });
  });
  begin(document);
  document.querySelector("[data-focus]")?.focus();
})();
