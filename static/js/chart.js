/*
 * Charts. [data-chart="name"][data-spec="address"] is drawn from a compiled Vega spec; Vega itself (160 kB) is loaded when
 * the first chart comes on the screen. Expressions run in the interpreter, since nothing here may run text as code.
 * New rows for the data set "live" come by data-rows="address" and by the event "chart:rows" {chart, rows}.
 * Colours are var(--c1) ... in the spec, so that light and dark need no second drawing.
 */
const addresses = document.querySelector("script[data-vega]")?.dataset;
const LIVE = "live";
const MOST_ROWS = 500;
const views = new Map();
let loading = null;

const load = () => {
  loading ??= import(new URL(addresses.vega, location.href).href)
    .then(() => import(new URL(addresses.interpreter, location.href).href));
  return loading;
};

const json = async (address) => {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer.json();
};

const replaceRows = (view, rows) => view
  .change(LIVE, window.vega.changeset().remove(() => true).insert(rows.slice(-MOST_ROWS)))
  .runAsync();

const fail = (figure, error) => {
  figure.querySelector("[data-chart-stage]").hidden = true;
  figure.querySelector("[data-chart-failed]").hidden = false;
  figure.querySelector("details").open = true;
  console.error(error); // the person has the table; this line is for the one who looks into it
};

const fit = (view, stage) => {
  const [width, height] = [Math.floor(stage.clientWidth), Math.floor(stage.clientHeight)];
  if (width > 0 && (width !== view.width() || height !== view.height())) view.width(width).height(height).runAsync();
};

const draw = async (figure) => {
  const stage = figure.querySelector("[data-chart-stage]");
  try {
    const [{ expressionInterpreter }, spec, rows] = await Promise.all([
      load(), json(figure.dataset.spec), figure.dataset.rows ? json(figure.dataset.rows) : null]);
    spec.autosize = { type: "fit", contains: "padding", ...(typeof spec.autosize === "object" ? spec.autosize : {}) };
    const runtime = window.vega.parse(spec, { background: null }, { ast: true });
    const view = new window.vega.View(runtime, { renderer: "svg", expr: expressionInterpreter, hover: true });
    view.description(figure.getAttribute("aria-label") ?? "");
    stage.classList.remove("skeleton");
    view.initialize(stage).width(stage.clientWidth).height(stage.clientHeight);
    await view.runAsync();
    if (rows) await replaceRows(view, rows);
    const size = new ResizeObserver(() => fit(view, stage));
    size.observe(stage);
    views.set(figure, { view, size });
  } catch (error) {
    stage.classList.remove("skeleton");
    fail(figure, error);
  }
};

const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    draw(target);
  }
});

/* The library is larger than the page: it begins once the page itself is there. */
const watch = (root) => {
  if (document.readyState !== "complete") return;
  for (const figure of root.querySelectorAll("[data-chart]:not([data-chart-seen])")) {
    figure.dataset.chartSeen = "yes";
    near.observe(figure);
  }
};

if (document.readyState === "complete") watch(document);
else addEventListener("load", () => watch(document), { once: true });
document.addEventListener("htmx:after:swap", () => {
  for (const [figure, { view, size }] of views) {
    if (figure.isConnected) continue;
    size.disconnect();
    view.finalize();
    views.delete(figure);
  }
  watch(document);
});
/* While nothing is pushed, and after something was missed, a chart asks for its rows itself; one that follows sales does a
   moment after each, once for any number of them. */
const askAgain = (wanted) => {
  for (const [figure, { view }] of views) {
    if (wanted(figure.dataset)) json(figure.dataset.rows).then((rows) => replaceRows(view, rows)).catch(console.error);
  }
};
for (const signal of ["stale", "reset", "resumed"]) {
  document.body.addEventListener(`live:${signal}`, () => askAgain(({ rows }) => rows));
}
let sold = 0;
document.body.addEventListener("live:sale.completed", () => {
  sold ||= setTimeout(() => { sold = 0; askAgain(({ rows, follows }) => rows && follows); }, 2000);
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-chart-save]");
  const figure = button?.closest("figure");
  if (!views.has(figure)) return;
  import(new URL(addresses.save, location.href).href).then(({ save }) => save(figure, button.dataset.chartSave)).catch(console.error);
});
document.addEventListener("chart:rows", ({ detail }) => {
  for (const [figure, { view }] of views) {
    if (figure.dataset.chart === detail.chart) replaceRows(view, detail.rows);
  }
});
