import { stripVTControlCharacters } from "node:util"
import type { Lab } from "../lab/lab.ts"
import { containersOn, shell } from "./host-facts.ts"
import { HA2_HOSTS } from "./site.ts"

export type SignerLog = { readonly host: string; readonly container: string; readonly text: string }

/** The whole log of every container that runs tmkms, on every host; the hosts must be running. */
export async function collectSignerLogs(lab: Lab): Promise<readonly SignerLog[]> {
  const perHost = await Promise.all(
    HA2_HOSTS.map(async (host) => {
      const names = [...(await containersOn(lab, host)).keys()].filter((name) => name.endsWith("-signer") || name.endsWith("-parking"))
      return Promise.all(names.map((container) => signerLog(lab, host, container)))
    }),
  )
  return perHost.flat()
}

export async function signerLog(lab: Lab, host: string, container: string): Promise<SignerLog> {
  return { host, container, text: stripVTControlCharacters(await shell(lab, host, `docker logs ${container} 2>&1`)) }
}
