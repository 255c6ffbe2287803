import * as z from "zod"
import { EXIT } from "../errors.ts"

const row = z.strictObject({
  host: z.string(),
  service: z.string(),
  role: z.string().describe("sentry, private, parking, signer or balancer; what its label says for a stray one."),
  status: z.string().optional().describe("The engine's word; left out when there is no container."),
  duration: z
    .string()
    .optional()
    .describe("For how long it has run, or since when it does not, in the engine's words; left out where it does not say."),
  exitCode: z.int().optional().describe("Of a container that has ended, where it is known."),
  isCurrent: z.boolean().optional().describe("Whether it was made of what is rendered now; left out when there is nothing to compare."),
  verdict: z
    .enum(["ok", "waits", "stopped", "missing", "outdated", "stray"])
    .describe(
      "waits: a parking signer that does not run because its node's port is not its own, which is right; stray: a container of this deployment that the topology file does not have.",
    ),
})

/** The answer of `gonka-ha ps --json`: every container that a deployment has or should have. */
export const containersSchema = z.strictObject({
  deployment: z.string(),
  containers: z.array(row).describe("In the order of the hosts in the topology."),
  unknownHosts: z.array(z.strictObject({ host: z.string(), reason: z.string() })).describe("Hosts that could not be asked."),
  exitCode: z.literal([EXIT.ok, EXIT.degraded, EXIT.unreachable]),
})

export type ContainersView = z.output<typeof containersSchema>
export type ContainerRow = z.output<typeof row>
export type ContainerVerdict = ContainerRow["verdict"]
