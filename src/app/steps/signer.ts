import { AppError, EXIT } from "../../core/errors.ts"
import { signedAbove } from "../../core/observe/jail-budget.ts"
import { otherKeyHolders } from "../../core/observe/key-holders.ts"
import { compareStates, PRECOMMIT, type SignerState, stateText } from "../../core/observe/signer-state.ts"
import type { SlashingSeen } from "../../core/observe/state.ts"
import { privvalAddress } from "../../core/observe/who-signs.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { containerName, hostOf, nodeOf, serviceName, type Validator, validatorOf } from "../../core/topology.ts"
import { rpcOf } from "../chain.ts"
import { readHost } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"
import { waitFor } from "../wait.ts"
import { findWitnesses } from "./chain-signing.ts"
import { gapPollMs, gapStallMs, readState } from "./gap.ts"

/** How long the new node may take to show that it has the last block; measured within 1.5 s on a loaded machine (signing.md 9.2). */
const GATE_MS = 1500
const CONNECT_STALL_MS = 30_000

/** SIGKILL is an orderly stop: tmkms writes its state before it lets a signature out. */
export async function stopSigner({ args }: StepOf<"signer.stop">, run: Run): Promise<string> {
  const { deployment, facts } = run
  const { topology, fleet } = deployment
  const validator = validatorOf(topology, args.validator)
  const container = signerContainerName(deployment, validator)
  if (args.timing === "in-gap") await waitForGap(run, validator, args.node)
  const host = fleet.host(validator.signerHost)
  run.stillOurs()
  await host.kill(container)
  const [after, seen, recent] = await Promise.all([
    host.inspect(container),
    readHost(deployment, hostOf(topology, validator.signerHost)),
    recentVotes(deployment, validator),
  ])
  if (after && after.status !== "exited" && after.status !== "created") {
    throw new AppError("ENGINE", EXIT.halfWay, `${container} on ${validator.signerHost} is ${after.status} after SIGKILL`)
  }
  if (seen.kind === "unknown")
    throw new AppError("HOST_UNREACHABLE", EXIT.halfWay, `it cannot be proven that the signer is gone: ${seen.reason}`)
  const survivor = seen.value.tmkms.find((process) => process.containerId === after?.id)
  if (survivor) throw new AppError("ENGINE", EXIT.halfWay, `tmkms still runs on ${validator.signerHost} as process ${survivor.pid}`)
  const others = otherKeyHolders(topology, validator, validator.signerHost, seen.value)
  if (others.length > 0)
    throw new AppError("ENGINE", EXIT.halfWay, others.join("; "), { hint: "stop and remove all but one signer before anything else" })
  const state = seen.value.signers.get(validator.name)?.state
  if (state?.kind !== "ok") {
    throw new AppError(
      "REFUSED",
      EXIT.halfWay,
      `the stopped signer's state is ${state?.kind ?? "missing"}: it must not start again like this`,
      {
        hint: "restore the newest state of this host, or seal a floor above the tip",
      },
    )
  }
  refuseForeignSignatures(recent, state.state, args.timing)
  facts.stopped = state.state
  await run.onStopped(state.state)
  return `gone, state ${stateText(state.state)}`
}

/** What a sentry has seen of this key lately; undefined when none answers. */
async function recentVotes(deployment: Deployment, validator: Validator): Promise<SlashingSeen["recent"] | undefined> {
  const witness = (await findWitnesses(deployment))[0]
  return witness?.recent(validator).catch(() => undefined)
}

/** Nothing of this key may stand on the chain above the state that it would start with again. */
function refuseForeignSignatures(recent: SlashingSeen["recent"] | undefined, state: SignerState, timing: "in-gap" | "at-once"): void {
  if (!recent) {
    // In the gap this very signer was seen signing a moment ago; otherwise nobody vouches for the state.
    if (timing === "in-gap") return
    throw new AppError("REFUSED", EXIT.halfWay, "no sentry answers, so the stopped signer's state cannot be compared with the chain", {
      hint: "bring a sentry back",
    })
  }
  const above = signedAbove(recent, state.height)
  if (above.length === 0) return
  throw new AppError(
    "REFUSED",
    EXIT.halfWay,
    `block ${Math.max(...above)} carries this key's signature, above the stopped signer's state at ${state.height}`,
    {
      hint: "another signer is alive, or this state is an older copy: find and stop the other one for good first",
    },
  )
}

/** Our precommit for the newest block is out, and the new node has that block: until the next proposal nobody asks the signer for anything. */
async function waitForGap({ deployment, facts }: Run, validator: Validator, node: string): Promise<void> {
  const { topology, fleet } = deployment
  const rpc = rpcOf(fleet, nodeOf(topology, node))
  const after = facts.detachedAt
  if (after === undefined) throw new Error("the signer is stopped in the gap only after the standby was detached in one")
  await waitFor(deployment, {
    what: `the pause after block ${after + 1}`,
    stallMs: gapStallMs(topology),
    pollMs: gapPollMs(topology),
    look: async () => {
      const [state, height] = await Promise.all([readState(deployment, validator), rpc.height()])
      if (state.height > after + 1) {
        throw new AppError(
          "HALF_WAY",
          EXIT.halfWay,
          `the pause after block ${after + 1} was missed: the signer is at ${stateText(state)} already`,
          { retry: true },
        )
      }
      return state.height === after + 1 && state.step === PRECOMMIT && height >= state.height
        ? { done: true, value: undefined }
        : { done: false, progress: `${stateText(state)} ${height}`, now: `signer at ${stateText(state)}, ${node} at ${height}` }
    },
  })
}

