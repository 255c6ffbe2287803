import { type StatusView, statusView } from "../core/observe/status-view.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"

/** One look, judged. Never changes anything. */
export async function status(deployment: Deployment): Promise<StatusView> {
  return statusView(deployment.topology, await collect(deployment))
}
