import type { Deployment } from "../../src/app/deployment.ts"
import type { Run } from "../../src/app/execute.ts"
import { openJournal } from "../../src/app/journal.ts"
import type { Event } from "../../src/core/events.ts"
import type { Fleet, HostAccess } from "../../src/core/ports.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import { FakeClock } from "./fake-clock.ts"
import { memoryFiles } from "./memory-files.ts"
import { aTopology, filesOf, secretsOf } from "./observed.ts"

/** A host that answers nothing but what a test lets it answer. */
export function aHost(abilities: Partial<HostAccess>): HostAccess {
  const refuse = (what: string) => () => Promise.reject(new Error(`this test did not expect ${what}`))
  return {
    run: refuse("a command"),
    push: refuse("a push"),
    stream: refuse("a stream"),
    feed: refuse("a feed"),
    attach: refuse("a terminal"),
    hold: refuse("a hold"),
    rpc: refuse("a question to a node"),
    containers: refuse("a list of containers"),
    inspect: refuse("an inspection"),
    kill: refuse("a kill"),
    start: refuse("a start"),
    logs: refuse("a look at a log"),
    ...abilities,
  }
}

export type PaperDeployment = Deployment & {
  readonly clock: FakeClock
  readonly local: ReturnType<typeof memoryFiles>
  readonly events: readonly Event[]
  readonly interrupt: () => void
}

/** A deployment whose hosts are given, with time that only passes in sleep and files in memory. */
export function aDeployment(hosts: Readonly<Record<string, HostAccess>> = {}, changes: Partial<Deployment> = {}): PaperDeployment {
  const topology = changes.topology ?? aTopology()
  const events: Event[] = []
  const controller = new AbortController()
  const fleet: Fleet = {
    host(name) {
      const host = hosts[name]
      if (!host) throw new Error(`this test has no host ${name}`)
      return host
    },
    close: async () => {},
  }
  return {
    topology,
    files: filesOf(topology),
    secrets: secretsOf(topology),
    specDigests: [{ file: "gonka-ha.yaml", sha256: sha256("the topology file") }],
    keys: {
      readSecret: () => Promise.reject(new Error("this test has no secrets")),
      importedState: async () => undefined,
    },
    fleet,
    stateDir: ".gonka-ha",
    recordsDir: ".gonka-ha/signer-records",
    sha256,
    probeScript: "the probe",
    moveScript: "the move",
    report: (event) => {
      events.push(event)
    },
    signal: controller.signal,
    operator: "anna@desk",
    crashAfter: () => {},
    ...changes,
    clock: new FakeClock(),
    local: memoryFiles(),
    events,
    interrupt: () => controller.abort(),
  }
}

/** A run of steps that holds every lock. */
export function aRun(deployment: Deployment, changes: Partial<Run> = {}): Run {
  return {
    deployment,
    operation: "20261123-120000-test",
    facts: {},
    journal: openJournal(deployment, "20261123-120000-test"),
    control: () => {
      throw new Error("this test did not expect a change of the signer's files")
    },
    stillOurs: () => {},
    locked: (work) => work(),
    onStopped: async () => {},
    ...changes,
  }
}
