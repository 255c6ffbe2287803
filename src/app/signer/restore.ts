import type { BackupEntry, BackupFiles } from "../../core/backup/entry.ts"
import { type BackedUpSigner, checkedManifest, type Manifest } from "../../core/backup/manifest.ts"
import { AppError, EXIT } from "../../core/errors.ts"
import { pathBelow, pathFrom } from "../../core/local-path.ts"
import type { LocalFiles } from "../../core/ports.ts"
import type { Sha256 } from "../../core/render/fileset.ts"
import type { Secret } from "../../core/secret.ts"
import { ignoreSecrets } from "../ignore-secrets.ts"
import { isSpentHeight, raiseSpentHeight, recordPath, signerRecord, writeSignerRecord } from "../signer-records.ts"

type Ports = { readonly files: LocalFiles; readonly sha256: Sha256 }

export type RestoreRequest = {
  readonly file: string
  /** Where the topology file goes; `.gonka-ha` beside it. */
  readonly dir: string
  readonly passphrase: Secret
  readonly time: string
}

export type Restored = {
  readonly manifest: Manifest
  readonly written: readonly string[]
  /** What was there already, byte for byte. */
  readonly unchanged: readonly string[]
  /** Secrets that have no place on this machine. */
  readonly kept: readonly string[]
}

/** `gonka-ha signer restore --list`: what is in a backup, after all of it was checked. Writes nothing. @throws AppError BACKUP_UNREADABLE, FILE_UNREADABLE */
export async function listBackup(
  ports: Ports,
  backups: BackupFiles,
  { file, passphrase }: Pick<RestoreRequest, "file" | "passphrase">,
): Promise<Manifest> {
  return checkedManifest(file, await backups.read(file, passphrase), ports.sha256)
}

/**
 * `gonka-ha signer restore`: puts back what was on the operator's machine, and never a signer's state: the signer has gone on since,
 * and an older state would let it sign twice. Every key counts from then on as one that has signed, so no command sets up a new signer
 * for it by itself. A file that says something else already is not touched, and then nothing is written at all.
 * @throws AppError FILE_EXISTS with every file that is in the way, and as `listBackup`
 */
export async function restore(ports: Ports, backups: BackupFiles, request: RestoreRequest): Promise<Restored> {
  const entries = await backups.read(request.file, request.passphrase)
  const manifest = checkedManifest(request.file, entries, ports.sha256)
  const wanted = entries.filter(({ path }) => hasPlace(manifest, path))
  const { missing, inTheWay } = await compare(ports.files, request.dir, wanted)
  if (inTheWay.length > 0) {
    throw new AppError("FILE_EXISTS", EXIT.refused, `${request.dir} holds other content than the backup; nothing was written`, {
      issues: inTheWay.map((path) => ({ severity: "error", path, message: "is there already and says something else" })),
      hint: "restore into an empty directory with --to, or move these files away when you know that the backup is right",
    })
  }
  await ignoreSecrets(ports.files, request.dir)
  await write(ports.files, manifest, request, missing)
  const written = missing.map(({ path }) => path)
  return {
    manifest,
    written,
    unchanged: wanted.map(({ path }) => path).filter((path) => !written.includes(path)),
    kept: entries.map(({ path }) => path).filter((path) => path.startsWith("references/")),
  }
}

/**
 * First what makes a key one that has signed, last the topology file, without which no command does anything: cut off anywhere, it is
 * safe, and the same command finishes it. What went wrong by itself is taken back.
 */
async function write(files: LocalFiles, manifest: Manifest, { dir, time }: RestoreRequest, missing: readonly BackupEntry[]): Promise<void> {
  const created: string[] = []
  const create = async ({ path, content, mode }: BackupEntry) => {
    await files.create(pathFrom(dir, path), content, mode)
    created.push(path)
  }
  const isRecord = ({ path }: BackupEntry) => path.startsWith(`${manifest.recordsDir}/`)
  const topologyLast = ({ path }: BackupEntry) => manifest.topology.files.toReversed().indexOf(path)
  try {
    for (const entry of missing.filter(isRecord)) await create(entry)
    for (const signer of manifest.validators) created.push(...(await remember(files, manifest, { dir, time }, signer)))
    for (const entry of missing.filter((one) => !isRecord(one)).toSorted((a, b) => topologyLast(a) - topologyLast(b))) await create(entry)
  } catch (error) {
    // A key never stays behind without the record of it.
    for (const path of created.toReversed()) await files.removeBelow(dir, path)
    throw error
  }
}

/** Gives the record that had to be made. The height is only raised, and stays: it can only forbid. */
async function remember(
  local: LocalFiles,
  { chain, stateDir, recordsDir, time: backedUp, deployment }: Manifest,
  { dir, time }: Pick<RestoreRequest, "dir" | "time">,
  { name, address, host, signedUpTo }: BackedUpSigner,
): Promise<readonly string[]> {
  const place = { local, stateDir: pathFrom(dir, stateDir), recordsDir: pathFrom(dir, recordsDir), topology: { chain: { id: chain } } }
  const because = `restored from the backup of ${backedUp}`
  if (signedUpTo !== undefined) await raiseSpentHeight(place, { name, address }, signedUpTo, because)
  if ((await signerRecord(place, { name, address })) !== undefined) return []
  await writeSignerRecord(place, { name, address }, { deployment, host, at: time, because })
  return [pathBelow(dir, recordPath(place, { name, address }))]
}

function hasPlace({ topology, stateDir, recordsDir }: Manifest, path: string): boolean {
  return topology.files.includes(path) || [stateDir, recordsDir].some((dir) => path.startsWith(`${dir}/`))
}

async function compare(files: LocalFiles, dir: string, wanted: readonly BackupEntry[]) {
  const missing: BackupEntry[] = []
  const inTheWay: string[] = []
  for (const entry of wanted) {
    const path = pathFrom(dir, entry.path)
    if (!(await files.exists(path))) missing.push(entry)
    else if (isSpentHeight(path)) continue
    else if ((await contentOf(files, path)) !== entry.content.expose()) inTheWay.push(path)
  }
  return { missing, inTheWay }
}

/** Undefined for what is no text file: a directory, a picture. */
async function contentOf(files: LocalFiles, path: string): Promise<string | undefined> {
  return files.readText(path).catch(() => undefined)
}
