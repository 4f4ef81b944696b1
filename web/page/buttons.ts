// Buttons MODE and ACT: pointer, touch and keyboard.

/** Keys that press a button wherever the focus is, except in fields. */
const KEYS = { mode: "m", act: "a" } as const;

export type ButtonName = keyof typeof KEYS;

/** Button of the board. */
export class BoardButton {
  readonly #element: HTMLButtonElement;
  /** Sources that hold the button down: a pointer, `key`, `click`, or `focus` (Enter and Space on the focused button). */
  readonly #holders = new Set<string>();
  /** True until a press has been read, so that one between two frames is not lost. */
  #unread = false;

  constructor(element: HTMLButtonElement, name: ButtonName, keysEnabled: () => boolean) {
    this.#element = element;
    element.addEventListener("pointerdown", (event) => {
      if (event.button === 0) {
        element.setPointerCapture(event.pointerId);
        this.#press(`pointer ${event.pointerId}`);
      }
    });
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"] as const) {
      element.addEventListener(type, (event) => this.#release(`pointer ${event.pointerId}`));
    }
    // A long touch would open the context menu.
    element.addEventListener("contextmenu", (event) => event.preventDefault());
    element.addEventListener("keydown", (event) => {
      if (event.key === " " || event.key === "Enter") {
        event.preventDefault();
        this.#press("focus");
      }
    });
    element.addEventListener("keyup", (event) => {
      if (event.key === " " || event.key === "Enter") {
        event.preventDefault();
        this.#release("focus");
      }
    });
    // A screen reader clicks without pressing.
    element.addEventListener("click", (event) => {
      if (event.detail === 0) {
        this.#press("click");
        this.#release("click");
      }
    });
    element.addEventListener("blur", () => this.#release("focus"));
    document.addEventListener("keydown", (event) => {
      const modified = event.ctrlKey || event.altKey || event.metaKey;
      if (event.key.toLowerCase() === KEYS[name] && !modified && !isField(event.target) && keysEnabled()) {
        this.#press("key");
      }
    });
    document.addEventListener("keyup", (event) => {
      if (event.key.toLowerCase() === KEYS[name]) {
        this.#release("key");
      }
    });
    window.addEventListener("blur", () => this.#releaseAll());
    document.addEventListener("visibilitychange", () => this.#releaseAll());
  }

  /** Returns the level for the next tick; true if pressed. */
  read(): boolean {
    const level = this.#unread || this.#holders.size > 0;
    this.#unread = false;
    return level;
  }

  #press(holder: string): void {
    if (!this.#holders.has(holder)) {
      this.#holders.add(holder);
      this.#unread = true;
      this.#update();
    }
  }

  #release(holder: string): void {
    this.#holders.delete(holder);
    this.#update();
  }

  #releaseAll(): void {
    this.#holders.clear();
    this.#update();
  }

  #update(): void {
    this.#element.classList.toggle("down", this.#holders.size > 0);
  }
}

/** Returns true for an element that takes text or selects by letters. */
function isField(target: EventTarget | null): boolean {
  const fields = "input:not([type=radio], [type=checkbox], [type=range]), textarea, select";
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(fields));
}
