import { describe, expect, it } from "vitest"
import { forNetwork } from "../../../../src/core/spec/for-network.ts"
import type { Layer } from "../../../../src/core/spec/traced.ts"

const PRESET = `# head
name: a
profile: p # why

# images
images:
  node: CHANGE-ME
hosts:
  one:
    private: 192.0.2.1
    public: 192.0.2.2
  two:
    public: 203.0.113.1
`

function profile(chain: unknown): Layer {
  return { kind: "profile", name: "p", value: { chain } }
}

const RPC = ["http://10.1.0.1:26657", "http://10.1.0.2:26657"]

describe("forNetwork", () => {
  it("asks for nothing that the profile knows", () => {
    expect(forNetwork(PRESET, profile({ id: "x", genesis: { rpc: RPC }, seeds: [] }))).toBe(PRESET)
    expect(forNetwork(PRESET, profile({ id: "x", genesis: { rpc: RPC }, peers: [] }))).toBe(PRESET)
  })

  it("asks for a network of the operator's own, after the profile, and drops addresses that nobody outside will dial", () => {
    expect(forNetwork(PRESET, profile({ binary: "simd" }))).toBe(`# head
name: a
profile: p # why

chain:
  id: CHANGE-ME
  # Two nodes run by different people: the first start takes the genesis file only if both serve the same one.
  genesis:
    rpc: ["http://192.0.2.1:26657", "http://192.0.2.2:26657"]
  # Nodes of the network that the sentries dial: <node id>@<address>:<port>.
  peers: ["0000000000000000000000000000000000000000@192.0.2.1:26656"]

# images
images:
  node: CHANGE-ME
hosts:
  one:
    private: 192.0.2.1
  two:
    public: 203.0.113.1
`)
  })

  it("asks for what is missing only", () => {
    const text = forNetwork(PRESET, profile({ id: "x", seeds: [] }))
    expect(text).toContain("\nchain:\n  # Two nodes run by different people")
    expect(text).not.toMatch(/ {2}(id|peers):/)
    expect(text).toContain("public: 192.0.2.2")
  })

  it("leaves a preset alone that says what the network is, and one whose profile is not known", () => {
    const own = PRESET.replace("hosts:", "chain: {id: own}\nhosts:")
    expect(forNetwork(own, profile({ id: "x" }))).toBe(own)
    expect(forNetwork(PRESET, undefined)).toBe(PRESET)
  })
})
