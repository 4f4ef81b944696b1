// Bundles the page twice: `dist/index.html` with its assets beside it, for static hosts, and `dist/thumbgan.html`, one
// file that also works from `file://`. `generated/` holds the WebAssembly and its bindings.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = new URL(".", import.meta.url);
const file = (path) => new URL(path, root);

/** Bundles script and style, with the assets as files or inside the script. */
async function bundle(loader) {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(root),
    entryPoints: { app: "page/main.ts", style: "page/style.css" },
    outdir: "dist",
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "none",
    charset: "utf8",
    assetNames: "[name]",
    loader: { ".wasm": loader, ".tgan": loader },
    logLevel: "warning",
    write: false,
  });
  return outputFiles;
}

/** Returns the output whose name ends with `name`, as text. */
const text = (outputs, name) => outputs.find(({ path }) => path.endsWith(name)).text;

/** Returns the page with its script, style and content security policy. */
function page(html, { script, style, scriptSource, styleSource }) {
  const policy = [
    "default-src 'none'",
    `script-src ${scriptSource} 'wasm-unsafe-eval'`,
    `style-src ${styleSource}`,
    "img-src data:",
    "connect-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  // Replacement functions keep `$` in the bundle as it is.
  return html
    .replace("<!-- policy -->", () => `<meta http-equiv="Content-Security-Policy" content="${policy}">`)
    .replace("<!-- style -->", () => style)
    .replace("<!-- script -->", () => script)
    .replace("<!-- repository -->", () => repository);
}

/** Link to the repository, where the build knows its address. */
const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
const repository = server && name ? `Source code: <a href="${server}/${name}">${name}</a>.` : "";

const hash = (content) => `'sha256-${createHash("sha256").update(content).digest("base64")}'`;

await rm(file("dist"), { recursive: true, force: true });
await mkdir(file("dist"));
const html = await readFile(file("page/index.html"), "utf8");

const hosted = await bundle("file");
for (const { path, contents } of hosted) {
  await writeFile(path, contents);
}
const hostedPage = page(html, {
  script: '<script type="module" src="app.js"></script>',
  style:
    '<link rel="stylesheet" href="style.css">\n' +
    ["thumbgan_bg.wasm", "digits.tgan"]
      .map((asset) => `<link rel="preload" as="fetch" crossorigin href="${asset}">`)
      .join("\n"),
  scriptSource: "'self'",
  styleSource: "'self'",
});
await writeFile(file("dist/index.html"), hostedPage);

const inlined = await bundle("dataurl");
const [script, style] = [text(inlined, "app.js"), text(inlined, "style.css")];
const inlinedPage = page(html, {
  script: `<script type="module">${script}</script>`,
  style: `<style>${style}</style>`,
  scriptSource: hash(script),
  styleSource: hash(style),
});
await writeFile(file("dist/thumbgan.html"), inlinedPage);
