import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Scripts } from "../../src/core/render/fileset.ts"
import { TEMPLATES_DIR } from "./package-paths.ts"

/** Stand-ins, so that a change of a script shows once, in templates/, and not in every tree. */
export const STAND_IN_SCRIPTS: Scripts = {
  startNode: "(start-node.sh)\n",
  nodeHealth: "(node-health.sh)\n",
  park: "(park.sh)\n",
  guard: "(guard.sh)\n",
  signerHealth: "(signer-health.sh)\n",
  hold: "(hold.lua)\n",
}

const template = (name: string) => readFileSync(join(TEMPLATES_DIR, name), "utf8")

/** The scripts as they are shipped. */
export function realScripts(): Scripts {
  return {
    startNode: template("start-node.sh"),
    nodeHealth: template("node-health.sh"),
    park: template("park.sh"),
    guard: template("guard.sh"),
    signerHealth: template("signer-health.sh"),
    hold: template("hold.lua"),
  }
}
