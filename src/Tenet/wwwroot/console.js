// What the console does in the browser itself: dialogs, palette keys, theme, drawer, reconnecting.
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const open = (dialog) => {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    dialog.querySelector("input, [autofocus]")?.focus();
  };
  const close = (dialog) => dialog?.open && dialog.close();
  window.tenetConsole = { open, close };

  const drawer = (shown) => {
    root.toggleAttribute("data-drawer-open", shown);
    document.querySelector("[data-drawer]")?.setAttribute("aria-expanded", String(shown));
  };

  const themes = ["", "light", "dark"];
  const nameTheme = () => {
    const name = { light: "Light", dark: "Dark" }[root.dataset.theme] ?? "System";
    for (const place of document.querySelectorAll("[data-theme-name]")) if (place.textContent !== name) place.textContent = name;
  };
  const nextTheme = () => {
    const next = themes[(themes.indexOf(root.dataset.theme ?? "") + 1) % themes.length];
    if (next) root.dataset.theme = next;
    else delete root.dataset.theme;
    try {
      if (next) localStorage.setItem("tenet-theme", next);
      else localStorage.removeItem("tenet-theme");
    } catch {}
    nameTheme();
  };
  new MutationObserver(nameTheme).observe(document.body, { childList: true, subtree: true });

  const openPalette = () => {
    drawer(false);
    const palette = byId("palette");
    open(palette);
    palette?.querySelector("input")?.select();
  };
  const choose = (palette, step) => {
    const options = [...palette.querySelectorAll("[role=option]")];
    if (!options.length) return;
    const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const next = options[(now + step + options.length) % options.length];
    for (const option of options) option.setAttribute("aria-selected", String(option === next));
    palette.querySelector("input").setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    const palette = byId("palette");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      palette?.open ? close(palette) : openPalette();
    } else if (palette?.open) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        choose(palette, event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter") {
        event.preventDefault();
        palette.querySelector("[aria-selected=true]")?.click();
      }
    } else if (event.key === "Escape") {
      drawer(false);
      for (const menu of document.querySelectorAll("details.workspace-menu[open]")) menu.open = false;
    } else if (event.key === "?" && !event.target.closest("input, textarea, select, [contenteditable]") && !document.querySelector("dialog[open]")) {
      open(byId("cheat-sheet"));
    }
  });

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("[data-palette]")) openPalette();
    else if (target.closest("[data-theme-toggle]")) nextTheme();
    else if (target.closest("[data-drawer]")) drawer(!root.hasAttribute("data-drawer-open"));
    else if (target.closest("[data-drawer-close], .nav a")) drawer(false);
    else if (target.closest("[data-reload]")) location.reload();
    if (target.closest("#palette [role=option]")) close(byId("palette"));
    if (target instanceof HTMLDialogElement && target.classList.contains("palette")) close(target);
    for (const menu of document.querySelectorAll("details.workspace-menu[open]")) if (!menu.contains(target)) menu.open = false;
  });
  nameTheme();

  // Blazor waits ever longer between its attempts. Ask the server itself, and start the page anew when it no longer knows this one.
  const modal = byId("components-reconnect-modal");
  let asking = 0;
  const comeBack = async () => {
    const up = await fetch("/health/live", { cache: "no-store" }).then((answer) => answer.ok, () => false);
    if (up && asking && !(await Blazor.reconnect().catch(() => false))) location.reload();
  };
  new MutationObserver(() => {
    const lost = /components-reconnect-(show|retrying|failed|rejected)/.test(modal.className);
    if (lost && !asking) asking = setInterval(comeBack, 2000);
    else if (!lost) asking = clearInterval(asking) ?? 0;
  }).observe(modal, { attributes: true });
})();
