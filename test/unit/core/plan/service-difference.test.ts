import { expect, it } from "vitest"
import { digestIn, serviceDifference } from "../../../../src/core/plan/service-difference.ts"

const compose = (node: string) => `services:\n  node-1:\n${node}`
const OLD = compose(
  '    image: node:1\n    environment: { A: "1", B: "2" }\n    ports: ["1:1"]\n    labels: { io.gonka-ha.digest: aaa, other: x }\n',
)

it("names each setting that differs with both values, inside of maps too", () => {
  const now = compose(
    '    image: node:2\n    environment: { A: "1", B: "3", C: "4" }\n    ports: ["1:1", "2:2"]\n    labels: { io.gonka-ha.digest: bbb, other: x }\n',
  )
  expect(serviceDifference("node-1", OLD, now)).toEqual([
    { key: "environment.B", before: "2", after: "3" },
    { key: "environment.C", before: undefined, after: "4" },
    { key: "image", before: "node:1", after: "node:2" },
    { key: "ports", before: '["1:1"]', after: '["1:1","2:2"]' },
  ])
})

it("does not count the digest, which follows from the rest", () => {
  expect(serviceDifference("node-1", OLD, OLD.replace("aaa", "bbb"))).toEqual([])
})

it.each([
  ["is no YAML", "services: [\n"],
  ["holds no map", "just words\n"],
  ["has no services", "name: x\n"],
  ["has not this service", "services:\n  other: {}\n"],
  ["has a service that is no map", "services:\n  node-1: yes\n"],
  ["has only what every object has", "services: {}\n"],
])("does not know where the installed file %s", (_, text) => {
  expect(serviceDifference("node-1", text, OLD)).toBeUndefined()
  expect(digestIn(text, "node-1")).toBeUndefined()
})

it("does not take a property of every object for a service", () => {
  expect(serviceDifference("constructor", "services: {}\n", "services: {}\n")).toBeUndefined()
})

it("reads the digest of a service", () => {
  expect(digestIn(OLD, "node-1")).toBe("aaa")
})
