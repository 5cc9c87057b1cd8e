// Builds the web part: hashed names, Brotli and gzip beside each file, and a manifest for the server.
// What is released is packed by Zopfli, which takes seconds and leaves about a twelfth less to carry than gzip's own best.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { gzip as zopfli } from "@gfx/zopfli";
import { build } from "vite";

const out = path.resolve(process.env.SHUDONG_WEB_OUT ?? "dist");
const TARGET = ["chrome80", "safari13"];
const MEDIA = { ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml" };
/** Cargo names its profile; whoever develops waits for the quicker one. */
const isQuick = process.env.PROFILE === "debug";
const gzip = (content) => (isQuick ? gzipSync(content, { level: 9 }) : promisify(zopfli)(content, { numiterations: 5 }));
const manifest = {};

async function emit(name, file, content) {
  const target = path.join(out, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, content);
  writeFileSync(`${target}.gz`, await gzip(Buffer.from(content)));
  writeFileSync(`${target}.br`, brotliCompressSync(content));
  manifest[name] = { file, type: MEDIA[path.extname(file)] };
}

async function emitHashed(name, content) {
  const hash = createHash("sha256").update(content).digest("base64url").replace(/[-_]/g, "").slice(0, 10);
  const { name: stem, ext } = path.parse(name);
  await emit(name, `assets/${stem}-${hash}${ext}`, content);
}

async function bundle(name, entry) {
  if (!existsSync(entry)) return;
  const { output } = await build({
    configFile: false,
    logLevel: "warn",
    base: "/",
    publicDir: false,
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      write: false,
      target: TARGET,
      modulePreload: false,
      reportCompressedSize: false,
      rollupOptions: {
        // Fields are set, not defined one by one, which costs a poor phone time for each point of each signature.
        transform: { assumptions: { setPublicClassFields: true } },
        input: { [name]: entry },
        output: { entryFileNames: "assets/[name]-[hash].js", chunkFileNames: "assets/[name]-[hash].js" },
      },
    },
    // Workers of the kind that every engine has, not modules.
    worker: { format: "iife", rollupOptions: { output: { entryFileNames: "assets/[name]-[hash].js" } } },
  });
  for (const file of output) {
    if (file.type === "chunk") await emit(file.isEntry ? `${name}.js` : `${name}/${file.name}.js`, file.fileName, file.code);
    // A worker's script, bundled by itself, the same for every page.
    else if (file.fileName.endsWith(".js")) await emit(path.basename(file.fileName), file.fileName, file.source);
    else if (file.fileName.endsWith(".css")) await emitHashed(`${name}.css`, file.source);
  }
}

rmSync(out, { recursive: true, force: true });
await bundle("report", "src/report/main.ts");
await bundle("desk", "src/desk/main.tsx");
for (const script of ["gate.js", "leave.js"]) await emitHashed(script, readFileSync(`src/report/${script}`));
await emitHashed("icon.svg", readFileSync("src/icon.svg"));
for (const style of ["report", "desk"]) {
  const file = `src/${style}/${style}.css`;
  if (existsSync(file)) await emitHashed(`${style}.css`, readFileSync(file));
}
writeFileSync(path.join(out, "manifest.json"), JSON.stringify(manifest, null, 1));
