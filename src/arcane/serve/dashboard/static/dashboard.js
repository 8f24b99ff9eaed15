// Draws the charts, keeps the dates and the period of the filters in step, copies SQL, searches the dictionary.
// No eval: Vega's expressions are interpreted (ast), and no style sheet is injected.
const night = matchMedia("(prefers-color-scheme: dark)");
const paper = matchMedia("print");
const narrow = matchMedia("(max-width: 720px)");

// On A4 upright, between the margins, a panel of six columns is this wide; two of three stand beside each other.
const SHEET = { w6: 703, w4: 462, w3: 341, w2: 221 };

async function draw(root = document, isPaper = paper.matches) {
  const { themes, numbers, dates } = document.body.dataset;
  const config = JSON.parse(themes)[night.matches && !isPaper ? "dark" : "light"];
  delete document.documentElement.dataset.drawn;
  const places = [...root.querySelectorAll("[data-spec]")];
  await Promise.all(
    places.map((place) => {
      const spec = JSON.parse(place.dataset.spec);
      if (isPaper) spec.width = SHEET[[...place.closest(".panel").classList].find((name) => name in SHEET)];
      else place.style.minHeight = `${place.dataset.height}px`;
      return vegaEmbed(place, spec, {
        config,
        renderer: "svg",
        actions: false,
        ast: true,
        defaultStyle: false,
        tooltip: { disableDefaultStyle: true },
        formatLocale: JSON.parse(numbers),
        timeFormatLocale: JSON.parse(dates),
      }).then(() => {
        place.style.minHeight = "";
        place.querySelector("svg")?.setAttribute("aria-hidden", "true");
      });
    }),
  );
  document.documentElement.dataset.drawn = String(Number(document.documentElement.dataset.drawings ?? 0) + 1);
  document.documentElement.dataset.drawings = document.documentElement.dataset.drawn;
}

function swapped() {
  for (const tip of document.querySelectorAll("#vg-tooltip-element")) tip.classList.remove("visible");
  const lang = document.querySelector("#page")?.dataset.lang;
  if (lang) document.documentElement.lang = lang;
  draw();
  show();
}

// Where one is must be in sight, also where the row of pages is longer than a phone is wide.
function show() {
  const row = document.querySelector("nav");
  const here = row?.querySelector("[aria-current]");
  if (here) row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
}

function search() {
  const sought = document.querySelector("#look-up")?.value.trim().toLowerCase() ?? "";
  for (const entry of document.querySelectorAll(".entry")) {
    entry.hidden = sought !== "" && !entry.textContent.toLowerCase().includes(sought);
  }
}

document.addEventListener("input", (event) => {
  if (event.target.id === "look-up") search();
});

// A date that is touched means chosen dates; before htmx hears of the change.
document.addEventListener(
  "change",
  (event) => {
    const set = event.target.dataset?.sets;
    if (!set) return;
    const [name, value] = set.split("=");
    event.target.form.elements[name].value = value;
  },
  { capture: true },
);

// What is not asked stays out of the address.
document.addEventListener("htmx:config:request", (event) => {
  const body = event.detail?.ctx?.request?.body;
  if (!(body instanceof FormData)) return;
  for (const [name, value] of [...body.entries()]) if (value === "") body.delete(name);
  if (body.get("period") !== "dates") for (const name of ["from", "to"]) body.delete(name);
  if (body.get("compare") !== "dates") for (const name of ["base_from", "base_to"]) body.delete(name);
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  await navigator.clipboard.writeText(button.closest("details").querySelector("code").textContent);
  button.textContent = button.dataset.done;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && event.target.id === "sql") event.target.form.requestSubmit();
});

document.addEventListener("htmx:after:swap", swapped);
document.addEventListener("htmx:after:history:restore", swapped);
night.addEventListener("change", () => draw());
// A browser lays the sheet out as soon as this returns: nothing in a drawing waits for anything but promises.
addEventListener("beforeprint", () => draw(document, true));
addEventListener("afterprint", () => draw(document, false));
draw();
show();
// On a phone figures come before what narrows them, which the scope tells anyway.
if (narrow.matches) document.querySelector(".refine")?.removeAttribute("open");
search(); // what was typed before this script was there
