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

  // data-refresh="ADDRESS" data-every="SECONDS": brought up to date, more slowly while the server does not answer, and
  // as seldom as something with data-every-now in it says.
  function refresh(place) {
    const every = Number(place.dataset.every) || 5;
    let wait = Number(place.querySelector("[data-every-now]")?.dataset.everyNow) || every;
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
        wait = Number(place.querySelector("[data-every-now]")?.dataset.everyNow) || every;
        place.removeAttribute("data-stale");
        if (place.querySelector("[data-settled]")) return;
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
        if (html !== null && mine === turn && place) {
          put(place, html);
          spread(form, place);
        }
      } catch { /* the button of the form says the same */ }
    }
    form.querySelectorAll("[data-without-script]").forEach((each) => { each.hidden = true; });
    const soon = () => { clearTimeout(timer); timer = setTimeout(tell, 350); };
    form.addEventListener("input", soon);
    form.addEventListener("change", (event) => { event.target.dataset.touched = "1"; soon(); });
  }

  // What a live answer has for other places: data-put="ID" goes into that place, data-beside="ID" below that field, once
  // somebody has been there.
  function spread(form, place) {
    place.querySelectorAll("[data-put]").forEach((piece) => {
      const target = document.getElementById(piece.dataset.put);
      if (target && target.innerHTML !== piece.innerHTML) target.innerHTML = piece.innerHTML;
    });
    form.querySelectorAll(".wrong").forEach((each) => each.remove());
    form.querySelectorAll("[aria-invalid]").forEach((field) => {
      field.removeAttribute("aria-invalid");
      field.classList.remove("is-wrong");
      const hint = `${field.id}-hint`;
      if (document.getElementById(hint)) field.setAttribute("aria-describedby", hint);
      else field.removeAttribute("aria-describedby");
    });
    place.querySelectorAll("[data-beside]").forEach((piece) => {
      const field = document.getElementById(piece.dataset.beside);
      if (!field || !form.contains(field) || !(field.dataset.touched || field.value)) return;
      const wrong = document.createElement("div");
      wrong.className = "wrong";
      wrong.id = `${field.id}-wrong`;
      wrong.innerHTML = piece.innerHTML;
      field.closest(".field, .ways")?.append(wrong);
      field.setAttribute("aria-invalid", "true");
      field.classList.add("is-wrong");
      field.setAttribute("aria-describedby", `${wrong.id} ${document.getElementById(`${field.id}-hint`) ? `${field.id}-hint` : ""}`.trim());
    });
  }

  // data-reload="VALUE" in a form: what is chosen there changes the form itself, which the server shows anew.
  function reload(field) {
    field.addEventListener("change", () => {
      const button = document.createElement("button");
      button.name = "_do";
      button.value = field.dataset.reload;
      button.hidden = true;
      field.form.append(button);
      field.form.requestSubmit(button);
    });
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
    root.querySelectorAll("[data-reload]").forEach(reload);
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
  document.getElementById(document.querySelector("[data-focus-on]")?.dataset.focusOn)?.focus();
})();
