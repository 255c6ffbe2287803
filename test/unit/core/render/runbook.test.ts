import { execFileSync, spawnSync } from "node:child_process"
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { servicesOn } from "../../../../src/core/render/compose.ts"
import { layout } from "../../../../src/core/render/layout.ts"
import { runbook } from "../../../../src/core/render/runbook.ts"
import { containerName, type Topology, validatorOf } from "../../../../src/core/topology.ts"
import { fullTopology, sampleTopologies } from "../../../support/sample-topologies.ts"
import { temporaryDir } from "../../../support/temporary-dir.ts"

const blocksOf = (text: string) => [...text.matchAll(/```sh\n([\s\S]*?)\n```/g)].map(([, block]) => block ?? "")

/** Everything that may stand on a host, as `layout` says. */
function knownPaths(topology: Topology): ReadonlySet<string> {
  const { node, parking, signer } = layout
  const nodes = topology.nodes.map(({ name }) => name)
  const validators = topology.validators.map(({ name }) => name)
  return new Set([
    ...[layout.compose, layout.audit, layout.ports.markdown, layout.firewall.nftables, layout.firewall.dockerUser],
    ...nodes.flatMap((name) => [parking.owner(name), `${node.home(name)}/data`, `${node.home(name)}/data.damaged`]),
    ...validators.flatMap((name) => [
      ...[signer.aim(name), signer.floor(name), signer.fence(name), signer.epoch(name), signer.operation(name)],
      ...[signer.control(name), signer.stateFile(name), signer.lock(name), `${signer.lock(name)}/lock`, `${signer.lock(name)}/owner`],
      ...[signer.journal(name), signer.receipts(name), `${signer.control(name)}/move`, `${signer.control(name)}/move.lock`],
    ]),
  ])
}

