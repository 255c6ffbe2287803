import { describe, expect, it } from "vitest"
import { firstThroughNew, lastThroughOld } from "../../../../src/core/history/signed-at.ts"
import { signedLines } from "../../../../src/core/history/signed-line.ts"

const OLD = "10.0.0.1:26658"
const NEW = "10.0.0.2:26658"

/** One line per vote, as `through height` or `through height nil`. */
const log = (...votes: readonly string[]) =>
  signedLines(
    votes.map((vote) => {
      const [through, height, nil] = vote.split(" ")
      const block = nil === undefined ? "A84448A16E" : "<nil>"
      return `2026-11-23T12:00:00Z INFO tmkms::session: [lab-1@tcp://${through}] signed PreCommit:${block} at h/r/s ${height}/0/2 (0 ms)`
    }),
  )

describe("signedLines", () => {
  it.each([
    { what: "tmkms 0.12", line: `[lab-1@tcp://${OLD}] signed PreCommit:A84448A16E at h/r/s 6/0/2 (0 ms)`, isForBlock: true },
    { what: "tmkms 0.13 and later", line: `INFO [lab-1@tcp://${OLD}] signed Precommit:A84448A16E at h/r/s 6/1/2 (3 ms)`, isForBlock: true },
    { what: "a vote for no block", line: `[lab-1@tcp://${OLD}] signed PreCommit:<nil> at h/r/s 6/0/2 (0 ms)`, isForBlock: false },
  ])("reads $what", ({ line, isForBlock }) => {
    expect(signedLines([line])).toEqual([{ through: OLD, height: 6, isForBlock }])
  })

  it.each([
    `[lab-1@tcp://${OLD}] signed PreVote:A84448A16E at h/r/s 6/0/1 (0 ms)`,
    `[lab-1@tcp://${OLD}] signed Proposal:A84448A16E at h/r/s 6/0/0 (0 ms)`,
    `[lab-1@tcp://${OLD}] attempted double sign PreCommit at h/r/s: 63/0/2 (ABAB != C26C)`,
    `[lab-1@tcp://${OLD}] connected to validator successfully`,
    "",
  ])("leaves out %s", (line) => {
    expect(signedLines([line])).toEqual([])
  })
})

describe("the last height through the old node", () => {
  it.each([
    { what: "both say the same", commits: 102, lines: [`${OLD} 101`, `${OLD} 102`, `${NEW} 103`], log: 102, agree: true },
    { what: "the newest vote came too late", commits: 101, lines: [`${OLD} 100`, `${OLD} 101`, `${OLD} 102`], log: 102, agree: true },
    { what: "the newest vote was for no block", commits: 101, lines: [`${OLD} 101`, `${OLD} 102 nil`], log: 101, agree: true },
    { what: "it signed through another node", commits: 102, lines: [`${OLD} 101`, `${NEW} 102`], log: 101, agree: false },
    { what: "the log does not have it", commits: 102, lines: [`${OLD} 101`, `${NEW} 103`], log: 101, agree: false },
    { what: "the log begins later", commits: 102, lines: [`${NEW} 103`], log: undefined, agree: "unknown" },
    { what: "the log is empty", commits: 102, lines: [], log: undefined, agree: "unknown" },
    { what: "no commit was read", commits: undefined, lines: [`${OLD} 102`], log: 102, agree: "unknown" },
    {
      what: "later votes through it belong to a later move",
      commits: 102,
      lines: [`${OLD} 101`, `${OLD} 102`, `${OLD} 120`],
      log: 102,
      agree: true,
    },
  ])("$what", ({ commits, lines, log: fromLog, agree }) => {
    expect(lastThroughOld(commits, log(...lines), OLD, 102)).toEqual({ log: fromLog, commits, agree })
  })

  it("is unknown for a node that nobody knows any more", () => {
    expect(lastThroughOld(102, log(`${OLD} 102`), undefined, 102)).toEqual({ log: undefined, commits: 102, agree: "unknown" })
  })
})

describe("the first height through the new node", () => {
  it.each([
    { what: "both say the same", commits: 103, lines: [`${OLD} 102`, `${NEW} 103`], log: 103, agree: true },
    { what: "its first vote came too late", commits: 104, lines: [`${OLD} 102`, `${NEW} 103`, `${NEW} 104`], log: 103, agree: true },
    {
      what: "it signed there before, in an earlier move",
      commits: 103,
      lines: [`${NEW} 90`, `${OLD} 102`, `${NEW} 103`],
      log: 103,
      agree: true,
    },
    { what: "the commit's vote went through the old node", commits: 103, lines: [`${OLD} 103`, `${NEW} 104`], log: 104, agree: false },
    { what: "the commit's vote is not this signer's", commits: 103, lines: [`${OLD} 102`, `${NEW} 105`], log: 105, agree: false },
  ])("$what", ({ commits, lines, log: fromLog, agree }) => {
    expect(firstThroughNew(commits, log(...lines), NEW, 102)).toEqual({ log: fromLog, commits, agree })
  })
})
