import type { InitPorts } from "../../src/app/init.ts"
import type { RenderPorts } from "../../src/app/render.ts"
import { openKeyStore } from "../../src/edge/key-store.ts"
import { localFiles } from "../../src/edge/local-files.ts"
import { referenceReader } from "../../src/edge/secret-reference.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import { PROFILES_DIR, TEMPLATES_DIR } from "./package-paths.ts"

/** The real ports of everything that works on the operator's machine alone. */
export const localPorts: InitPorts & RenderPorts = {
  files: localFiles,
  keyStore: ({ stateDir, specDir }) => openKeyStore(localFiles, stateDir, referenceReader(localFiles, specDir, "/home/operator")),
  profilesDir: PROFILES_DIR,
  templatesDir: TEMPLATES_DIR,
  home: "/home/operator",
  sha256,
}
