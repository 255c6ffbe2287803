import { describe, expect, it } from "vitest"
import { secretWords } from "../../../../src/core/doctor/checks/network.ts"
import { matrixOf, type Trial, targetsFrom, trialsOf } from "../../../../src/core/doctor/trials.ts"
import type { ChainNode } from "../../../../src/core/topology.ts"
import { broken, doctorTopology, finds, healthyFacts, notProbed } from "../../../support/doctor-facts.ts"

const topology = doctorTopology()
const trials = trialsOf(topology)

const wanted = (from: string, target: string): Trial["wanted"] | undefined =>
  trials.find((trial) => trial.from === from && `${trial.address}:${trial.port}` === target)?.wanted

describe("what is tried", () => {
  it.each([
    ["a sentry's p2p from another sentry", "sen-2", "10.0.0.11:26656", "open"],
    ["a sentry's p2p at its public address", "val-1", "203.0.113.11:26656", "open"],
    ["a private node's p2p from a sentry", "sen-1", "10.0.0.21:26656", "open"],
    ["a private node's p2p from the signer's host", "sig-1", "10.0.0.21:26656", "closed"],
    ["a private node's RPC from anywhere", "sen-1", "10.0.0.21:26657", "closed"],
    ["a sentry's RPC at its public address", "val-1", "203.0.113.11:26657", "closed"],
    ["a signing port from the signer's host, which would get in its way", "sig-1", "10.0.0.21:26658", undefined],
    ["a signing port from anywhere else", "sen-1", "10.0.0.21:26658", undefined],
    ["a host's own ports", "val-1", "10.0.0.21:26656", undefined],
  ] as const)("%s", (_, from, target, word) => {
    expect(wanted(from, target)).toBe(word)
  })

  it("is open where one of two entries of a port opens it", () => {
    const nodes = topology.nodes.map(
      (node): ChainNode =>
        node.name === "sentry-1" ? { ...node, services: ["rpc"] } : node.name === "node-1" ? { ...node, bootstrap: "sentries" } : node,
    )
    const synced = trialsOf({ ...topology, nodes })
    const rpc = (from: string) =>
      synced.find((trial) => trial.from === from && trial.address === "10.0.0.11" && trial.port === 26657)?.wanted
    expect([rpc("val-1"), rpc("sig-1")]).toEqual(["open", "closed"])
  })

  it("is tried once by each host", () => {
    const targets = targetsFrom(trials, "val-1")
    expect(new Set(targets).size).toBe(targets.length)
    expect(targets).toContain("10.0.0.22:26656")
    expect(targets.some((target) => target.startsWith("10.0.0.21:"))).toBe(false)
  })
})

describe("the matrix", () => {
  const facts = healthyFacts(topology)
  const cell = (matrix: ReturnType<typeof matrixOf>, from: string, to: string) =>
    matrix.rows[matrix.hosts.indexOf(from)]?.[matrix.hosts.indexOf(to)]

  it("tells who finds whose ports as they must be", () => {
    const matrix = matrixOf(facts)
    expect(cell(matrix, "sen-1", "val-1")).toBe("as wanted")
    expect(cell(matrix, "val-1", "val-1")).toBe("self")
    expect(cell(matrix, "val-1", "sig-1")).toBe("nothing")
  })

  it("tells what is open and what is closed against the rules, and what is not known", () => {
    const matrix = matrixOf(
      broken(facts, finds("sig-1", "10.0.0.21:26656", "open"), finds("sen-1", "10.0.0.21:26656", "closed"), notProbed("val-2")),
    )
    expect(cell(matrix, "sig-1", "val-1")).toBe("open")
    expect(cell(matrix, "sen-1", "val-1")).toBe("closed")
    expect(cell(matrix, "val-2", "val-1")).toBe("unknown")
  })
})

it("looks in address books for ids of private nodes, and for addresses that only they have", () => {
  const ids = topology.nodes.filter(({ role }) => role === "private").map(({ id }) => id)
  expect(secretWords({ topology })).toEqual([...ids, "10.0.0.21", "10.0.0.22"])
  const shared = { ...topology, nodes: topology.nodes.map((node) => (node.name === "node-2" ? { ...node, host: "sen-1" } : node)) }
  expect(secretWords({ topology: shared })).toEqual([...ids, "10.0.0.21"])
})
