// Loaded before the first paint, so that a dark page never flashes light.
{
  const root = document.documentElement;
  const stored = localStorage.getItem("theme");
  const wanted = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.dataset.bsTheme = stored ?? wanted;
  root.classList.add("js");
}
