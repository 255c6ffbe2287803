import { layout } from "../../render/layout.ts"
import { bad, type Check, none, ofHosts, ofSeenHosts, ok, warn } from "../check.ts"

const installed: Check = {
  id: "file.installed",
  title: "Installed files are the rendered ones.",
  why: "The next start of a container uses what stands on its host, not what the topology file says.",
  scope: "host",
  threshold: "every rendered file has the rendered checksum",
  fix: "`gonka-ha up`; what somebody changed by hand belongs into the topology file",
  judge: ofSeenHosts((seen, host, { files }) => {
    const wanted = files.get(host.name)?.files ?? []
    const wrong = wanted.flatMap(({ path, sha256 }) => {
      const found = seen.files.get(path)
      return found === undefined ? `${path} is missing` : found === sha256 ? [] : `${path} differs`
    })
    return none(wrong, warn, `${wanted.length} files`)
  }),
}

/** Directories of which every file is rendered. */
const RENDERED = ["haproxy/", "firewall/"]

const foreign: Check = {
  id: "file.foreign",
  title: "No configuration stands there that is not rendered.",
  why: "A file of a node or a signer that was taken away confuses the person who looks there in an emergency.",
  scope: "host",
  threshold: "none in the rendered directories",
  fix: "remove it, when nothing uses it any more",
  judge: ofSeenHosts((seen, host, { files, topology }) => {
    const wanted = new Set((files.get(host.name)?.files ?? []).map(({ path }) => path))
    const dirs = [
      ...RENDERED,
      ...topology.nodes
        .filter((node) => node.host === host.name)
        .flatMap(({ name }) => [layout.node.config(name), layout.parking.config(name)].map((dir) => `${dir}/`)),
      ...topology.validators.filter(({ signerHost }) => signerHost === host.name).map(({ name }) => `${layout.signer.config(name)}/`),
    ]
    const others = [...seen.files.keys()].filter((path) => !wanted.has(path) && dirs.some((dir) => path.startsWith(dir)))
    return none(others.sort(), warn, "none")
  }),
}

const secrets: Check = {
  id: "file.secrets",
  title: "Every secret is in its place.",
  why: "A node without its key gets another id and loses its peers; a signer without its key does not start.",
  scope: "host",
  threshold: "there, and the same as on this machine",
  fix: "`gonka-ha up` puts a missing one there; one that differs is never overwritten: find out which of the two is right",
  judge: ofSeenHosts((seen, host, { secrets: all }) => {
    const own = all.filter((secret) => secret.host === host.name)
    if (own.length === 0) return undefined
    const wrong = own.flatMap(({ path, sha256 }) => {
      const found = seen.files.get(path)
      return found === undefined ? `${path} is missing` : sha256 === undefined || found === sha256 ? [] : `${path} is another one`
    })
    return none(wrong, bad, `${own.length} of ${own.length}`)
  }),
}

/** Whether a mode gives anything to the group or to others. */
function isOpen(mode: string): boolean {
  return !/^[0-7]?[0-7]00$/.test(mode.padStart(3, "0"))
}

const secretFiles: Check = {
  id: "file.secret-files",
  title: "Secrets can be read by their owner only.",
  why: "Who reads a consensus key can sign with it, and a second signer costs the stake.",
  scope: "host",
  threshold: "mode 600 or less",
  fix: "`chmod 600` it; if somebody else has an account there, think of the key as known",
  judge: ofHosts(({ secrets: all }) => {
    const open = all.filter(({ kind, mode }) => kind === "file" && isOpen(mode)).map(({ path, mode }) => `${path} has mode ${mode}`)
    return none(open, bad, `${all.filter(({ kind }) => kind === "file").length} files`)
  }),
}

const secretDirectories: Check = {
  id: "file.secret-directories",
  title: "Directories of secrets are closed.",
  why: "In an open directory, a file that is written for a moment with another mode can be read.",
  scope: "host",
  threshold: "mode 700 or less",
  fix: "`chmod 700` it",
  judge: ofHosts(({ secrets: all }) => {
    const dirs = all.filter(({ kind }) => kind === "directory")
    const open = dirs.filter(({ mode }) => isOpen(mode)).map(({ path, mode }) => `${path} has mode ${mode}`)
    return dirs.length === 0 ? ok("there are none") : none(open, warn, `${dirs.length} directories`)
  }),
}

export const FILE_CHECKS: readonly Check[] = [installed, foreign, secrets, secretFiles, secretDirectories]
