// `npm run build`: bundles src/ into dist/. The command line starts twice as fast from a few files as from the several
// hundred of its packages. Nothing is renamed or minified, and every part of a bundle names the file it came from.
import { mkdirSync, readdirSync, rmSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const DIST = join(ROOT, "dist")

const { outputs } = (
  await build({
    absWorkingDir: ROOT,
    entryPoints: ["src/main.ts"],
    outdir: "dist",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "linked",
    metafile: true,
    logLevel: "warning",
    // Only commands that talk to hosts load the first, and its native code cannot be bundled; only pictures need the second, which is large.
    external: ["dockerode", "@viz-js/viz"],
    // CommonJS packages inside a bundle still ask for Node's own modules this way.
    banner: { js: 'import { createRequire as requireFor } from "node:module"; const require = requireFor(import.meta.url);' },
  })
).metafile

// Only now, and only what is of an older build: a command that runs meanwhile may still load the rest of itself.
const current = new Set(Object.keys(outputs).map((path) => basename(path)))
mkdirSync(DIST, { recursive: true })
for (const name of readdirSync(DIST)) if (!current.has(name)) rmSync(join(DIST, name), { recursive: true, force: true })