describe.each(sampleTopologies)("the runbooks of $name", ({ topology }) => {
  const books = topology.hosts.map((host) => ({ host: host.name, text: runbook(topology, host.name) }))
  const commands = books.flatMap(({ text }) => blocksOf(text)).join("\n")

  it("name only paths of the layout", () => {
    const known = knownPaths(topology)
    const paths = books.flatMap(({ text }) => [
      ...[...text.matchAll(new RegExp(`${topology.dir}/([^\\s\`)>;]+)`, "g"))].map(([, path]) => path ?? ""),
      ...[...text.matchAll(/(?<=\s)(?:nodes|signers|lock|secrets)\/[^\s`)>;]+/g)].map(([path]) => path),
    ])
    expect(paths.length).toBeGreaterThan(0)
    expect(paths.map((path) => path.replace(/\.new$/, "")).filter((path) => !known.has(path))).toEqual([])
  })

  it("name only containers that there are", () => {
    const real = new Set(topology.hosts.flatMap((host) => servicesOn(topology, host).map(({ name }) => containerName(topology, name))))
    const named = [...commands.matchAll(/^docker (?:start|stop|kill|inspect|logs|exec)\b.*$/gm)].flatMap(([line]) =>
      line.split(" ").filter((word) => word.startsWith(`${topology.deployment}-`)),
    )
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((name) => !real.has(name))).toEqual([])
  })

  it("are shell that can be read", () => {
    // Each block as a function of its own, so that none can be the other half of another one's mistake.
    for (const { text } of books) {
      const input = blocksOf(text)
        .map((block, index) => `block_${index}() {\n${block}\n}\n`)
        .join("")
      expect(spawnSync("sh", ["-n"], { input, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" })
    }
  })

  it("tell how to move a validator on its signer's host and on its candidates' hosts, and nowhere else", () => {
    for (const { host, text } of books) {
      for (const validator of topology.validators) {
        const concerned =
          validator.signerHost === host || topology.nodes.some((node) => node.host === host && validator.candidates.includes(node.name))
        for (const candidate of validator.candidates) expect(text.includes(`### ${validator.name} to ${candidate}\n`)).toBe(concerned)
        expect(text.includes(`## Keep ${validator.name} from signing`)).toBe(validator.signerHost === host)
      }
    }
  })

  it("are the same every time", () => {
    for (const { host, text } of books) expect(runbook(topology, host)).toBe(text)
  })
})

/** A machine on which the commands of a move are typed: the files are real, Docker and the nodes are stand-ins that take notes. */
class Typed {
  readonly dir = temporaryDir()
  readonly #bin = temporaryDir()
  readonly #signer: string

  constructor(topology: Topology) {
    this.#signer = validatorOf(topology, "main").address
    this.write(layout.signer.aim("main"), "node-1\n")
    this.write(layout.signer.epoch("main"), "4\n")
    this.write(layout.signer.operation("main"), "{}\n")
    this.write(layout.signer.stateFile("main"), '{"height":"100"}\n')
    this.write(`${layout.signer.lock("main")}/lock`, "")
    for (const node of topology.nodes) this.write(layout.parking.owner(node.name), node.name === "node-1" ? "validator\n" : "parking\n")
    this.#program("docker", `echo "$*" >> ${this.dir}/calls; echo exited`)
    this.#program("pgrep", "true")
    this.#program("flock", `echo "flock $2" >> ${this.dir}/calls`)
  }

  /** What a node answers to /status and /commit. */
  nodeAt(height: number): void {
    this.#program(
      "curl",
      `echo '{ "height": "${height}", "latest_block_height": "${height}", "catching_up": false, "validator_address": "${this.#signer}" }'`,
    )
  }

  type(block: string, topology: Topology): string {
    return execFileSync("sh", ["-eu"], {
      input: block.replaceAll(topology.dir, this.dir).replace("signed=HEIGHT", "signed=100"),
      env: { PATH: `${this.#bin}:${process.env.PATH ?? ""}` },
      encoding: "utf8",
    })
  }

  word(path: string): string {
    return readFileSync(join(this.dir, path), "utf8").trim()
  }

  get calls(): readonly string[] {
    return existsSync(join(this.dir, "calls")) ? this.word("calls").split("\n") : []
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.dir, path)), { recursive: true })
    appendFileSync(join(this.dir, path), content)
  }

  #program(name: string, body: string): void {
    writeFileSync(join(this.#bin, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(this.#bin, name), 0o755)
  }
}

describe("a move by hand, as it is written", () => {
  const text = runbook(fullTopology, "sig-1")
  const move = text.slice(text.indexOf("### main to node-2\n"), text.indexOf("### main to node-3\n"))
  const steps = move.split(/^\*\*(?=\d\. )/m).slice(1)
  const isChange = (call: string) => /^(start|kill)/.test(call)

  it("does what gonka-ha does, in its order", () => {
    const typed = new Typed(fullTopology)
    typed.nodeAt(100)
    const seen = steps.map((step) => {
      const before = typed.calls.length
      const [block = "", ...alternatives] = step.startsWith("8.")
        ? blocksOf(step.slice(step.indexOf("node-1, on"))).slice(0, 1)
        : blocksOf(step)
      for (const each of step.startsWith("7.") ? [block] : [block, ...alternatives]) typed.type(each, fullTopology)
      const owners = ["node-1", "node-2"].map((node) => typed.word(layout.parking.owner(node)))
      return { calls: typed.calls.slice(before).filter(isChange), aim: typed.word(layout.signer.aim("main")), owners: owners.join(" ") }
    })
    const old = { aim: "node-1", owners: "validator parking" }
    expect(seen).toEqual([
      { calls: [], ...old },
      { calls: ["start base-node-2-parking"], ...old },
      { calls: ["kill -s KILL base-main-signer"], ...old },
      { calls: [], ...old },
      { calls: ["kill -s KILL base-node-2-parking"], aim: "node-1", owners: "validator validator" },
      { calls: ["start base-main-signer"], aim: "node-2", owners: "validator validator" },
      { calls: [], aim: "node-2", owners: "validator validator" },
      { calls: ["start base-node-1-parking"], aim: "node-2", owners: "parking validator" },
      { calls: [], aim: "node-2", owners: "parking validator" },
    ])
    expect([typed.word(layout.signer.epoch("main")), existsSync(join(typed.dir, layout.signer.operation("main")))]).toEqual(["5", false])
    expect(typed.word(layout.signer.stateFile("main"))).toBe('{"height":"100"}')
    expect(typed.calls).toContain(`flock ${typed.dir}/lock/main/lock`)
  })

  it("shows the height and the signature in a block", () => {
    const typed = new Typed(fullTopology)
    typed.nodeAt(102)
    const witness = steps.find((step) => step.startsWith("7.")) ?? ""
    for (const block of blocksOf(witness)) expect(typed.type(block, fullTopology)).toBe('{ "height": "102"\n1\n')
  })

  it.each([
    [99, "wait and repeat: 99"],
    [100, "go on: 100"],
    [101, "go on: 101"],
  ])("lets nobody past the gate with a node at %i of 100", (height, wanted) => {
    const typed = new Typed(fullTopology)
    typed.nodeAt(height)
    const gate = steps.find((step) => step.startsWith("4.")) ?? ""
    expect(typed.type(blocksOf(gate)[0] ?? "", fullTopology).trim()).toBe(wanted)
  })
})

