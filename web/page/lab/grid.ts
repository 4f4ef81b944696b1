// Grid of 100 samples.
import { byId, context2d, create, whenIdle } from "../dom.js";
import { classLabels } from "../models.js";
import { drawImage, SIDE } from "./image.js";
import type { LabState } from "./state.js";

const SAMPLES = 100;
/** Number of samples that are drawn in one idle period. */
const BATCH = 10;

/** Connects the grid. Its classes run from left to right, its seeds from top to bottom. */
export function connectGrid(state: LabState): void {
  const grid = byId("grid", HTMLElement);
  const cells = Array.from({ length: SAMPLES }, (_, index) => {
    const canvas = create("canvas", { width: SIDE, height: SIDE });
    const button = create("button", { type: "button", tabIndex: index === 0 ? 0 : -1 }, canvas);
    button.addEventListener("click", () => {
      const { seed, classIndex } = sample(index);
      focus(index);
      state.setSeed(seed, classIndex);
    });
    return { button, context: context2d(canvas) };
  });
  grid.replaceChildren(...cells.map(({ button }) => button));

  let first = 0n;
  let drawing = 0;
  const sample = (index: number) => {
    const count = state.model.file.class_count;
    return count === 0
      ? { classIndex: undefined, seed: first + BigInt(index) }
      : { classIndex: index % count, seed: first + BigInt(Math.floor(index / count)) };
  };
  /** Names the samples, before they are drawn. */
  const label = () => {
    const labels = classLabels(state.model.file);
    for (const [index, { button }] of cells.entries()) {
      const { seed, classIndex } = sample(index);
      button.ariaLabel = classIndex === undefined ? `seed ${seed}` : `class ${labels[classIndex]}, seed ${seed}`;
    }
  };
  const draw = () => {
    drawing += 1;
    const run = drawing;
    label();
    const from = (start: number) => {
      // Another drawing has begun.
      if (run !== drawing || start >= SAMPLES) {
        return;
      }
      for (const [offset, { context }] of cells.slice(start, start + BATCH).entries()) {
        const { seed, classIndex } = sample(start + offset);
        drawImage(context, state.lab.generate(classIndex, seed));
      }
      whenIdle(() => from(start + BATCH));
    };
    from(0);
  };
  state.addEventListener("model", draw);
  label();
  whenIdle(draw);
  byId("grid-next", HTMLButtonElement).addEventListener("click", () => {
    const count = state.model.file.class_count;
    const seeds = count === 0 ? SAMPLES : Math.ceil(SAMPLES / count);
    first = BigInt.asUintN(32, first + BigInt(seeds));
    draw();
  });

  const focus = (index: number) => {
    for (const [position, { button }] of cells.entries()) {
      button.tabIndex = position === index ? 0 : -1;
    }
    cells[index]?.button.focus();
  };
  grid.addEventListener("keydown", (event) => {
    const index = cells.findIndex(({ button }) => button === document.activeElement);
    const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    const moves: Record<string, number> = {
      ArrowLeft: index - 1,
      ArrowRight: index + 1,
      ArrowUp: index - columns,
      ArrowDown: index + columns,
      Home: 0,
      End: SAMPLES - 1,
    };
    const target = moves[event.key];
    if (index >= 0 && target !== undefined) {
      event.preventDefault();
      if (target >= 0 && target < SAMPLES) {
        focus(target);
      }
    }
  });
}
