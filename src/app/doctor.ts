import type { Check } from "../core/doctor/check.ts"
import { secretWords } from "../core/doctor/checks/network.ts"
import type { DoctorReport } from "../core/doctor/doctor-report.ts"
import { examine } from "../core/doctor/examine.ts"
import type { DoctorFacts, ReceiptsSeen } from "../core/doctor/facts.ts"
import { type HostProbe, parseHostProbe } from "../core/doctor/host-probe.ts"
import { type Trial, targetsFrom, trialsOf } from "../core/doctor/trials.ts"
import { reasonOf } from "../core/errors.ts"
import { chainDifferences } from "../core/history/chain-differences.ts"
import { type Observed, type Reading, seen, unknown, valueIn } from "../core/observe/state.ts"
import { harmless } from "../core/printable.ts"
import { firewallChain, firewallTable } from "../core/render/firewall.ts"
import type { Host, Validator } from "../core/topology.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import { rememberDisks } from "./disk-readings.ts"
import { gatherHistories } from "./history.ts"
import { oneWitness } from "./one-witness.ts"
import { askGuard } from "./preflight-facts.ts"
import { readBackupRecord } from "./signer/backup-record.ts"

/** Ports are tried in turns of 64 that take two seconds each, and an engine under load takes its time. */
const PROBE_TIMEOUT_MS = 60_000
const GREETING_TIMEOUT_MS = 10_000

/**
 * `gonka-ha doctor`: looks at everything at once and judges it. What one host does not tell is unknown and spoils nothing else.
 * Nothing is changed on a host but a file of its own that the disk is measured with; here it leaves word of the room on each disk.
 * @param script text of `templates/doctor.sh`
 */
export async function doctor(deployment: Deployment, script: string, checks: readonly Check[]): Promise<DoctorReport> {
  return examine(await doctorFacts(deployment, script), checks)
}

export async function doctorFacts(deployment: Deployment, script: string): Promise<DoctorFacts> {
  const { topology, files, secrets } = deployment
  await greet(deployment)
  const trials = trialsOf(topology)
  const words = secretWords({ topology })
  const [observed, probes, upgrade, receipts] = await Promise.all([
    collect(deployment),
    Promise.all(
      topology.hosts.map(async (host) => [host.name, await reading(() => examineHost(deployment, script, host, trials, words))] as const),
    ),
    reading(async () => (await oneWitness(deployment)).upgrade()),
    Promise.all(
      topology.validators.map(async (validator) => [validator.name, await reading(() => readReceipts(deployment, validator))] as const),
    ),
  ])
  const guards = await Promise.all(
    topology.validators.map(async (validator) => [validator.name, await askGuard(deployment, observed, validator)] as const),
  )
  const backups = await Promise.all(topology.validators.map(async ({ name }) => [name, await readBackupRecord(deployment, name)] as const))
  return {
    topology,
    files,
    secrets,
    observed,
    probes: new Map(probes),
    upgrade,
    guards: new Map(guards),
    receipts: new Map(receipts),
    disksBefore: await rememberDisks(deployment, observed),
    backups: new Map(backups),
    lockedSinceMs: lockedSince(topology.validators, observed),
  }
}

/** Opens every connection before a clock is read: the time that this takes would be doubt about the clock. */
async function greet({ topology, fleet }: Deployment): Promise<void> {
  await Promise.all(
    topology.hosts.map(({ name }) =>
      // That it does not answer is told by the questions that follow, with its reason.
      reading(() => fleet.host(name).run(["true"], { timeoutMs: GREETING_TIMEOUT_MS })),
    ),
  )
}

async function examineHost(
  { topology, fleet }: Deployment,
  script: string,
  host: Host,
  trials: readonly Trial[],
  words: readonly string[],
): Promise<HostProbe> {
  const about = [topology.dir, topology.deployment, firewallTable(topology), firewallChain(topology)]
  const targets = targetsFrom(trials, host.name).join(" ")
  const answer = await fleet
    .host(host.name)
    .run(["sh", "-s", "--", ...about, targets, words.join(" ")], { stdin: script, timeoutMs: PROBE_TIMEOUT_MS })
  if (answer.code !== 0) throw new Error(`its examination failed: ${answer.stderr.trim() || `exit ${answer.code}`}`)
  return parseHostProbe(harmless(answer.stdout), Date.parse)
}

async function readReceipts(deployment: Deployment, validator: Validator): Promise<ReceiptsSeen> {
  const [gathered] = await gatherHistories(deployment, validator.name)
  if (!gathered) throw new Error("there is no such validator")
  const { merged, places, unread } = gathered
  // Half of the evidence proves nothing: the copy here may be the older one.
  if (unread !== undefined) throw new Error(`the copy on ${validator.signerHost} was not read: ${unread}`)
  const noted = places.flatMap((place) => place.noted)
  const ends = merged.flatMap(({ receipt }) => (receipt ? Date.parse(receipt.ended) : []))
  return {
    count: merged.length,
    differences: chainDifferences(merged, places, noted, validator.signerHost),
    lastMoveMs: ends.length === 0 ? undefined : Math.max(...ends),
  }
}

/** Whoever takes a lock writes down since when. */
function lockedSince(validators: readonly Validator[], observed: Observed): ReadonlyMap<string, number> {
  return new Map(
    validators.flatMap(({ name, signerHost }) => {
      const owner = valueIn(observed.hosts.get(signerHost))?.signers.get(name)?.lockedBy ?? ""
      const since = Date.parse(/ since (\S+?): /.exec(owner)?.[1] ?? "")
      return Number.isNaN(since) ? [] : [[name, since] as const]
    }),
  )
}

async function reading<T>(look: () => Promise<T>): Promise<Reading<T>> {
  try {
    return seen(await look())
  } catch (error) {
    return unknown(reasonOf(error))
  }
}
