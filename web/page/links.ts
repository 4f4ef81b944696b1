// Links to a state of the page.
import { MODEL_NAMES } from "./assets.js";
import type { DeviceView } from "./device.js";
import { byId, create, setText } from "./dom.js";
import { type Fragment, formatFragment, parseFragment } from "./fragment.js";
import type { LabView } from "./lab/lab.js";
import type { Models } from "./models.js";
import { quote } from "./numbers.js";

/** Returns the values of a link that are valid for its model, and one error per invalid value. */
export function checkAgainstModel(values: Fragment, models: Models): { values: Fragment; errors: string[] } {
  const checked = { ...values };
  const errors: string[] = [];
  if (values.model !== undefined && models.get(values.model) === undefined && !MODEL_NAMES.includes(values.model)) {
    const names = models.list().filter(({ added }) => added);
    const all = [...MODEL_NAMES, ...names.map(({ key }) => key)];
    errors.push(`model ${quote(values.model)} does not exist: the page has ${all.join(", ")}`);
    delete checked.model;
  }
  const { key, file } = models.get(checked.model ?? "") ?? models.selected;
  const count = file.class_count;
  if (values.class !== undefined && values.class >= count) {
    errors.push(
      count === 0
        ? `class ${values.class} does not apply: the model ${quote(key)} is unconditional, so the class must be omitted`
        : `class ${values.class} is out of range: the model ${quote(key)} has classes 0 to ${count - 1}`,
    );
    delete checked.class;
  }
  return { values: checked, errors };
}

/** Shows the messages of a link. */
export function showLinkErrors(errors: string[]): void {
  const output = byId("link-errors", HTMLElement);
  output.replaceChildren(...errors.map((error) => create("p", {}, `Link: ${error}`)));
}

/** Follows links to other states of the page, and copies links to the current one. */
export function connectLinks(view: DeviceView, models: Models, lab: LabView): void {
  window.addEventListener("hashchange", () => {
    const link = parseFragment(location.hash);
    const { values, errors } = checkAgainstModel(link.values, models);
    showLinkErrors([...link.errors, ...errors]);
    if (values.model !== undefined) {
      models.select(values.model);
    }
    view.apply(values);
    lab.apply(values);
  });

  const copy = async (button: HTMLButtonElement, values: Fragment) => {
    const url = new URL(location.href);
    url.hash = formatFragment(values);
    const status = byId(`${button.id}-status`, HTMLElement);
    try {
      await navigator.clipboard.writeText(url.href);
      setText(status, "Link copied.");
    } catch {
      // Without permission, the address bar has the link.
      history.replaceState(null, "", url);
      setText(status, "The link is in the address bar: the browser does not allow this page to copy it.");
    }
  };
  const deviceLink = byId("copy-device-link", HTMLButtonElement);
  deviceLink.addEventListener("click", () => {
    const { device } = view;
    const values: Fragment = { model: models.selected.key, panel: view.panel, mode: view.mode };
    void copy(deviceLink, addImage(values, device.class, device.seed, device.theme));
  });
  const labLink = byId("copy-lab-link", HTMLButtonElement);
  labLink.addEventListener("click", () => {
    // An unconditional model has no mode "digit".
    const mode = lab.classIndex === undefined ? "gallery" : "digit";
    const values: Fragment = { model: models.selected.key, panel: view.panel, mode };
    void copy(labLink, addImage(values, lab.classIndex, lab.seed, view.device.theme));
  });
}

function addImage(values: Fragment, classIndex: number | undefined, seed: bigint | undefined, theme: number): Fragment {
  if (classIndex !== undefined) {
    values.class = classIndex;
  }
  if (seed !== undefined) {
    values.seed = seed;
  }
  values.theme = theme;
  return values;
}
