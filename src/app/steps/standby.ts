import { AppError, EXIT } from "../../core/errors.ts"
import { PRECOMMIT, stateText } from "../../core/observe/signer-state.ts"
import { valueIn } from "../../core/observe/state.ts"
import { privvalAddress, signerContainer } from "../../core/observe/who-signs.ts"
import { isParked } from "../../core/plan/parked.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { layout } from "../../core/render/layout.ts"
import { type ChainNode, containerName, hostOf, nodeOf, serviceName, validatorOf } from "../../core/topology.ts"
import { rpcOf } from "../chain.ts"
import { readHost } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"
import { waitFor } from "../wait.ts"
import { gapPollMs, gapStallMs, readState } from "./gap.ts"

/** Longer than the longest pause that the engine makes before it starts a crashing node again. */
const PARK_STALL_MS = 180_000

const GIVE = `set -eu
mkdir -p "$1"
cd "$1"
printf '%s\\n' "$2" > owner.new
sync owner.new
mv owner.new owner
sync .`

/** Decides, across reboots, which signer may hold a node's port (signing.md 9.7). */
export async function givePort({ args }: StepOf<"port.give">, { deployment }: Run): Promise<undefined> {
  const { topology, fleet } = deployment
  const node = nodeOf(topology, args.node)
  if (args.owner === "parking") await refuseWhileSigned(deployment, node)
  const dir = `${topology.dir}/${layout.parking.control(args.node)}`
  const result = await fleet.host(node.host).run(["sh", "-c", GIVE, "give", dir, args.owner])
  if (result.code !== 0)
    throw new AppError(
      "REMOTE_COMMAND",
      EXIT.halfWay,
      `the owner of the port of ${args.node} could not be written: ${result.stderr.trim()}`,
    )
}

/**
 * A signer that stood still when the plan was made may have come back by itself, as one does whose fence was removed. Its port stays its
 * own then. A signer's host that does not answer tells nothing, and the plan was made of what was known.
 */
async function refuseWhileSigned(deployment: Deployment, node: ChainNode): Promise<void> {
  const { topology } = deployment
  const target = privvalAddress(topology, node)
  for (const name of node.candidateOf) {
    const validator = validatorOf(topology, name)
    const host = valueIn(await readHost(deployment, hostOf(topology, validator.signerHost)))
    const container = host && signerContainer(topology, host, validator)
    if (host?.tmkms.some(({ containerId, connections }) => containerId === container?.id && connections.includes(target)))
      throw new AppError("HALF_WAY", EXIT.halfWay, `the signer of ${name} is connected to ${node.name} by now: its port is not given away`)
  }
}

export async function parkNode({ args }: StepOf<"standby.park">, { deployment }: Run): Promise<string> {
  const { topology, fleet } = deployment
  const node = nodeOf(topology, args.node)
  const container = parkingContainer(deployment, node)
  await fleet.host(node.host).start(container)
  return waitFor(deployment, {
    what: `the parking signer of ${args.node} to hold its port`,
    stallMs: PARK_STALL_MS,
    pollMs: 100,
    hint: `look at its log: ssh ${node.host} docker logs --tail 20 ${container}`,
    look: async () => {
      const host = await readHost(deployment, hostOf(topology, node.host))
      if (host.kind === "unknown") return { done: false, progress: "unknown", now: host.reason }
      return isParked(topology, host.value, node)
        ? { done: true, value: "parked" }
        : { done: false, progress: "waiting", now: "not connected yet" }
    },
  })
}

/** The node follows the chain and has put every block behind it that the stopped signer's state covers. */
export async function waitUntilReady({ args }: StepOf<"standby.ready">, { deployment, facts }: Run): Promise<string> {
  const { topology, fleet } = deployment
  const rpc = rpcOf(fleet, nodeOf(topology, args.node))
  const validator = validatorOf(topology, args.validator)
  // The height from which on it was at the tip without a break.
  let since: number | undefined
  let leastLag = Number.POSITIVE_INFINITY
  let longestRun = -1
  const witnesses = topology.nodes.filter((node) => node.role === "sentry").map((node) => rpcOf(fleet, node))
  return waitFor(deployment, {
    what: `${args.node} to be ready to take over`,
    stallMs: gapStallMs(topology),
    pollMs: gapPollMs(topology),
    look: async () => {
      const needed = Math.max(facts.stopped?.height ?? 0, (await readState(deployment, validator)).height)
      const tips = await Promise.all(witnesses.map((witness) => witness.height().catch(() => undefined)))
      const tip = Math.max(...tips.filter((height) => height !== undefined))
      if (!Number.isFinite(tip)) return { done: false, progress: "no witness", now: "no sentry answers" }
      const [height, working] = await Promise.all([rpc.height(), rpc.consensusHeight()])
      // A signer that signs elsewhere covers the block that is being decided, which nobody can have yet: only at the end must it be there.
      const newest = Math.max(tip, needed - 1)
      since = height >= newest - 1 ? (since ?? height) : undefined
      const run = since === undefined ? -1 : height - since
      if (run >= (args.blocks ?? 0) && working > needed) return { done: true, value: `height ${height}` }
      // Both only ever get better, so that a node which falls behind again and again is given up in the end.
      leastLag = Math.min(leastLag, Math.max(0, newest - height))
      longestRun = Math.max(longestRun, run)
      const now = since === undefined ? `height ${height} of ${newest}` : `height ${height}, at the tip since ${since}`
      return { done: false, progress: `${leastLag} ${longestRun}`, now }
    },
  })
}

/**
 * Stops the parking signer once the new node has finished the block that the signer last signed for. `/consensus_state` answers only
 * then: it waits for the same lock under which the node asks for its key after each block.
 */
export async function detachStandby({ args }: StepOf<"standby.detach">, run: Run): Promise<string> {
  const { deployment, facts } = run
  const { topology, fleet } = deployment
  const node = nodeOf(topology, args.node)
  let after: number | undefined
  if (args.timing === "in-gap") {
    const validator = validatorOf(topology, args.validator)
    const rpc = rpcOf(fleet, node)
    after = await waitFor(deployment, {
      what: `the pause after a block that ${args.validator} has signed`,
      stallMs: gapStallMs(topology),
      pollMs: gapPollMs(topology),
      look: async () => {
        const [state, working] = await Promise.all([readState(deployment, validator), rpc.consensusHeight()])
        return state.step === PRECOMMIT && working === state.height + 1
          ? { done: true, value: state.height }
          : { done: false, progress: stateText(state), now: `signer at ${stateText(state)}, ${args.node} works on ${working}` }
      },
    })
  }
  run.stillOurs()
  facts.detached = { after }
  await killParking(deployment, node)
  return after === undefined ? "stopped" : `stopped after block ${after}`
}

/** The node has no privval port that it could hold; its container stays for the next time. */
export async function stopParking({ args }: StepOf<"parking.stop">, run: Run): Promise<string> {
  run.stillOurs()
  await killParking(run.deployment, nodeOf(run.deployment.topology, args.node))
  return "stopped"
}

async function killParking(deployment: Deployment, node: ChainNode): Promise<void> {
  const container = parkingContainer(deployment, node)
  const host = deployment.fleet.host(node.host)
  await host.kill(container)
  const left = await host.inspect(container)
  if (left && left.status !== "exited" && left.status !== "created")
    throw new AppError("ENGINE", EXIT.halfWay, `${container} on ${node.host} is ${left.status} after SIGKILL`)
}

function parkingContainer({ topology }: Deployment, node: ChainNode): string {
  return containerName(topology, serviceName.parking(node.name))
}
