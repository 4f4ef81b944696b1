// Selectors of the model, one in each section that runs it.
import { create } from "./dom.js";
import type { Models } from "./models.js";

/** Fills all selectors and keeps them synchronized. */
export function connectModelSelectors(models: Models): void {
  const selectors = document.querySelectorAll<HTMLSelectElement>("select.model-select");
  for (const selector of selectors) {
    selector.addEventListener("change", () => models.select(selector.value));
  }
  const update = () => {
    for (const selector of selectors) {
      const options = models.list().map(({ key, added }) => {
        return create("option", { value: key }, added ? `${key} (yours)` : key);
      });
      selector.replaceChildren(...options);
      selector.value = models.selected.key;
    }
  };
  models.addEventListener("add", update);
  models.addEventListener("select", update);
  update();
}
