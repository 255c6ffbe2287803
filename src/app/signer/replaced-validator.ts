import { AppError, EXIT } from "../../core/errors.ts"
import { lastReplaced } from "../../core/observe/replaced-host.ts"
import type { Topology, Validator } from "../../core/topology.ts"

/**
 * The validator whose signer was on the lost host. The file is the memory of what was replaced, so it says so first.
 * @throws AppError REFUSED with the edit that is missing, USAGE
 */
export function replacedValidator(
  topology: Topology,
  { host, validator }: { readonly host: string; readonly validator: string | undefined },
): Validator {
  const named = topology.validators.filter(({ name }) => validator === undefined || name === validator)
  if (named.length === 0)
    throw usage(`there is no validator ${validator}`, `validators: ${topology.validators.map(({ name }) => name).join(", ")}`)
  const replacing = named.filter(({ replacedHosts }) => replacedHosts.includes(host))
  const [chosen, another] = replacing
  if (another)
    throw usage(
      `${host} had the signers of ${replacing.map(({ name }) => name).join(" and ")}`,
      "say which with --validator; one after the other",
    )
  if (chosen) {
    const last = lastReplaced(chosen)
    if (last === host) return chosen
    throw new AppError(
      "REFUSED",
      EXIT.refused,
      `the signer of ${chosen.name} on ${host} was replaced before; the last one in its list is ${last}`,
      {
        hint: `run it for ${last}, or put ${host} last if that is the one that is lost now`,
      },
    )
  }
  const present = named.find(({ signerHost }) => signerHost === host)
  if (!present)
    throw usage(
      `${host} is the host of no signer`,
      `signers are on ${[...new Set(topology.validators.map(({ signerHost }) => signerHost))].join(", ")}`,
    )
  throw new AppError(
    "REFUSED",
    EXIT.refused,
    `the file must say first where the signer of ${present.name} goes, and that ${host} is replaced for good`,
    {
      hint: `add the new host under hosts, leave ${host} there, and write:\n    validators:\n      ${present.name}:\n        signer: { host: NEW-HOST, replaces: [${[...present.replacedHosts, host].join(", ")}] }`,
    },
  )
}

function usage(message: string, hint: string): AppError {
  return new AppError("USAGE", EXIT.usage, message, { hint })
}
