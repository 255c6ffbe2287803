import * as z from "zod"
import { AppError, EXIT } from "../core/errors.ts"
import type { LocalFiles } from "../core/ports.ts"
import type { Validator } from "../core/topology.ts"

/*
 * This machine remembers every signer that it has set up. A record goes by the key and the chain, because names change: a validator or a
 * deployment that is called something else is still the same key.
 */

export type RecordPlace = {
  readonly local: LocalFiles
  readonly stateDir: string
  readonly recordsDir: string
  readonly topology: { readonly chain: { readonly id: string } }
}

type Key = Pick<Validator, "name" | "address">

/** The record of this key on this chain, whatever its validator was called; undefined when this machine has set up no signer for it. */
export async function signerRecord(place: RecordPlace, validator: Key): Promise<string | undefined> {
  for (const path of [recordPath(place, validator), byName(place, validator)]) if (await place.local.exists(path)) return path
  return undefined
}

export async function writeSignerRecord(place: RecordPlace, validator: Key, entry: Readonly<Record<string, unknown>>): Promise<void> {
  await place.local.create(recordPath(place, validator), `${JSON.stringify({ validator: validator.name, ...entry })}\n`, 0o600)
}

/** Beside the first record, which stays: the signer was set up anew on another host, and set up again there only by whoever replaces it once more. */
export async function writeReplacedRecord(
  place: RecordPlace,
  validator: Key & Pick<Validator, "signerHost">,
  entry: Readonly<Record<string, unknown>>,
): Promise<void> {
  await place.local.replace(replacedPath(place, validator), `${JSON.stringify({ validator: validator.name, ...entry })}\n`, 0o600)
}

/** The record of a signer that replaced another one on this host; undefined when this machine has not done so. */
export async function replacedRecord(place: RecordPlace, validator: Key & Pick<Validator, "signerHost">): Promise<string | undefined> {
  const path = replacedPath(place, validator)
  return (await place.local.exists(path)) ? path : undefined
}

/**
 * Hosts whose signers this machine has replaced by the one on this host; empty when it has replaced none.
 * @throws AppError KEY_INVALID when its record cannot be read any more
 */
export async function recordedReplaced(place: RecordPlace, validator: Key & Pick<Validator, "signerHost">): Promise<readonly string[]> {
  const path = await replacedRecord(place, validator)
  if (path === undefined) return []
  const entry = parsed(replacedSchema, await place.local.readText(path))
  if (entry === undefined)
    throw new AppError("KEY_INVALID", EXIT.refused, `${path} does not name the hosts that were replaced any more`, {
      hint: "put it back from a backup: without it, nobody notices that one of them got its port back",
    })
  return [...new Set([...(entry.replaced ?? []), entry.replaces])]
}

/**
 * The height up to which everything may have been signed with this key already, as a restored backup has told; undefined when none did.
 * @throws AppError KEY_INVALID when the file does not say it any more: a bound that is lost must not read as none
 */
export async function spentHeight(place: RecordPlace, validator: Key): Promise<number | undefined> {
  const path = spentPath(place, validator)
  if (!(await place.local.exists(path))) return undefined
  const spent = readSpent(await place.local.readText(path))
  if (spent === undefined)
    throw new AppError("KEY_INVALID", EXIT.refused, `${path} does not name a height any more`, { hint: "restore the backup again" })
  return spent
}

/** Only ever raised. */
export async function raiseSpentHeight(place: RecordPlace, validator: Key, height: number, because: string): Promise<void> {
  const before = await spentHeight(place, validator)
  if (before !== undefined && before >= height) return
  await place.local.replace(spentPath(place, validator), `${JSON.stringify({ validator: validator.name, height, because })}\n`, 0o600)
}

/** Whether a file among the records is a height that may only be raised; the others never change. */
export function isSpentHeight(path: string): boolean {
  return path.endsWith(SPENT)
}

const SPENT = ".spent.json"

const spentSchema = z.object({ height: z.number().int().min(0) })

const replacedSchema = z.object({ replaces: z.string(), replaced: z.array(z.string()).optional() })

function readSpent(text: string): number | undefined {
  return parsed(spentSchema, text)?.height
}

function parsed<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Where the record of a key is written. */
export function recordPath({ recordsDir, topology }: RecordPlace, { address }: Key): string {
  return `${recordsDir}/${topology.chain.id}-${address}.json`
}

function replacedPath({ recordsDir, topology }: RecordPlace, { address, signerHost }: Key & Pick<Validator, "signerHost">): string {
  return `${recordsDir}/${topology.chain.id}-${address}.on-${signerHost}.json`
}

function spentPath({ recordsDir, topology }: RecordPlace, { address }: Key): string {
  return `${recordsDir}/${topology.chain.id}-${address}${SPENT}`
}

/** Where earlier versions put it. */
function byName({ stateDir }: RecordPlace, { name }: Key): string {
  return `${stateDir}/signers/${name}.json`
}
