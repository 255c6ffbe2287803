/** Service keys that an operator may set, as the Compose specification has them. */
const FREE = [
  "annotations",
  "attach",
  "blkio_config",
  "cpu_count",
  "cpu_percent",
  "cpu_period",
  "cpu_quota",
  "cpu_rt_period",
  "cpu_rt_runtime",
  "cpu_shares",
  "cpus",
  "cpuset",
  "deploy",
  "dns",
  "dns_opt",
  "dns_search",
  "domainname",
  "environment",
  "extra_hosts",
  "healthcheck",
  "hostname",
  "isolation",
  "labels",
  "logging",
  "mem_limit",
  "mem_reservation",
  "mem_swappiness",
  "memswap_limit",
  "oom_kill_disable",
  "oom_score_adj",
  "pids_limit",
  "platform",
  "shm_size",
  "stop_grace_period",
  "storage_opt",
  "sysctls",
  "ulimits",
] as const

const IMAGE = "the images of a deployment stand in one place, so that all candidates run the same: set `images` instead"
const NAME = "gonka-ha and the break-glass commands find containers by their names"
const START = "the service starts through gonka-ha's own script, which checks configuration and keys first"
const MOUNTS = "directories of keys, state and configuration are fixed, and another mount could hide or share them"
const EXPOSURE = "what is reachable from where follows from `ports`, `public` and the roles, and the firewall rules follow from the same"
const NETWORK = "the addresses of signers, nodes and load balancers are made for the network that gonka-ha sets up"
const FENCING = "a service that was fenced must not come back by another policy than gonka-ha's"
const CONFINED = "services run without capabilities and without ways out of their container"
const LIFE = "only gonka-ha decides when a service starts, stops and in which order, or a second signer could run"
const SECRETS = "secrets are put on hosts by gonka-ha alone, never by way of Compose"
const ELSEWHERE = "it would bring settings from a file that gonka-ha neither checks nor installs"
const DEVICES = "devices follow from the signer's `provider`"
const SIGNALS = "how a service is told to stop is fitted to what runs inside"
const NOT_BUILT = "gonka-ha runs images that exist and builds none"

/** Why a key is not the operator's to set; each continues "is set by gonka-ha alone: ". */
const OWNED: ReadonlyMap<string, string> = new Map([
  ["build", NOT_BUILT],
  ["cap_add", CONFINED],
  ["cap_drop", CONFINED],
  ["cgroup", CONFINED],
  ["cgroup_parent", CONFINED],
  ["command", START],
  ["configs", ELSEWHERE],
  ["container_name", NAME],
  ["credential_spec", SECRETS],
  ["depends_on", LIFE],
  ["develop", NOT_BUILT],
  ["device_cgroup_rules", DEVICES],
  ["devices", DEVICES],
  ["entrypoint", START],
  ["env_file", ELSEWHERE],
  ["expose", EXPOSURE],
  ["extends", ELSEWHERE],
  ["external_links", NETWORK],
  ["gpus", DEVICES],
  ["group_add", CONFINED],
  ["image", IMAGE],
  ["init", SIGNALS],
  ["ipc", CONFINED],
  ["label_file", ELSEWHERE],
  ["links", NETWORK],
  ["mac_address", NETWORK],
  ["models", DEVICES],
  ["network_mode", NETWORK],
  ["networks", NETWORK],
  ["pid", CONFINED],
  ["ports", EXPOSURE],
  ["post_start", LIFE],
  ["pre_stop", LIFE],
  ["privileged", CONFINED],
  ["profiles", LIFE],
  ["provider", NOT_BUILT],
  ["pull_policy", IMAGE],
  ["read_only", CONFINED],
  ["restart", FENCING],
  ["runtime", CONFINED],
  ["scale", LIFE],
  ["secrets", SECRETS],
  ["security_opt", CONFINED],
  ["stdin_open", SIGNALS],
  ["stop_signal", SIGNALS],
  ["tmpfs", MOUNTS],
  ["tty", SIGNALS],
  ["use_api_socket", CONFINED],
  ["user", CONFINED],
  ["userns_mode", CONFINED],
  ["uts", CONFINED],
  ["volumes", MOUNTS],
  ["volumes_from", MOUNTS],
  ["working_dir", START],
])

/** Below `deploy`, what would start a service more than once or again; the rest limits it. */
const OWNED_DEPLOY: ReadonlyMap<string, string> = new Map([
  ["mode", LIFE],
  ["placement", LIFE],
  ["replicas", LIFE],
  ["restart_policy", FENCING],
  ["rollback_config", LIFE],
  ["update_config", LIFE],
])

export const COMPOSE_KEYS: readonly string[] = [...FREE, ...OWNED.keys()]

export function isComposeKey(key: string): boolean {
  return key.startsWith("x-") || COMPOSE_KEYS.includes(key)
}

/** Keys of a service that an operator may not set, each with the reason. */
export function ownedIn(
  patch: Readonly<Record<string, unknown>>,
): readonly { readonly path: readonly string[]; readonly reason: string }[] {
  return Object.entries(patch).flatMap(([key, value]) => {
    const reason = OWNED.get(key)
    if (reason !== undefined) return [{ path: [key], reason }]
    if (key === "deploy") return ownedKeys(value, OWNED_DEPLOY).map((found) => ({ ...found, path: [key, ...found.path] }))
    return key === "labels" ? ownedLabels(value) : []
  })
}

function ownedKeys(value: unknown, owned: ReadonlyMap<string, string>) {
  return keysOf(value).flatMap((key) => {
    const reason = owned.get(key)
    return reason === undefined ? [] : [{ path: [key], reason }]
  })
}

function ownedLabels(value: unknown) {
  // A list holds `name=value`, a map has the names as keys.
  const names = Array.isArray(value)
    ? value.map((item, index) => ({ part: String(index), name: String(item) }))
    : keysOf(value).map((name) => ({ part: name, name }))
  return names
    .filter(({ name }) => name.startsWith("io.gonka-ha"))
    .map(({ part }) => ({ path: ["labels", part], reason: "gonka-ha knows its containers and their state by these labels" }))
}

function keysOf(value: unknown): readonly string[] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : []
}

/** One environment variable that a patch sets, with its place. */
export type PatchedVariable = {
  readonly name: string
  /** False where only the name stands: Compose takes the value from the shell of the host then. */
  readonly hasValue: boolean
  readonly path: readonly string[]
}

export function environmentIn(patch: Readonly<Record<string, unknown>>): readonly PatchedVariable[] {
  const value: unknown = Object.hasOwn(patch, "environment") ? patch.environment : undefined
  if (Array.isArray(value))
    return value.map((item, index) => {
      const [name = "", ...rest] = String(item).split("=")
      return { name: name.trim(), hasValue: rest.length > 0, path: ["environment", String(index)] }
    })
  return typeof value === "object" && value !== null
    ? Object.entries(value).map(([name, item]) => ({ name, hasValue: item !== null, path: ["environment", name] }))
    : []
}
