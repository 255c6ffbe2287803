import { expect, test } from "vitest"
import { alarms, contradictions, signedLines } from "../../drill/signer-log.ts"
import { firstDecrease } from "../../drill/state-watch.ts"

/** What tmkms 0.12.0 prints, as it was seen on the lab. */
const line = (through: string, content: string, place: string) =>
  `2026-11-23T10:40:54.738564Z  INFO tmkms::session: [gonka-life@tcp://${through}] signed ${content} at h/r/s ${place} (0 ms)`

test("a signed line tells through which node, what, and where", () => {
  expect(signedLines(line("10.0.0.13:26658", "PreCommit:3A0B958710", "56/0/2"))).toEqual([
    { through: "10.0.0.13:26658", content: "PreCommit:3A0B958710", height: 56, round: 0, step: 2 },
  ])
})

test("other lines of a signer's log are no signatures", () => {
  expect(signedLines("INFO tmkms::session: [gonka-life@tcp://node-1:26658] connected to validator successfully\nguard: starting")).toEqual(
    [],
  )
})

test("two contents at one place contradict, through whichever node they went", () => {
  const log = [
    line("10.0.0.13:26658", "PreCommit:AAAA", "56/0/2"),
    line("10.0.0.14:26658", "PreCommit:BBBB", "56/0/2"),
    line("10.0.0.14:26658", "PreCommit:BBBB", "57/0/2"),
  ]
  expect(contradictions(signedLines(log.join("\n")))).toEqual(["56/0/2: PreCommit:AAAA and PreCommit:BBBB"])
})

test("a block and nil at one place contradict", () => {
  const log = [line("10.0.0.13:26658", "PreVote:AAAA", "56/0/1"), line("10.0.0.13:26658", "PreVote:<nil>", "56/0/1")]
  expect(contradictions(signedLines(log.join("\n")))).toHaveLength(1)
})

test("the same content again, another step and another round do not contradict", () => {
  const log = [
    line("10.0.0.13:26658", "PreVote:AAAA", "56/0/1"),
    line("10.0.0.13:26658", "PreVote:AAAA", "56/0/1"),
    line("10.0.0.13:26658", "PreCommit:AAAA", "56/0/2"),
    line("10.0.0.13:26658", "PreVote:BBBB", "56/1/1"),
  ]
  expect(contradictions(signedLines(log.join("\n")))).toEqual([])
})

test("a refused request and a node below the state are alarms", () => {
  const refused = "ERROR tmkms::session: [c@tcp://h:1] attempted double sign PreVote at h/r/s: 14/0/1 (537455E777 != 0DDACA4477)"
  const below = "ERROR tmkms::client: [c@tcp://h:1] attempted double sign: height regression: last height:45 new height:36"
  expect(alarms(["INFO fine", refused, below].join("\n"))).toEqual([refused, below])
})

test("a height that goes down is found, one that stands still is not", () => {
  expect(firstDecrease([1, 2, 2, 5])).toBeUndefined()
  expect(firstDecrease([1, 2, 1, 5])).toBe("2 -> 1")
})
