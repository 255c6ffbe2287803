import type { Names } from "../../app/names.ts"
import type { Candidate, Wanted } from "./wanted.ts"

/** Stands for the names of files, which the shell knows best. */
export const FILES = ":files"

/** A candidate on each line, with a tab before its description: what the scripts of the shells read. */
export function candidateLines({ begun, words, names, files, prefix }: Wanted, known: Names | undefined): readonly string[] {
  const named = names === undefined ? [] : (known?.[names.kind] ?? []).filter((name) => !names.without.includes(name))
  const candidates: readonly Candidate[] = [...words, ...named.map((word) => ({ word, description: "" }))]
  return [
    ...candidates.filter(({ word }) => word.startsWith(begun)).map(({ word, description }) => `${prefix}${word}\t${oneLine(description)}`),
    ...(files ? [FILES] : []),
  ]
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ")
}