describe("the host of a signer that was replaced", () => {
  const [main, ...others] = fullTopology.validators
  const lost = fullTopology.hosts.find((host) => host.name !== main?.signerHost)?.name ?? ""
  const topology = { ...fullTopology, validators: main === undefined ? others : [{ ...main, replacedHosts: [lost] }, ...others] }
  const text = runbook(topology, lost)
  const block = blocksOf(text.slice(text.indexOf("## The signer of main that was here")))[0] ?? ""

  it("is told how to keep it from signing for ever, and no other host is", () => {
    const heading = "## The signer of main that was here"
    expect(topology.hosts.filter(({ name }) => runbook(topology, name).includes(heading)).map(({ name }) => name)).toEqual([lost])
    expect(runbook(fullTopology, lost)).not.toContain(heading)
  })

  it("gets the words that gonka-ha looks for, both fences first, and its key is moved aside, not removed", () => {
    const lines = block.split("\n")
    const fences = lines.filter((line) => line.startsWith("mv ") && line.endsWith("/fence"))
    expect(fences).toHaveLength(2)
    expect(lines.filter((line) => line.startsWith("printf") && line.includes(`'replaced by ${main?.signerHost}`))).toHaveLength(2)
    const order = [fences[1] ?? "", `docker kill -s KILL ${topology.deployment}-main-signer`].map((line) => lines.indexOf(line))
    expect(order[0]).toBeGreaterThan(0)
    expect(order[1]).toBeGreaterThan(order[0] ?? 0)
    expect(lines).toContain(
      `mv ${topology.dir}/${layout.secrets.signer("main")}/consensus.key ${topology.dir}/quarantine/by-hand/main-consensus.key`,
    )
    expect(block).not.toContain("rm ")
  })

  it("has its candidates' old signing port named as one that stays closed", () => {
    const candidate = topology.nodes.find((node) => node.candidateOf.includes("main"))
    expect(runbook(topology, candidate?.host ?? "")).toContain(`was elsewhere before ${lost} was replaced`)
  })
})

describe("plain standbys", () => {
  const plain = { ...fullTopology, policy: { ...fullTopology.policy, standby: "plain" as const } }

  it("are restarted with a signing port before they take over; hot ones are not", () => {
    expect(runbook(plain, "sig-1")).toMatch(/docker start base-node-2-parking\ndocker restart --time 60 base-node-2\n/)
    expect(runbook(fullTopology, "sig-1")).not.toContain("docker restart")
  })
})
