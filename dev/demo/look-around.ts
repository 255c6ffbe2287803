import { fileURLToPath } from "node:url"
import type { Site } from "../../test/drill/site.ts"
import { PROGRAM } from "./terminal.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "")

/** What to type in a lab that was left running, and the one command that removes it. */
export function lookAround({ lab, operator }: Site): readonly string[] {
  return [
    `The lab ${lab.id} is left running. To look around:`,
    `  cd ${operator.dir}`,
    `  alias gonka-ha='node ${PROGRAM}'`,
    "  gonka-ha status",
    "  gonka-ha keys show",
    "  cat rendered/val-1/compose.yaml .gonka-ha/receipts/*.json",
    `  ssh -F ${lab.sshConfig} sig-1 docker ps`,
    `  docker start ${lab.host("val-2").container} && gonka-ha up    # the lost host gets its power back and becomes a standby`,
    "To remove it:",
    `  (cd ${ROOT} && node --import tsx test/lab/remove.ts ${lab.id})`,
  ]
}
