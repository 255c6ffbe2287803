import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { dockerUserScript, firewallChain, firewallTable, nftablesRules } from "../../src/core/render/firewall.ts"
import { type Dial, FirewallBox, NEIGHBOUR, OUTSIDE_PORT } from "../support/firewall-box.ts"
import { goldenTopology } from "../support/golden-topology.ts"
import { temporaryDir } from "../support/temporary-dir.ts"

const topology = goldenTopology(readFileSync(join(import.meta.dirname, "../support/rule-base.yaml"), "utf8"))
const table = firewallTable(topology)
const HOST = "10.0.0.21"
const [SENTRY, OTHER_NODE, SIGNER, API, STRANGER] = ["10.0.0.11", "10.0.0.22", "10.0.0.31", "10.0.0.41", "10.0.0.99"]
const [P2P, RPC, PRIVVAL, SSH, FOREIGN] = [26656, 26657, 26658, 22, 8080]

/** Rules as a person applies them, from a file. */
type Form = {
  readonly name: string
  readonly text: (host: string) => string
  readonly apply: (path: string) => readonly string[]
  readonly shown: (path: string) => readonly string[]
  readonly remove: (path: string) => readonly string[]
}

const FORMS: readonly Form[] = [
  {
    name: "nftables",
    text: (host) => nftablesRules(topology, host),
    apply: (path) => ["nft", "-f", path],
    shown: () => ["nft", "list", "table", "inet", table],
    remove: () => ["nft", "delete", "table", "inet", table],
  },
  {
    name: "DOCKER-USER",
    text: (host) => dockerUserScript(topology, host),
    apply: (path) => ["sh", path],
    shown: (path) => ["sh", path, "--check"],
    remove: (path) => ["sh", path, "--remove"],
  },
]

const to = (from: string, port: number): Dial => ({ from, to: HOST, port })

const CASES: readonly { readonly what: string; readonly dial: Dial; readonly open: boolean }[] = [
  { what: "the signer may dial the privval port", dial: to(SIGNER, PRIVVAL), open: true },
  { what: "a sentry may not", dial: to(SENTRY, PRIVVAL), open: false },
  { what: "a stranger may not", dial: to(STRANGER, PRIVVAL), open: false },
  { what: "a container of the same host may not", dial: to(NEIGHBOUR, PRIVVAL), open: false },
  { what: "a sentry may be a peer", dial: to(SENTRY, P2P), open: true },
  { what: "another private node may be a peer", dial: to(OTHER_NODE, P2P), open: true },
  { what: "the signer's host may not", dial: to(SIGNER, P2P), open: false },
  { what: "an api may read the RPC", dial: to(API, RPC), open: true },
  { what: "a sentry may not read it", dial: to(SENTRY, RPC), open: false },
  { what: "SSH stays open to anyone", dial: to(STRANGER, SSH), open: true },
  { what: "so does what is not ours on the host", dial: to(STRANGER, FOREIGN), open: true },
  {
    what: "so do answers that come back to one of our ports",
    dial: { from: HOST, to: STRANGER, port: OUTSIDE_PORT, localPort: PRIVVAL },
    open: true,
  },
]

const plan = {
  address: HOST,
  others: [SENTRY, OTHER_NODE, SIGNER, API, STRANGER],
  containerPorts: [P2P, RPC, PRIVVAL],
  hostPorts: [SSH, FOREIGN],
}

describe.each(FORMS)("the rules for $name", ({ text, apply, shown, remove }) => {
  const outcome = async (box: FirewallBox) => {
    const seen = await box.dial(CASES.map(({ dial }) => dial))
    return CASES.map(({ what }, index) => `${what}: ${seen[index]}`)
  }
  const wanted = (isOpen: (open: boolean) => boolean) => CASES.map(({ what, open }) => `${what}: ${isOpen(open) ? "open" : "silent"}`)

  it("close exactly what is not meant to be open, also when applied twice, and go without a trace", async () => {
    const box = await FirewallBox.create(plan)
    const path = join(temporaryDir(), "rules")
    writeFileSync(path, text("val-1"))
    const before = await box.onHost(["nft", "list", "ruleset"])
    expect(await outcome(box)).toEqual(wanted(() => true))
    await box.onHost(apply(path))
    expect(await outcome(box)).toEqual(wanted((open) => open))
    const once = withoutCounters(await box.onHost(shown(path)))
    await box.onHost(apply(path))
    expect(withoutCounters(await box.onHost(shown(path)))).toBe(once)
    expect(await outcome(box)).toEqual(wanted((open) => open))
    await box.onHost(remove(path))
    expect(await outcome(box)).toEqual(wanted(() => true))
    expect(withoutCounters(await box.onHost(["nft", "list", "ruleset"]))).toBe(withoutCounters(before))
  })

  it("are taken for every host", async () => {
    const box = await FirewallBox.create(plan)
    for (const { name } of topology.hosts) {
      const path = join(temporaryDir(), name)
      writeFileSync(path, text(name))
      await box.onHost(apply(path))
      await box.onHost(shown(path))
    }
  })
})

it("does not believe that Docker is there", async () => {
  const box = await FirewallBox.create(plan)
  await box.onHost(["iptables", "-D", "FORWARD", "-j", "DOCKER-USER"])
  await box.onHost(["iptables", "-X", "DOCKER-USER"])
  const path = join(temporaryDir(), "rules")
  writeFileSync(path, dockerUserScript(topology, "val-1"))
  await expect(box.onHost(["sh", path])).rejects.toThrow("there is no chain DOCKER-USER")
  expect(await box.onHost(["iptables", "-S"])).not.toContain(firewallChain(topology))
})

function withoutCounters(rules: string): string {
  return rules
    .replaceAll(/counter packets \d+ bytes \d+/g, "counter")
    .replaceAll(/^ *\d+[KMG]? +\d+[KMG]? /gm, "")
    .trim()
}
