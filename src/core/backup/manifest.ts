import * as z from "zod"
import { AppError, EXIT } from "../errors.ts"
import type { Sha256 } from "../render/fileset.ts"
import { type BackupEntry, isPlainPath } from "./entry.ts"

export const MANIFEST = "manifest.json"
const SCHEMA = "gonka-ha/backup/v1"

const height = z.number().int().min(0)
const plainPath = z.string().refine(isPlainPath)

const signerSchema = z.object({
  name: z.string(),
  address: z.string().regex(/^[0-9A-F]{40}$/),
  pubkey: z.string(),
  host: z.string(),
  /** What its host said of the signer's state when the backup was made. */
  state: z.union([
    z.object({ kind: z.literal("seen"), height, round: height, step: height }),
    z.object({ kind: z.literal("absent") }),
    z.object({ kind: z.literal("unknown"), reason: z.string() }),
  ]),
  /** The highest height that the backup knows to be spent; absent when it knows none. */
  signedUpTo: height.optional(),
})

export const manifestSchema = z.object({
  schema: z.literal(SCHEMA),
  time: z.string(),
  by: z.string(),
  deployment: z.string(),
  chain: z.string().regex(/^[^/\0]+$/),
  /** The topology file and the overlays above it, with the destination that chooses them. */
  topology: z.object({ files: z.array(plainPath).min(1), destination: z.string().optional() }),
  /** The deployment's own directory below `.gonka-ha`, and that of the records of signers. */
  stateDir: plainPath,
  recordsDir: plainPath,
  validators: z.array(signerSchema),
  /** What is needed and not in here, in words. */
  leftOut: z.array(z.string()),
  files: z.array(z.object({ path: plainPath, size: height, sha256: z.string() })),
})

/** What a backup says about itself: the first file in it. */
export type Manifest = z.infer<typeof manifestSchema>
export type BackedUpSigner = Manifest["validators"][number]

/** The manifest of these files. */
export function manifestOf(about: Omit<Manifest, "schema" | "files">, entries: readonly BackupEntry[], sha256: Sha256): Manifest {
  const files = entries.map(({ path, content }) => ({ path, size: byteLength(content.expose()), sha256: sha256(content.expose()) }))
  return { schema: SCHEMA, ...about, files }
}

/**
 * The manifest of an archive's entries, after every file was compared with what it says.
 * @throws AppError BACKUP_UNREADABLE
 */
export function checkedManifest(archive: string, entries: readonly BackupEntry[], sha256: Sha256): Manifest {
  const [first, ...others] = entries
  const manifest = first?.path === MANIFEST ? parsed(first.content.expose()) : undefined
  if (!manifest) throw unreadable(archive, `it holds no ${MANIFEST} that this version of gonka-ha knows`)
  const listed = new Map(manifest.files.map((file) => [file.path, file.sha256]))
  if (listed.size !== manifest.files.length) throw unreadable(archive, "its manifest lists a file twice")
  const stray = others.find(({ path }, index) => !listed.has(path) || others.findIndex((other) => other.path === path) !== index)
  if (stray) throw unreadable(archive, `${stray.path} is not in its manifest, or in it twice`)
  const present = new Map(others.map(({ path, content }) => [path, content]))
  for (const [path, digest] of listed) {
    const content = present.get(path)
    if (content === undefined) throw unreadable(archive, `${path} is in its manifest and missing`)
    if (sha256(content.expose()) !== digest) throw unreadable(archive, `${path} is not what its manifest says`)
  }
  return manifest
}

export function unreadable(archive: string, why: string, cause?: unknown): AppError {
  return new AppError("BACKUP_UNREADABLE", EXIT.refused, `${archive} cannot be restored: ${why}`, {
    hint: "nothing was written; take another copy of the backup",
    cause,
  })
}

function parsed(text: string): Manifest | undefined {
  try {
    return manifestSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