export async function checkGate({ args }: StepOf<"signer.gate">, { deployment, facts }: Run): Promise<string> {
  const { topology, fleet, clock } = deployment
  const stopped = facts.stopped
  if (!stopped) throw new Error("the gate needs the state of the stopped signer")
  const rpc = rpcOf(fleet, nodeOf(topology, args.node))
  const until = clock.monoMs() + Math.max(GATE_MS, topology.chain.blockMs / 2)
  let height: number | undefined
  for (;;) {
    height = await rpc.height().catch(() => undefined)
    if (height !== undefined && height >= stopped.height) return `${args.node} at ${height}, state at ${stopped.height}`
    if (clock.monoMs() > until) break
    await clock.sleep(gapPollMs(topology))
  }
  throw new AppError(
    "HALF_WAY",
    EXIT.halfWay,
    `${args.node} ${height === undefined ? "does not answer" : `is at height ${height}`}, and the signer's state is at ${stopped.height}: it must catch up first`,
    {
      retry: true,
      hint: "run `gonka-ha promote --resume`",
    },
  )
}

export async function aimSigner({ args }: StepOf<"signer.aim">, { deployment, control }: Run): Promise<undefined> {
  const { topology, fleet } = deployment
  const validator = validatorOf(topology, args.validator)
  const now = await fleet.host(validator.signerHost).inspect(signerContainerName(deployment, validator))
  if (now && now.status !== "exited" && now.status !== "created")
    throw new AppError("REFUSED", EXIT.halfWay, `the signer of ${args.validator} runs: it is only aimed while it is stopped`)
  await control(args.validator).write("aim", args.node)
}

export async function startSigner({ args }: StepOf<"signer.start">, { deployment, facts, stillOurs }: Run): Promise<string> {
  const { topology, fleet } = deployment
  const validator = validatorOf(topology, args.validator)
  const container = signerContainerName(deployment, validator)
  const host = fleet.host(validator.signerHost)
  const state = await readState(deployment, validator)
  if (facts.stopped && compareStates(state, facts.stopped) < 0) {
    throw new AppError(
      "REFUSED",
      EXIT.halfWay,
      `the signer's state went back from ${stateText(facts.stopped)} to ${stateText(state)} while it was stopped`,
    )
  }
  stillOurs()
  await host.start(container)
  return waitForConnection(deployment, validator, args.node)
}

export async function waitUntilAttached({ args }: StepOf<"signer.attached">, { deployment }: Run): Promise<string> {
  return waitForConnection(deployment, validatorOf(deployment.topology, args.validator), args.node)
}

/** The guard has let it start, and it has reached its node. */
async function waitForConnection(deployment: Deployment, validator: Validator, node: string): Promise<string> {
  const { topology, fleet } = deployment
  const container = signerContainerName(deployment, validator)
  const host = fleet.host(validator.signerHost)
  const target = privvalAddress(topology, nodeOf(topology, node))
  return waitFor(deployment, {
    what: `the signer to connect to ${node}`,
    stallMs: CONNECT_STALL_MS,
    pollMs: 50,
    hint: `look at its log: ssh ${validator.signerHost} docker logs --tail 20 ${container}`,
    look: async () => {
      const [now, seen] = await Promise.all([host.inspect(container), readHost(deployment, hostOf(topology, validator.signerHost))])
      if (now?.status === "restarting" || now?.status === "exited") throw await refusedByGuard(deployment, validator, container)
      if (seen.kind === "unknown") return { done: false, progress: "unknown", now: seen.reason }
      const process = seen.value.tmkms.find((candidate) => candidate.containerId === now?.id)
      return process?.connections.includes(target)
        ? { done: true, value: `connected to ${target}` }
        : { done: false, progress: process ? "connecting" : "starting", now: process ? "not connected yet" : "its guard is at work" }
    },
  })
}

async function refusedByGuard({ fleet }: Deployment, validator: Validator, container: string): Promise<AppError> {
  const lines = await fleet.host(validator.signerHost).logs(container, { tail: 20 })
  const said = lines.findLast((line) => line.startsWith("guard: ")) ?? lines.at(-1) ?? "it said nothing"
  return new AppError("REFUSED", EXIT.halfWay, `the signer did not start: ${said}`)
}

export function signerContainerName({ topology }: Pick<Deployment, "topology">, validator: Validator): string {
  return containerName(topology, serviceName.signer(validator.name))
}
