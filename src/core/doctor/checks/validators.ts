import { durationText } from "../../duration.ts"
import { jailBudget } from "../../observe/jail-budget.ts"
import { type SlashingSeen, unknown, valueIn } from "../../observe/state.ts"
import { isParked } from "../../plan/parked.ts"
import { runsPlain } from "../../plan/plain.ts"
import { nodeOf, type Validator } from "../../topology.ts"
import { bad, type Check, type Judged, judged, ofValidators, ok, unclear, warn } from "../check.ts"
import type { DoctorFacts } from "../facts.ts"
import { activeNode } from "./signers.ts"

function onChain(judge: (slashing: SlashingSeen, validator: Validator, facts: DoctorFacts) => Judged | undefined): Check["judge"] {
  return ofValidators((validator, facts) =>
    judged(facts.observed.slashing.get(validator.name) ?? unknown("the chain was not asked"), (slashing) =>
      judge(slashing, validator, facts),
    ),
  )
}

/** The time in the record stays after the jail; a validator that is not back in the set has not been let out yet. */
function isJailed({ record, votingPower }: SlashingSeen, atMs: number): boolean {
  return record !== undefined && (record.jailedUntilMs > atMs || (record.jailedUntilMs > 0 && votingPower === undefined))
}

const tombstone: Check = {
  id: "validator.tombstone",
  title: "The key is not tombstoned.",
  why: "A key that signed twice can never sign again.",
  scope: "validator",
  threshold: "not tombstoned",
  fix: "see docs/runbooks/tombstone-suspected.md; a new validator needs a new key",
  judge: onChain(({ record }) => (record?.tombstoned ? bad("tombstoned") : ok("no"))),
}

const jail: Check = {
  id: "validator.jail",
  title: "The validator is not jailed.",
  why: "A jailed validator earns nothing, and comes back only when its account asks for it.",
  scope: "validator",
  threshold: "not jailed",
  fix: "see docs/runbooks/jailed.md: mend what made it miss blocks, then send the chain's unjail transaction",
  judge: onChain((slashing, _, { observed }) => (isJailed(slashing, observed.atMs) ? bad("jailed") : ok("no"))),
}

const inSet: Check = {
  id: "validator.in-set",
  title: "The validator is in the active set.",
  why: "Outside of it there is nothing to sign.",
  scope: "validator",
  threshold: "a voting power above zero",
  fix: "look at its stake, or wait until the chain takes it in",
  judge: onChain((slashing, _, { observed }) => {
    if (isJailed(slashing, observed.atMs)) return undefined
    return slashing.votingPower === undefined ? warn("it is not") : ok(`voting power ${slashing.votingPower}`)
  }),
}

const votes: Check = {
  id: "validator.votes",
  title: "The last blocks carry its signature.",
  why: "That the signer runs does not prove that its signatures arrive.",
  scope: "validator",
  threshold: "all of the last ten; none is bad",
  fix: "look at the active node's peers and its delay (`node.sentries`, `host.write-latency`)",
  judge: onChain(({ recent, votingPower }) => {
    if (votingPower === undefined || recent.length === 0) return undefined
    const signed = recent.filter(({ vote }) => vote === "signed").length
    const measured = `${signed} of ${recent.length}`
    return signed === 0 ? bad(measured) : signed < recent.length ? warn(measured) : ok(measured)
  }),
}

const budget: Check = {
  id: "validator.jail-budget",
  title: "The jail budget is above its reserve.",
  why: "It is what a move, a restart or a bad night may still cost.",
  scope: "validator",
  threshold: (topology) => `${topology.policy.jailReserveBlocks} blocks in reserve (policy.jailReserveBlocks)`,
  fix: "move nothing on purpose, and wait until missed blocks leave the window",
  judge: onChain((slashing, _, { topology, observed }) => {
    if (isJailed(slashing, observed.atMs)) return undefined
    const left = jailBudget(slashing, topology.chain.blockMs)
    if (!left) return undefined
    const measured = `${left.leftBlocks} blocks left, about ${durationText(left.leftMs)}`
    return left.leftBlocks === 0 ? bad(measured) : left.leftBlocks <= topology.policy.jailReserveBlocks ? warn(measured) : ok(measured)
  }),
}

const standbys: Check = {
  id: "validator.standbys",
  title: "Standbys are ready to take over.",
  why: "A move is quick only to a node that waits with its signing port parked, or plainly where the policy says so.",
  scope: "validator",
  threshold: "every candidate but the active node waits; none is bad",
  fix: "`gonka-ha up` parks it; `gonka-ha explain NODE` says what else speaks against it",
  judge: ofValidators((validator, facts) => {
    const { topology, observed } = facts
    const active = activeNode(facts, validator)
    const others = validator.candidates.filter((candidate) => candidate !== active)
    if (others.length === 0) return undefined
    const seen = others.flatMap((name) => {
      const node = nodeOf(topology, name)
      const host = valueIn(observed.hosts.get(node.host))
      return host ? [{ name, waits: isParked(topology, host, node) || runsPlain(topology, host, node) }] : []
    })
    if (seen.length === 0) return unclear("no host of a standby answers")
    const idle = seen.filter(({ waits }) => !waits).map(({ name }) => name)
    if (idle.length === 0) return ok(`${seen.length} of ${others.length} wait`)
    return idle.length === seen.length ? bad(`none of ${others.length} waits`) : warn(`${idle.join(", ")} do not wait`)
  }),
}

export const VALIDATOR_CHECKS: readonly Check[] = [tombstone, jail, inSet, votes, budget, standbys]
