import { namedHost } from "../core/named.ts"
import type { Deployment } from "./deployment.ts"

/**
 * A shell on a host, or one command there, on the operator's own terminal and by the settings that everything else uses.
 * @param tty whether the far side gets a terminal, too
 * @returns its exit code @throws AppError USAGE, HOST_UNREACHABLE
 */
export async function shellOn(
  { topology, fleet }: Pick<Deployment, "topology" | "fleet">,
  host: string,
  argv: readonly string[],
  tty: boolean,
): Promise<number> {
  return fleet.host(namedHost(topology, host).name).attach(argv, tty)
}
