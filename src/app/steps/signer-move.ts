import { AppError, EXIT } from "../../core/errors.ts"
import { signedAbove } from "../../core/observe/jail-budget.ts"
import { toKernel } from "../../core/observe/kernel-address.ts"
import { otherKeyHolders } from "../../core/observe/key-holders.ts"
import { parseSignerMove, type SignerMove } from "../../core/observe/signer-move.ts"
import { compareStates, PRECOMMIT, type SignerState, stateText } from "../../core/observe/signer-state.ts"
import { privvalAddress } from "../../core/observe/who-signs.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { layout, signerMarks } from "../../core/render/layout.ts"
import { hostOf, nodeOf, serviceName, type Validator, validatorOf } from "../../core/topology.ts"
import { rpcOf } from "../chain.ts"
import { readHost } from "../collect.ts"
import type { Run } from "../execute.ts"
import { waitFor } from "../wait.ts"
import { findWitnesses } from "./chain-signing.ts"
import { gapPollMs, gapStallMs, readState } from "./gap.ts"
import { signerContainerName, waitForConnection } from "./signer.ts"

/** How long the new node may take to show that it has the last block; measured within 1.5 s on a loaded machine (signing.md 9.2). */
const GATE_MS = 1500
/** More than all of the script's own deadlines together; it ends without us as well. */
const SECTION_TIMEOUT_MS = 450_000
/** Exit codes of launch and script that mean that nothing was begun: bad arguments, nothing can be written, another move at work. */
const NOT_BEGUN: readonly number[] = [64, 73, 75]

/**
 * Starts the script that came through standard input in a session of its own and waits for its end. Whoever asked may go away meanwhile.
 * Arguments: control directory, then those of the script.
 */
export const LAUNCH = `set -u
umask 077
control=$1
shift
command -v setsid >/dev/null || { echo "this host has no setsid" >&2; exit 73; }
{ mkdir -p "$control" && cat > "$control/move.sh.new" && mv "$control/move.sh.new" "$control/move.sh" && : > "$control/move.log"; } || exit 73
setsid sh "$control/move.sh" "$@" >"$control/move.log" 2>&1 </dev/null &
wait $! || { code=$?; cat "$control/move.log" >&2; exit "$code"; }
cat "$control/move"`

/** Moves the signer by the critical section on its own host (`templates/move-signer.sh`), which ends in a known place whatever happens here. */
export async function moveSigner(step: StepOf<"signer.move">, run: Run): Promise<string> {
  const { deployment, facts } = run
  const validator = validatorOf(deployment.topology, step.args.validator)
  const gate =
    step.args.timing === "in-gap" ? await waitForGap(run, validator, step.args.to) : await proveGate(run, validator, step.args.to)
  run.stillOurs()
  const moved = await section(step, run, validator, gate)
  if (moved.at === "from") {
    // It runs again where it was and signs on: what it had when it was stopped is history, and whoever asked may stop here.
    delete facts.stopped
  } else if (moved.state) facts.stopped = moved.state
  const states = moved.state ? `, state ${stateText(moved.state)}` : ""
  switch (moved.at) {
    case "to": {
      if (moved.state) await run.onStopped(moved.state)
      // It may have started without having reached the node in time: then its guard has spoken, and only the connection is awaited.
      const connection = moved.connectedMs === undefined ? await waitForConnection(deployment, validator, step.args.to) : "connected"
      return `${connection}${states}, ${(moved.startedMs ?? 0) - (moved.stoppedMs ?? 0)} ms between stop and start`
    }
    case "from": {
      const wasBehind = moved.state !== undefined && moved.state.height > gate
      throw new AppError("HALF_WAY", EXIT.halfWay, `the signer is at ${step.args.from} again: ${moved.reason}`, {
        // A pause that was missed comes again. Anything else would cost blocks once more, and end the same way.
        ...(wasBehind ? { retry: true } : { hint: `see why it cannot be at ${step.args.to}` }),
      })
    }
    case "untouched":
      throw notTouched(moved.reason)
    case "stopped":
    case "unclear": {
      if (moved.state) await run.onStopped(moved.state)
      const is = moved.at === "stopped" ? "is stopped" : "was told to stop, and it is not known to be gone"
      throw new AppError("REFUSED", EXIT.halfWay, `the signer ${is}${states}: ${moved.reason}`, {
        hint: "`gonka-ha signer status` shows what it has",
      })
    }
  }
}

function notTouched(reason: string): AppError {
  return new AppError("HALF_WAY", EXIT.halfWay, `the signer was not touched: ${reason}`, { hint: "`gonka-ha status` shows who signs" })
}

