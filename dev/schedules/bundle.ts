import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { build } from "esbuild"
import { REPOSITORY } from "../docs/repository.ts"

/** One change of one source file: the exact text that is taken out, and what stands there instead. */
export type Replacement = { readonly file: string; readonly remove: string; readonly put: string }

/**
 * Bundles an entry into one file that any `node` runs, with replacements where there are any.
 * @throws Error when the text to replace does not stand in its file exactly once, or the file is not part of the bundle
 */
export async function bundle(entry: string, outfile: string, replacements: readonly Replacement[] = []): Promise<void> {
  const done = new Set<Replacement>()
  await build({
    absWorkingDir: REPOSITORY,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
    logLevel: "error",
    banner: { js: 'import { createRequire as requireFor } from "node:module"; const require = requireFor(import.meta.url);' },
    plugins: [
      {
        name: "own-sources",
        setup({ onLoad }) {
          onLoad({ filter: /\/(src|test)\/.*\.ts$/ }, async ({ path }) => {
            if (path.includes("/node_modules/")) return undefined
            // A module that looks for files beside itself finds them from inside of a bundle, too.
            let contents = (await readFile(path, "utf8"))
              .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href))
              .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)))
            for (const replacement of replacements.filter(({ file }) => path === join(REPOSITORY, file))) {
              contents = replaced(contents, replacement)
              done.add(replacement)
            }
            return { contents, loader: "ts" }
          })
        },
      },
    ],
  })
  for (const replacement of replacements) if (!done.has(replacement)) throw new Error(`${replacement.file} is no part of the schedules`)
}

export function replaced(contents: string, { file, remove, put }: Replacement): string {
  const found = contents.split(remove).length - 1
  if (found !== 1) throw new Error(`${file}: the text of this gate stands there ${found} times, and must stand there once:\n${remove}`)
  return contents.replace(remove, () => put)
}
