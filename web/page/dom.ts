// Access to the elements of the page.

/** Returns the element with an ID. */
export function byId<T extends Element>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) {
    throw new Error(`the page has no ${type.name} with the ID ${id}`);
  }
  return element;
}

/** Returns the drawing context of a canvas. */
export function context2d(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  // Images are computed, so that the pixels come from main memory and a test reads them from there.
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) {
    throw new Error("this browser cannot draw on a canvas");
  }
  return context;
}

/** Creates an element with properties and children. */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Sets the text of an element unless it has it already. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Shows the message of an error at a field; an empty message removes it. */
export function setFieldError(field: HTMLElement, output: HTMLElement, message: string): void {
  setText(output, message);
  field.setAttribute("aria-invalid", String(message !== ""));
}

/** Returns the message of a caught error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Calls a function when the browser is idle. */
export function whenIdle(call: () => void): void {
  if ("requestIdleCallback" in window) {
    window.requestIdleCallback(call, { timeout: 1000 });
  } else {
    setTimeout(call, 50);
  }
}

/** Returns a function that schedules one call for the next frame, however often it is called before that. */
export function oncePerFrame(call: () => void): () => void {
  let scheduled = false;
  return () => {
    if (!scheduled) {
      scheduled = true;
      requestAnimationFrame(() => {
        scheduled = false;
        call();
      });
    }
  };
}

/** Returns true if the user has asked for less motion. */
export const reducedMotion = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
