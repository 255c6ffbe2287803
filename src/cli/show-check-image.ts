import type { ImageCheck } from "../app/check-image.ts"
import type { KeyDifference } from "../core/node-keys/compare-with-init.ts"
import { CONFIG_FILES, fileName } from "../core/node-keys/node-key.ts"

export function imageCheckText(check: ImageCheck): string {
  const { image, host, binary, version, settings, differences } = check
  if (differences.length === 0) return `${binary} of ${image} on ${host} writes exactly the ${settings} settings of ${version}\n`
  const count = differences.length === 1 ? "1 difference" : `${differences.length} differences`
  return [
    `${binary} of ${image} on ${host} against the ${settings} settings of ${version}: ${count}`,
    ...CONFIG_FILES.flatMap((file) =>
      fileLines(
        fileName[file],
        differences.filter((difference) => difference.file === file),
      ),
    ),
    "",
    ...advice(check),
    "",
  ].join("\n")
}

function fileLines(name: string, differences: readonly KeyDifference[]): readonly string[] {
  if (differences.length === 0) return []
  const width = Math.max(...differences.map(({ key }) => key.length))
  return ["", name, ...differences.map((difference) => `  ${difference.key.padEnd(width)}  ${differenceText(difference)}`)]
}

function differenceText(difference: KeyDifference): string {
  switch (difference.kind) {
    case "image-only":
      return `only the image has it, with ${JSON.stringify(difference.image)}`
    case "ours-only":
      return `only gonka-ha has it, with ${JSON.stringify(difference.ours)}`
    case "default":
      return `gonka-ha has ${JSON.stringify(difference.ours)}, the image ${JSON.stringify(difference.image)}`
  }
}

function advice({ differences, equalTo }: ImageCheck): readonly string[] {
  const kinds = new Set(differences.map(({ kind }) => kind))
  const lines = [
    ...(kinds.has("image-only") ? ["A key that only the image has is not rendered: the node runs with its built-in value."] : []),
    ...(kinds.has("ours-only") ? ["A key that only gonka-ha has is rendered, and the node does not know it."] : []),
    ...(kinds.has("default") ? ["Where defaults differ, the node runs with the value that gonka-ha renders."] : []),
  ]
  const better = equalTo.map((version) => `The image writes exactly the settings of ${version}: set \`versions.node: ${version}\`.`)
  return [...lines, ...better]
}
