// Downloads of files that the page makes.
import { create } from "./dom.js";

/** Time that the browser has to start a download, in milliseconds. */
const REVOKE_DELAY = 60_000;

/** Downloads a file. */
export function download(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  create("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_DELAY);
}
