import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { privvalAddress } from "../../src/core/observe/who-signs.ts"
import type { HostAccess } from "../../src/core/ports.ts"
import { nodeOf, type Topology } from "../../src/core/topology.ts"
import { accessOver } from "../../src/edge/fleet.ts"
import { LocalConnection } from "../../src/edge/local-connection.ts"
import { aTopology } from "./observed.ts"
import { aDeployment, aHost, type PaperDeployment } from "./paper-deployment.ts"
import { temporaryDir } from "./temporary-dir.ts"

/** Votes of the validator by height, as a sentry's commits have them; a height that is not there is pruned. */
export type ChainVotes = Map<number, "signed" | "absent" | "nil">

/** A deployment whose signer's host is a directory of this machine: commands and files there are real, the engine and the chain are told. */
export type SignerHost = {
  readonly deployment: PaperDeployment
  readonly topology: Topology
  readonly votes: ChainVotes
  /** The signer's log. */
  readonly log: string[]
  /** While it is away, nothing on the signer's host answers. */
  away: boolean
  /** Programs that were run there, by name. */
  readonly ran: string[]
  readonly read: (path: string) => string
  readonly write: (path: string, text: string) => void
  readonly list: (path: string) => readonly string[]
  /** A line of the log that tells of a precommit. */
  readonly sign: (node: string, height: number) => void
}

const FLAG = { signed: 2, absent: 1, nil: 3 } as const

export function aSignerHost(): SignerHost {
  const topology = aTopology({ dir: temporaryDir() })
  const { address } = topology.validators[0] ?? { address: "" }
  const access = accessOver(new LocalConnection("sig-1"), "sig-1")
  const votes: ChainVotes = new Map()
  const log: string[] = []
  const ran: string[] = []
  const world = { away: false }
  const present =
    <A extends readonly unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (world.away) throw new Error("sig-1 is away")
      return work(...args)
    }
  const signer: HostAccess = aHost({
    run: present((argv, options) => {
      ran.push(argv[0] === "sh" ? (argv[3] ?? "") : (argv[0] ?? ""))
      return access.run(argv, options)
    }),
    push: present(access.push),
    logs: present(async () => log),
  })
  const sentry: HostAccess = aHost({ rpc: async (_port, path) => answer(path, votes, address) })
  const hosts = Object.fromEntries(topology.hosts.map(({ name }) => [name, name === "sig-1" ? signer : sentry]))
  return Object.assign(world, {
    deployment: aDeployment(hosts, { topology }),
    topology,
    votes,
    log,
    ran,
    read: (path: string) => readFileSync(join(topology.dir, path), "utf8"),
    write: (path: string, text: string) => {
      mkdirSync(dirname(join(topology.dir, path)), { recursive: true })
      writeFileSync(join(topology.dir, path), text)
    },
    list: (path: string) => readdirSync(join(topology.dir, path)).sort(),
    sign: (node: string, height: number) => {
      const through = privvalAddress(topology, nodeOf(topology, node))
      log.push(`[${topology.chain.id}@tcp://${through}] signed PreCommit:A84448A16E at h/r/s ${height}/0/2 (0 ms)`)
    },
  })
}

/** A sentry that knows these votes. The newest commit is not canonical. */
async function answer(path: string, votes: ChainVotes, address: string): Promise<unknown> {
  if (votes.size === 0) throw new Error("the sentry is away")
  const tip = Math.max(...votes.keys()) + 1
  if (path.startsWith("/status")) {
    return {
      node_info: { id: "0".repeat(40), network: "lab-1", version: "0.38.21" },
      sync_info: { latest_block_height: String(tip), latest_block_time: "2026-11-23T12:00:00Z", catching_up: false },
    }
  }
  const height = Number(/^\/commit\?height=(\d+)$/.exec(path)?.[1])
  const vote = votes.get(height)
  if (vote === undefined) throw new Error(`no answer to ${path}`)
  const signature = { block_id_flag: FLAG[vote], validator_address: vote === "absent" ? "" : address }
  return {
    canonical: height < tip,
    signed_header: { header: { height: String(height) }, commit: { height: String(height), signatures: [signature] } },
  }
}
