import { runLogged } from "./run-logged.ts"

const ENV = { DEBIAN_FRONTEND: "noninteractive" }

/** The package lists of a fresh machine may be empty or old: they are read again only when the first try fails. */
export async function aptInstall(packages: readonly string[]): Promise<void> {
  const install = ["apt-get", "install", "-y", "--no-install-recommends", ...packages]
  try {
    await runLogged(install, { log: "apt-install", env: ENV })
  } catch {
    await runLogged(["apt-get", "update"], { log: "apt-update", env: ENV })
    await runLogged(install, { log: "apt-install", env: ENV })
  }
}