async function section({ args }: StepOf<"signer.move">, run: Run, validator: Validator, gate: number): Promise<SignerMove> {
  const { topology, fleet, clock, moveScript } = run.deployment
  const id = `${run.operation}/${clock.wallMs()}`
  const control = `${topology.dir}/${layout.signer.control(validator.name)}`
  const at = (node: string) => toKernel(privvalAddress(topology, nodeOf(topology, node)))
  const settings = {
    dir: topology.dir,
    validator: validator.name,
    container: signerContainerName(run.deployment, validator),
    service: serviceName.signer(validator.name),
    run: id,
    epoch: String(run.control(validator.name).epoch),
    to: args.to,
    to_address: at(args.to),
    gate: String(gate),
    recreate: args.recreate ? "yes" : "no",
    marks: signerMarks(topology, validator),
    ...(args.from === undefined ? {} : { from: args.from, from_address: at(args.from) }),
  }
  const argv = ["sh", "-c", LAUNCH, "move-signer", control, ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)]
  const result = await fleet.host(validator.signerHost).run(argv, { stdin: moveScript, timeoutMs: SECTION_TIMEOUT_MS })
  const moved = result.code === 0 ? parseSignerMove(result.stdout) : undefined
  if (moved?.run === id) return moved
  if (NOT_BEGUN.includes(result.code)) throw notTouched(result.stderr.trim().replace(/^move-signer: /, ""))
  throw new AppError(
    "REMOTE_COMMAND",
    EXIT.halfWay,
    `what became of the signer on ${validator.signerHost} is not known: ${result.stderr.trim() || "its record is of another move"}`,
    { hint: "run `gonka-ha promote --resume`: it looks anew" },
  )
}

/**
 * Our precommit for the newest block is out, and the new node has that block: until the next proposal nobody asks the signer for anything.
 * @returns the height that the new node is known to have
 */
async function waitForGap({ deployment, facts }: Run, validator: Validator, node: string): Promise<number> {
  const { topology, fleet } = deployment
  const rpc = rpcOf(fleet, nodeOf(topology, node))
  const after = facts.detached?.after
  if (after === undefined) throw new Error("the signer is moved in the gap only after the standby was detached in one")
  return waitFor(deployment, {
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
        ? { done: true, value: height }
        : // Only the signer's state counts: the node may go on with another signer, and then this pause never comes.
          { done: false, progress: stateText(state), now: `signer at ${stateText(state)}, ${node} at ${height}` }
    },
  })
}

/**
 * Without a pause nobody vouches for the signer's state by having seen it sign a moment ago: nothing of its key may stand on the chain
 * above it, no other process may have the key, and the new node must have what the state covers.
 * @returns the height that the new node is known to have
 */
async function proveGate(run: Run, validator: Validator, node: string): Promise<number> {
  const { deployment, facts } = run
  const { topology, fleet, clock } = deployment
  // The chain first: what a signer that is still at work signs while it is read, is then in its state.
  const [seen, recent] = await Promise.all([readHost(deployment, hostOf(topology, validator.signerHost)), recentVotes(run, validator)])
  if (seen.kind === "unknown")
    throw new AppError("HOST_UNREACHABLE", EXIT.halfWay, `it cannot be proven that there is only one signer: ${seen.reason}`)
  const others = otherKeyHolders(topology, validator, validator.signerHost, seen.value)
  if (others.length > 0)
    throw new AppError("ENGINE", EXIT.halfWay, others.join("; "), { hint: "stop and remove all but one signer before anything else" })
  const state = await readState(deployment, validator)
  if (facts.stopped && compareStates(state, facts.stopped) < 0) {
    throw new AppError(
      "REFUSED",
      EXIT.halfWay,
      `the signer's state went back from ${stateText(facts.stopped)} to ${stateText(state)} while it was stopped`,
      { hint: "it was rolled back: `gonka-ha signer state seal` is the only way on" },
    )
  }
  refuseForeignSignatures(recent, state)
  const rpc = rpcOf(fleet, nodeOf(topology, node))
  const until = clock.monoMs() + Math.max(GATE_MS, topology.chain.blockMs / 2)
  let height: number | undefined
  for (;;) {
    height = await rpc.height().catch(() => undefined)
    if (height !== undefined && height >= state.height) return height
    if (clock.monoMs() > until) break
    await clock.sleep(gapPollMs(topology))
  }
  const is = height === undefined ? "does not answer" : `is at height ${height}`
  throw new AppError("HALF_WAY", EXIT.halfWay, `${node} ${is}, and the signer's state is at ${state.height}: it must catch up first`, {
    retry: true,
    hint: "run `gonka-ha promote --resume`",
  })
}

/** What a sentry has seen of this key lately; undefined when none answers. */
async function recentVotes({ deployment }: Run, validator: Validator) {
  const witness = (await findWitnesses(deployment))[0]
  return witness?.recent(validator).catch(() => undefined)
}

/** Nothing of this key may stand on the chain above the state that it would start with again. */
function refuseForeignSignatures(recent: Awaited<ReturnType<typeof recentVotes>>, state: SignerState): void {
  if (!recent) {
    throw new AppError("REFUSED", EXIT.halfWay, "no sentry answers, so the signer's state cannot be compared with the chain", {
      hint: "bring a sentry back",
    })
  }
  const above = signedAbove(recent, state.height)
  if (above.length === 0) return
  throw new AppError(
    "REFUSED",
    EXIT.halfWay,
    `block ${Math.max(...above)} carries this key's signature, above the signer's state at ${state.height}`,
    { hint: "another signer is alive, or this state is an older copy: find and stop the other one for good first" },
  )
}
