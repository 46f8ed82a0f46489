// Before the first paint: the theme that was chosen here, else the system's. Kept in localStorage, for Tenet sets one cookie only.
try {
  const theme = localStorage.getItem("tenet-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {}
