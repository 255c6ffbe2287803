import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { describe, expect, it } from "vitest"
import { commandTree } from "../../dev/docs/command-tree.ts"
import { forgottenPages } from "../../dev/docs/forgotten-pages.ts"
import { madePages } from "../../dev/docs/made-pages.ts"
import { anchor } from "../../dev/docs/markdown.ts"
import { specSchema } from "../../src/core/spec/schema.ts"
import { REPOSITORY_DIR } from "../support/package-paths.ts"
import { checkedExample } from "../support/rule-example.ts"
import { commandsIn, complaintAbout } from "../support/typed-command.ts"

const made = madePages()

describe("pages that are made from the code", () => {
  it.each([...made])("%s is what the code says now; if not, run `npm run docs`", (path, text) => {
    expect(onDisk(path)).toBe(text)
  })

  it("are all there are; if not, run `npm run docs`", () => {
    expect(forgottenPages(made)).toEqual([])
  })

  it("tell about every key of the top level", () => {
    const overview = made.get("docs/spec/README.md")
    for (const key of Object.keys(specSchema.shape)) expect(overview).toContain(`| [${key}](`)
  })
})

const pages = ["README.md", ...markdownBelow("docs"), ...markdownBelow("examples")].map((path) => ({ path, text: onDisk(path) ?? "" }))

describe.each(pages)("$path", ({ path, text }) => {
  it("names only commands and options that exist", () => {
    const program = commandTree()
    const complaints = commandsIn(text).flatMap((typed) => {
      const complaint = complaintAbout(program, typed)
      return complaint === undefined ? [] : [`${path}:${typed.line}: ${typed.text}: ${complaint}`]
    })
    expect(complaints).toEqual([])
  })

  it("links to what is there", () => {
    expect(linksIn(text).filter((link) => !leadsSomewhere(path, link))).toEqual([])
  })
})

describe.each(pages.filter(({ path }) => path.startsWith("docs/") && path !== "docs/rules.md"))("$path", ({ text }) => {
  it("shows settings that hold", () => {
    const errors = yamlIn(text).flatMap((yaml) =>
      checkedExample({ yaml })
        .issues.filter(({ severity }) => severity === "error")
        .map(({ path, message }) => `${yaml}: ${path}: ${message}`),
    )
    expect(errors).toEqual([])
  })

  it("has lines of at most 120 columns outside of tables and examples", () => {
    const prose = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, "").split("\n")
    expect(prose.filter((line) => line.length > 120 && !line.startsWith("|"))).toEqual([])
  })
})

describe("the failure matrix", () => {
  const rows = (onDisk("docs/failure-matrix.md") ?? "").split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| fault"))
  const proofs = rows.map((row) => / \| `(test\/[^`]+)`: (.*) \|$/.exec(row))

  it("names a test in every row, with the title that it has in its file", () => {
    expect(rows.length).toBeGreaterThan(0)
    const missing = proofs.flatMap((proof, index) => {
      const [, file = "", title = ""] = proof ?? []
      return title !== "" && (onDisk(file) ?? "").includes(`"${title}"`) ? [] : [rows[index]]
    })
    expect(missing).toEqual([])
  })

  it.each([
    "Solana Validator Switch #6",
    "#9",
    "#10",
    "#12",
    "#13",
    "Patroni #2362",
    "#2393",
    "orchestrator #159",
    "Z1",
    "Z2",
    "Z4",
    "Z6",
    "Z7",
  ])("tells of what hurt others: %s", (id) => {
    expect(proofs.some((proof) => new RegExp(`${id}\\b`).test(proof?.[2] ?? ""))).toBe(true)
  })
})

describe("the check of commands in pages", () => {
  it.each([
    ["gonka-ha promot node-2", "there is no command promot"],
    ["gonka-ha keys burn", "there is no command burn"],
    ["gonka-ha up --forse", "up has no option --forse"],
    ["gonka-ha -d testnet up", "gonka-ha has no option -d"],
    ["gonka-ha graph --format png", "--format takes mermaid, dot, svg, not png"],
    ["gonka-ha validate -f", "--file needs a value"],
    ["gonka-ha down node-2", "down takes no argument node-2"],
    ["gonka-ha failover", "failover needs node"],
    ["gonka-ha keys", "keys is no whole command"],
  ])("finds fault with %s", (text, complaint) => {
    expect(complaintAbout(commandTree(), { text, isWhole: true })).toBe(complaint)
  })

  it.each([
    "gonka-ha up",
    "gonka-ha --help",
    "gonka-ha up --help",
    "gonka-ha init --preset ha-2 [--import-state FILE]",
    "gonka-ha graph -o picture.svg   # a comment",
    "gonka-ha validate --format=json | jq .",
  ])("takes %s", (text) => {
    expect(complaintAbout(commandTree(), { text, isWhole: true })).toBeUndefined()
  })

  it("finds commands in blocks and between backticks, and not in other text", () => {
    const text = "gonka-ha runs it\n\n    gonka-ha up\n\nor `gonka-ha down`\n```sh\ngonka-ha status\n```\n```text\ngonka-ha words\n```\n"
    expect(commandsIn(text)).toEqual([
      { line: 3, text: "gonka-ha up", isWhole: true },
      { line: 5, text: "gonka-ha down", isWhole: false },
      { line: 7, text: "gonka-ha status", isWhole: true },
    ])
  })
})

function onDisk(path: string): string | undefined {
  const file = join(REPOSITORY_DIR, path)
  return existsSync(file) ? readFileSync(file, "utf8") : undefined
}

function markdownBelow(dir: string): readonly string[] {
  return readdirSync(join(REPOSITORY_DIR, dir), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => join(dir, path))
    .sort()
}

function yamlIn(text: string): readonly string[] {
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block)
}

/** Links inside of the repository. */
function linksIn(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link).filter((link) => !/^[a-z]+:/.test(link))
}

function leadsSomewhere(from: string, link: string): boolean {
  const [file = "", place] = link.split("#", 2)
  const path = file === "" ? from : normalize(join(dirname(from), file))
  if (!existsSync(join(REPOSITORY_DIR, path))) return false
  if (place === undefined) return true
  const headings = (onDisk(path) ?? "").split("\n").flatMap((line) => /^#+ (.*)$/.exec(line)?.[1] ?? [])
  return headings.map(anchor).includes(place)
}
