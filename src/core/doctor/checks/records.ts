import { durationText } from "../../duration.ts"
import { unknown } from "../../observe/state.ts"
import { layout } from "../../render/layout.ts"
import type { Validator } from "../../topology.ts"
import { bad, type Check, judged, listed, none, ofHosts, ofValidators, ok, warn } from "../check.ts"
import type { DoctorFacts } from "../facts.ts"

const writable: Check = {
  id: "record.writable",
  title: "Journal, receipts and audit log can be written.",
  why: "A move that cannot be recorded cannot be resumed, and nobody can tell later what was done.",
  scope: "host",
  threshold: "every place of records that is there can be written",
  fix: "look at the mount and at the owner of the place",
  judge: ofHosts(({ readOnly }) => none(readOnly, bad, "all")),
}

const receipts: Check = {
  id: "record.receipts",
  title: "The receipts' chain holds.",
  why: "Every receipt names the digest of the one before: a difference means that somebody changed or lost history.",
  scope: "validator",
  threshold: "both copies agree with each other and with the journals",
  fix: "`gonka-ha history --verify` tells each difference, and asks the chain as well",
  judge: ofValidators((validator, facts) =>
    judged(facts.receipts.get(validator.name) ?? unknown("they were not read"), ({ differences, count }) =>
      differences.length > 0 ? warn(listed(differences)) : ok(`${count} receipts`),
    ),
  ),
}

const backup: Check = {
  id: "record.backup",
  title: "A backup of each validator's key is recorded on this machine.",
  why: "The key lies on its signer's host, and here or where the topology file refers to: when all of them are gone, so is the validator.",
  scope: "validator",
  threshold: "a record of `signer backup` with this very key; of the file itself nothing is seen",
  fix: "`gonka-ha signer backup FILE` (`--with-references` where the topology file only refers to the key); try `signer restore --list` on the file",
  judge: ofValidators((validator, facts) => {
    if (!isKeyHere(validator, facts)) return undefined
    return judged(facts.backups.get(validator.name) ?? unknown("it was not looked for"), (record) => {
      if (record === undefined) return warn("none with its key is recorded on this machine")
      const made = `${record.file}, ${record.time}`
      if (record.address !== validator.address) return warn(`the recorded one (${made}) has another key: ${record.address}`)
      return ok(`recorded: ${made}; whether the file is still there is not looked at`)
    })
  }),
}

/** Whoever works from another machine than that with the keys has none to back up. */
function isKeyHere({ name, signerHost }: Validator, { secrets }: DoctorFacts): boolean {
  const path = `${layout.secrets.signer(name)}/consensus.key`
  return secrets.some((secret) => secret.host === signerHost && secret.path === path)
}

const LONG_AGO_MS = 90 * 24 * 3_600_000

const lastMove: Check = {
  id: "record.last-move",
  title: "The validator was moved not too long ago.",
  why: "A move that is never made is not known to work, and nobody has done it when it counts.",
  scope: "validator",
  threshold: "90 days, once there was a first move",
  fix: "`gonka-ha promote NODE --dry-run` rehearses it; then move it at a quiet time",
  judge: ofValidators((validator, facts) => {
    if (validator.candidates.length < 2) return undefined
    return judged(facts.receipts.get(validator.name) ?? unknown("they were not read"), ({ lastMoveMs }) => {
      if (lastMoveMs === undefined) return ok("nothing was moved yet")
      const ago = Math.max(0, facts.observed.atMs - lastMoveMs)
      const measured = `${durationText(ago)} ago`
      return ago > LONG_AGO_MS ? warn(measured) : ok(measured)
    })
  }),
}

export const RECORD_CHECKS: readonly Check[] = [writable, receipts, backup, lastMove]
