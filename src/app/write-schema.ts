import { directoryOf, pathFrom } from "../core/local-path.ts"
import type { LocalFiles } from "../core/ports.ts"
import { specJsonSchemaText } from "../core/spec/json-schema.ts"

/** Where the first line of a topology file tells editors to look, as seen from that file. */
const SCHEMA_FILE = ".gonka-ha/gonka-ha.schema.json"

/** The directory holds secrets too and is as private as they are. */
const PRIVATE_FILE = 0o600

/** Writes the JSON Schema for the topology file at this path, unless the same one is there. */
export async function writeSchema(files: LocalFiles, specFile: string): Promise<{ readonly path: string; readonly isWritten: boolean }> {
  const path = pathFrom(directoryOf(specFile), SCHEMA_FILE)
  const text = specJsonSchemaText()
  if ((await files.exists(path)) && (await files.readText(path)) === text) return { path, isWritten: false }
  await files.replace(path, text, PRIVATE_FILE)
  return { path, isWritten: true }
}
