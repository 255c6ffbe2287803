import { durationText } from "../../duration.ts"
import type { Issue } from "../../issue.ts"
import { chainTip } from "../../observe/health.ts"
import type { Observed } from "../../observe/state.ts"
import type { Topology } from "../../topology.ts"
import type { PreflightFacts, Verb } from "./facts.ts"
import { refuseIfPlanned } from "./refusal.ts"

/** At an upgrade every node stops and starts again, some of them late: about twenty minutes before it, and until it is over, nothing is moved on purpose. */
const UPGRADE_MARGIN_BLOCKS = 200

export function upgradeReasons(topology: Topology, observed: Observed, verb: Verb, { upgrade }: PreflightFacts): Issue[] {
  const tip = chainTip(observed)
  // Without a node that answers nothing is known, and that is told by itself.
  if (!tip) return []
  const speak = refuseIfPlanned(verb)
  if (upgrade.kind === "unknown")
    return [speak("chain", `the height of the next upgrade is not known: ${upgrade.reason}`, "bring a sentry back that can tell")]
  if (!upgrade.value) return []
  const { name, height } = upgrade.value
  const left = height - tip.height
  // A plan below the tip has been carried out.
  if (left < 0 || left > UPGRADE_MARGIN_BLOCKS) return []
  return [
    speak(
      "chain",
      `the upgrade ${name} comes at height ${height}, in ${left} blocks or about ${durationText(left * topology.chain.blockMs)}, and nothing is moved in the last ${UPGRADE_MARGIN_BLOCKS}`,
      "move the validator when every node runs on after the upgrade",
    ),
  ]
}
