// Start of the page: the device first, everything else after its first frame.
import type { ModelFile } from "../generated/thumbgan.js";
import { MODEL_NAMES, modelBytes, start } from "./assets.js";
import { publish } from "./console.js";
import { connectControls } from "./device-controls.js";
import { DeviceView } from "./device.js";
import { byId, create, messageOf, setText, whenIdle } from "./dom.js";
import { parseFragment } from "./fragment.js";
import { connectMeasurement } from "./measure.js";
import { connectModelFiles } from "./model-files.js";
import { connectModelSelectors } from "./model-select.js";
import { Models } from "./models.js";
import { count } from "./numbers.js";
import { checkAgainstModel, connectLinks, showLinkErrors } from "./links.js";
import { connectLab } from "./lab/lab.js";
import { connectBoard } from "./serial/board.js";

async function run(): Promise<void> {
  const link = parseFragment(location.hash);
  const name = MODEL_NAMES.find((name) => name === link.values.model) ?? MODEL_NAMES[0] ?? "";
  const [bytes] = await Promise.all([modelBytes(name), start()]);
  const models = new Models(name, bytes);
  const { values, errors } = checkAgainstModel(link.values, models);
  const view = new DeviceView(models, values);
  performance.mark("first-frame");
  const facts = () => showFacts(models.selected.file);
  models.addEventListener("select", facts);
  facts();
  showLinkErrors([...link.errors, ...errors]);
  connectControls(view, models);
  connectModelSelectors(models);
  publish(models, view);
  whenIdle(async () => {
    const lab = connectLab(view, models, values);
    connectLinks(view, models, lab);
    connectModelFiles(models);
    connectBoard(models);
    connectMeasurement(models);
    await models.loadOthers();
    document.documentElement.dataset["ready"] = "true";
  });
}

/** Shows the size of the selected model in the introduction. */
function showFacts(file: ModelFile): void {
  setText(byId("fact-size", HTMLElement), `${count(file.file_len)} bytes`);
  setText(byId("fact-macs", HTMLElement), count(file.macs));
}

run().catch((error: unknown) => {
  byId("link-errors", HTMLElement).append(create("p", {}, `the page cannot start: ${messageOf(error)}`));
});
