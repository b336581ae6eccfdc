/** Folding: one snapshot of the articles in place of an old one and all that changed since. Loaded when many changes lie on the device. */

const COLUMNS = ["id", "sku", "name", "price", "category", "tax_class", "unit", "decimals", "active", "barcodes", "favourite"];

/** Write what is in memory as one snapshot. @param {import("./catalogue.js").Catalogue} catalogue */
export async function fold(catalogue) {
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, /** @type {any[]} */ ([])]));
  for (const p of catalogue.products) {
    const category = catalogue.categories.findIndex((one) => one.id === p.category);
    const tax = catalogue.taxes.findIndex((one) => one.id === p.taxClass);
    const row = [p.id, p.sku, p.name, p.price, category, tax, p.unit, p.decimals, Number(p.active), p.barcodes, Number(p.favourite)];
    COLUMNS.forEach((name, i) => columns[name].push(row[i]));
  }
  const kits = Object.fromEntries(catalogue.products.flatMap((p, at) => p.parts ? [[at, p.parts]] : []));
  const traits = Object.fromEntries(catalogue.products.flatMap((p, at) => Object.keys(p.traits).length ? [[at, p.traits]] : []));
  const offers = Object.fromEntries(catalogue.products.flatMap((p, at) => p.offers.length ? [[at, p.offers]] : []));
  const later = catalogue.products.flatMap((p, at) => p.later.map(([moment, price]) => [at, moment, price]));
  const { version, promotions, choices, categories, taxes: tax_classes, positions, exemptions, groups } = catalogue;
  const tx = catalogue.db.transaction("catalogue", "readwrite");
  await tx.store.clear();
  await tx.store.put({ full: true, version, promotions, products: columns, kits, traits, offers, later, choices, categories, tax_classes, positions, exemptions, groups }, "snapshot");
  await tx.done;
  catalogue.deltas = 0;
}
