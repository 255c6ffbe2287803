import { rankOf, type Stop } from "./stop.ts"
import { publicServices, type Survivors } from "./survivors.ts"

/** What a loss stops, the worst first. Only what worked before can be stopped. */
export function stopsOf(before: Survivors, after: Survivors): readonly Stop[] {
  const stops = [...signingStops(before, after), ...apiStops(before, after), ...publicStops(before, after)]
  return stops.sort((a, b) => rankOf(a.kind) - rankOf(b.kind))
}

function signingStops(before: Survivors, after: Survivors): readonly Stop[] {
  const cutOff = before.sentries.length > 0 && after.sentries.length === 0
  const stops = before.validators.flatMap((validator) => validatorStop(validator, after.validators) ?? [])
  if (!cutOff) return stops
  const everyone = before.validators.map(({ name }) => name)
  const reason = `no sentry is left (${listed(before.sentries)} lost), so no private node reaches the network`
  // Without a sentry neither a failover nor a new signer helps, so only what has to be built as well is still said.
  return [{ kind: "signing-for-good", affects: everyone, reason }, ...stops.filter(({ kind }) => kind === "signing-for-good")]
}

type ValidatorParts = Survivors["validators"][number]

function validatorStop(before: ValidatorParts, survivors: readonly ValidatorParts[]): Stop | undefined {
  const { name, candidates } = before
  const after = survivors.find((validator) => validator.name === name)
  if (!after || candidates.length === 0) return undefined
  const affects = [name]
  const lost = candidates.filter((node) => !after.candidates.includes(node))
  const [next] = after.candidates
  if (next === undefined) {
    const nodes = candidates.length === 1 ? `the only candidate (${listed(lost)})` : `every candidate (${listed(lost)})`
    return { kind: "signing-for-good", affects, reason: `${name}: ${nodes} ${after.signer ? "is" : "and the signer are"} lost` }
  }
  if (!after.signer) {
    const reason = `${name}: the signer is lost; a person has to prove that it cannot come back before its key may start anywhere else, for ${next}`
    return { kind: "signing-until-signer-replace", affects, reason }
  }
  if (lost.length === 0) return undefined
  // A node that may sign for several validators does not say for which one.
  const whose = survivors.filter((validator) => validator.candidates.includes(next)).length > 1 ? ` --validator ${name}` : ""
  const command = `gonka-ha failover ${next}${whose}`
  return { kind: "signing-until-promote", affects, reason: `${name}: if ${alternatives(lost)} is active, \`${command}\`` }
}

function apiStops(before: Survivors, after: Survivors): readonly Stop[] {
  const stops = before.apis.flatMap(({ name, role, upstreams }): Stop[] => {
    const left = after.apis.find((api) => api.name === name)
    if (left?.runs === false) {
      return role === "manager"
        ? [apiStop(name, `${name}: the manager instance is lost, and nothing drives MLNodes and PoC until it runs again`)]
        : []
    }
    if (upstreams.length === 0 || left === undefined || left.upstreams.length > 0) return []
    return [apiStop(name, `${name}: no node is left that it reads (${listed(upstreams)} lost)`)]
  })
  const instances = before.apis.filter(({ role }) => role === "public")
  const running = after.apis.filter(({ role, runs }) => role === "public" && runs)
  if (instances.length === 0 || running.length > 0) return stops
  const names = instances.map(({ name }) => name)
  return [...stops, { kind: "api", affects: names, reason: `no public api instance is left (${listed(names)} lost)` }]
}

function apiStop(name: string, reason: string): Stop {
  return { kind: "api", affects: [name], reason }
}

function publicStops(before: Survivors, after: Survivors): readonly Stop[] {
  const left = publicServices(after)
  const stopped = publicServices(before).filter((service) => !left.includes(service))
  if (stopped.length === 0) return []
  const reason = after.edges.some(({ runs }) => runs)
    ? `no sentry is left that offers ${listed(stopped)} behind an entry point`
    : `no entry point is left (${listed(before.edges.map(({ name }) => name))} lost)`
  return [{ kind: "public-rpc", affects: stopped, reason }]
}

function listed(names: readonly string[]): string {
  return names.join(", ")
}

function alternatives(names: readonly string[]): string {
  return names.length === 1 ? listed(names) : `${listed(names.slice(0, -1))} or ${names.at(-1)}`
}
