import { describe, expect, it } from "vitest"
import { checkedTexts } from "../../../support/golden-topology.ts"
import { RULE_BASE } from "../../../support/rule-example.ts"

const OVERLAY = "gonka-ha.overlay-1.yaml"

/** Where a text stands, counted without the YAML parser. */
function placeIn(file: string, text: string, marker: string) {
  const parts = text.split(marker)
  if (parts.length !== 2) throw new Error(`the text does not hold exactly one ${marker}`)
  const before = (parts[0] ?? "").split("\n")
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

const withNodes = (nodes: string) => RULE_BASE.replace(/private:\n( {2}node.*\n)+/, `private:\n${nodes}`)

describe("the place of a finding", () => {
  it("is where a group is written, for each of its nodes", () => {
    const text = withNodes("  node:\n    count: 3\n    hosts: [val-1, val-2, vall-3]\n")
    expect(checkedTexts(text).issues).toMatchObject([
      { rule: "GHA-201", path: "private.node-3.host", place: placeIn("gonka-ha.yaml", text, "hosts: [val-1") },
    ])
  })

  it("is the setting of the group, said once for all of its nodes", () => {
    const text = withNodes("  node:\n    count: 3\n    hosts: [val-1, val-2, val-3]\n    public: { rpc: true }\n")
    const place = placeIn("gonka-ha.yaml", text, "public: { rpc: true }\nvalidators")
    expect(checkedTexts(text).issues).toMatchObject([{ rule: "GHA-216", path: "private.node-1.public", place }])
  })

  it("is the group itself when its own form is wrong", () => {
    const text = withNodes(
      "  node-1: { host: val-1 }\n  node-2: { host: val-2 }\n  node-3: { host: val-3 }\n  more:\n    count: 2\n    host: val-3\n",
    )
    expect(checkedTexts(text).issues).toContainEqual(
      expect.objectContaining({ rule: "GHA-203", path: "private.more", place: placeIn("gonka-ha.yaml", text, "more:") }),
    )
  })

  it("is in the overlay that says it", () => {
    const overlay = "name: other\nvalidators:\n  main:\n    signer:\n      host: sig-9\n"
    expect(checkedTexts(RULE_BASE, overlay).issues).toMatchObject([
      { rule: "GHA-201", path: "validators.main.signer.host", place: placeIn(OVERLAY, overlay, "host: sig-9") },
    ])
  })

  it("is in the overlay that brings the wrong element of a list", () => {
    const overlay = "validators:\n  main:\n    candidates:\n      - node-1\n      - nodd-2\n"
    expect(checkedTexts(RULE_BASE, overlay).issues).toMatchObject([
      {
        rule: "GHA-301",
        path: "validators.main.candidates.1",
        fix: "did you mean node-2? known private nodes: node-1, node-2, node-3",
        place: placeIn(OVERLAY, overlay, "nodd-2"),
      },
    ])
  })

  it("is in the file where the overlay says something else about the same node", () => {
    const text = RULE_BASE.replace("host: val-2 }", "host: val-9 }")
    const overlay = "private:\n  node-2:\n    resources: { memory: 16g }\n"
    expect(checkedTexts(text, overlay).issues).toMatchObject([
      { rule: "GHA-201", path: "private.node-2.host", place: placeIn("gonka-ha.yaml", text, "host: val-9") },
    ])
  })

  it("is in the pool, said once for all of its nodes", () => {
    const text = `${RULE_BASE}pools:\n  private:\n    public:\n      rpc: true\n`
    const place = placeIn("gonka-ha.yaml", text, "public:\n      rpc: true")
    expect(checkedTexts(text).issues).toMatchObject([{ rule: "GHA-216", path: "private.node-1.public", place }])
  })
})
