import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import type { Issue } from "../core/issue.ts"
import { lockOwnerLine } from "../core/lock-owner.ts"
import { namedHosts } from "../core/named.ts"
import { type LocksView, locksView } from "../core/observe/lock-report.ts"
import { type KeptLock, planRelease } from "../core/plan/release.ts"
import { layout } from "../core/render/layout.ts"
import { audit } from "./audit.ts"
import { readHost } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import { lockHosts } from "./host-lock.ts"
import { lockSigner, type SignerLock } from "./lock.ts"

/** Arguments: the kept lock's file, its line. */
const KEEP = `set -eu
umask 077
[ ! -e "$1" ] || { echo "it is kept locked already" >&2; exit 1; }
printf '%s\\n' "$2" > "$1.new"
sync "$1.new"
mv "$1.new" "$1"
sync "$(dirname "$1")"`

/** Takes away only what was read; somebody may have released it meanwhile and another one taken it. Arguments: the file, its text. */
const RELEASE = `set -eu
[ -e "$1" ] || exit 0
[ "$(cat "$1")" = "$2" ] || { echo "it has changed hands meanwhile" >&2; exit 1; }
rm -f "$1"
sync "$(dirname "$1")"`

export type Kept = { readonly hosts: readonly string[]; readonly reason: string }

/**
 * `gonka-ha lock acquire`: from now on no command changes these hosts or who signs there, until somebody releases them. When it returns,
 * nothing is at work there any more. All of the hosts or none; whoever is at work now has it refused, or is waited for with `--lock-wait`.
 * @throws AppError LOCK_HELD, HOST_UNREACHABLE, USAGE
 */
export async function acquireLock(
  deployment: Deployment,
  request: { readonly hosts: readonly string[]; readonly reason: string },
): Promise<Kept> {
  const { topology, clock, operator } = deployment
  const reason = request.reason.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim()
  if (reason === "")
    throw new AppError("USAGE", EXIT.usage, "a lock needs its reason", { hint: "say --reason TEXT; whoever is refused for it reads that" })
  const hosts = namedHosts(topology, request.hosts)
  const line = lockOwnerLine({ owner: operator, since: new Date(clock.wallMs()).toISOString(), reason })
  const held = await lockHosts(deployment, hosts, "lock acquire")
  const signers: SignerLock[] = []
  const kept: string[] = []
  try {
    for (const validator of topology.validators)
      if (hosts.includes(validator.signerHost)) signers.push(await lockSigner(deployment, validator, "lock acquire"))
    for (const host of hosts) {
      held.stillOurs()
      // An answer that is lost on its way may have been a success.
      kept.push(host)
      await keep(deployment, host, line)
    }
    await audit(deployment, hosts, `lock acquire: ${reason}`)
    return { hosts, reason }
  } catch (error) {
    await Promise.all(kept.map((host) => remove(deployment, { host, text: line }).catch(() => {})))
    await audit(deployment, kept, `lock acquire: stopped: ${reasonOf(error)}`)
    throw error
  } finally {
    await Promise.all(signers.map((lock) => lock.release()))
    await held.release()
  }
}

/**
 * `gonka-ha lock release`: takes kept locks away; a running command's own lock is not touched. A host that cannot be asked does not
 * hinder the others.
 * @throws AppError LOCK_HELD when one is somebody else's and it is not forced, and then none is released; HOST_UNREACHABLE after the
 * others were released
 */
export async function releaseLock(
  deployment: Deployment,
  request: { readonly hosts: readonly string[]; readonly isForced: boolean },
): Promise<readonly KeptLock[]> {
  const { topology, operator } = deployment
  const hosts = namedHosts(topology, request.hosts)
  const read = await Promise.allSettled(hosts.map((host) => readKept(deployment, host)))
  const kept = read.flatMap((each) => (each.status === "fulfilled" && each.value ? [each.value] : []))
  const unread = read.flatMap((each, index): Issue[] =>
    each.status === "rejected" ? [{ severity: "error", path: hosts[index] ?? "", message: reasonOf(each.reason) }] : [],
  )
  const plan = planRelease(kept, operator, request.isForced)
  if ("refused" in plan)
    throw new AppError("LOCK_HELD", EXIT.lockHeld, "it was not you who locked these hosts, so nothing was released", {
      issues: plan.refused,
    })
  for (const lock of plan.kept) {
    await remove(deployment, lock)
    await audit(deployment, [lock.host], `lock release: was kept by ${lock.text}`)
  }
  if (unread.length > 0)
    throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, `not every host could be asked; released: ${named(plan.kept)}`, {
      issues: unread,
      hint: "run the command again when they are back: a kept lock that is left there still holds",
    })
  return plan.kept
}

/** `gonka-ha lock status`: who has which lock. Changes nothing and waits for nobody. */
export async function locksOf(deployment: Deployment): Promise<LocksView> {
  const { topology } = deployment
  const readings = await Promise.all(topology.hosts.map(async (host) => [host.name, await readHost(deployment, host)] as const))
  return locksView(topology, new Map(readings))
}

function named(kept: readonly KeptLock[]): string {
  return kept.length === 0 ? "none" : kept.map(({ host }) => host).join(", ")
}

/** Without names all of them. @throws AppError USAGE */
function keptFile({ topology }: Deployment): string {
  return `${topology.dir}/${layout.lock.kept}`
}

async function keep(deployment: Deployment, host: string, line: string): Promise<void> {
  const { code, stderr } = await deployment.fleet.host(host).run(["sh", "-c", KEEP, "keep-lock", keptFile(deployment), line])
  if (code !== 0) throw new AppError("REMOTE_COMMAND", EXIT.refused, `${host} could not be locked: ${stderr.trim()}`)
}

async function readKept(deployment: Deployment, host: string): Promise<KeptLock | undefined> {
  const program = '[ ! -e "$1" ] || cat "$1"'
  const { code, stdout, stderr } = await deployment.fleet.host(host).run(["sh", "-c", program, "read-kept-lock", keptFile(deployment)])
  if (code !== 0) throw new AppError("REMOTE_COMMAND", EXIT.unreachable, `its lock cannot be read: ${stderr.trim()}`)
  return stdout === "" ? undefined : { host, text: stdout.replace(/\n+$/, "") }
}

async function remove(deployment: Deployment, { host, text }: KeptLock): Promise<void> {
  const { code, stderr } = await deployment.fleet.host(host).run(["sh", "-c", RELEASE, "release-kept-lock", keptFile(deployment), text])
  if (code !== 0) throw new AppError("LOCK_HELD", EXIT.lockHeld, `the lock of ${host} was not released: ${stderr.trim()}`)
}
