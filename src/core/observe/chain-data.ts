import { diskShown } from "./host-facts.ts"
import type { HostDisk, Reading } from "./state.ts"

/** What lies in a node's home. */
export type ChainData = {
  /** `link` and `mount`: its data cannot be renamed aside. */
  readonly place: "ordinary" | "link" | "mount"
  /** SHA-256 of the program that cosmovisor runs there; `image` where the image's own is run. */
  readonly program: string
  /** Blocks, states, indexes and contracts. */
  readonly dataBytes: number
  /** What earlier resyncs have set aside. */
  readonly asideBytes: number
  /** A copy that was not finished; the next one takes its place. */
  readonly incomingBytes: number
  /** Of the file system that holds the home. */
  readonly disk: Reading<HostDisk>
}

/** Undefined when the answer is cut short or says something else. */
export function parseChainData(text: string): ChainData | undefined {
  const rows = text
    .split("\n")
    .filter((row) => row !== "")
    .map((row) => row.split("\t"))
  if (rows.at(-1)?.[0] !== "end") return undefined
  const fact = (name: string) => rows.find(([kind]) => kind === name) ?? []
  const [, place = ""] = fact("place")
  const [, program = ""] = fact("program")
  const sizes = ["data", "aside", "incoming"].map((name) => bytesIn(fact(name)[1]))
  const [dataBytes, asideBytes, incomingBytes] = sizes
  if (!isPlace(place) || program === "" || dataBytes === undefined || asideBytes === undefined || incomingBytes === undefined)
    return undefined
  const [, total = "", free = ""] = fact("disk")
  return { place, program, dataBytes, asideBytes, incomingBytes, disk: diskShown(total, free) }
}

function isPlace(word: string): word is ChainData["place"] {
  return word === "ordinary" || word === "link" || word === "mount"
}

function bytesIn(kib: string | undefined): number | undefined {
  return kib !== undefined && /^\d{1,12}$/.test(kib) ? Number(kib) * 1024 : undefined
}
