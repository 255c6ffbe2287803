import type { Issue } from "../issue.ts"
import { type Definition, definitionsIn } from "../plan/service-difference.ts"
import type { Step } from "../plan/step.ts"
import { stepTitle } from "../plan/step.ts"
import type { FileSet, HostFiles } from "../render/fileset.ts"
import { insidePort, layout } from "../render/layout.ts"
import { sameValue } from "../same-value.ts"
import { balancersOf, serviceName, type Topology } from "../topology.ts"

const BY_FILE = "change the topology file instead, and run `gonka-ha up`: it looks at all that depends on it"

/** What a container is and may touch; a rollback changes settings, images and limits and nothing of this. */
const FIXED_KEYS = ["container_name", "entrypoint", "command", "volumes", "privileged", "cap_add", "network_mode"]
/** Settings of a node on which it depends whose blocks it signs, and for whom. */
const FIXED_SETTINGS = ["chain_id", "binary", "validator_addresses", "standby"]

/**
 * Why files of an earlier generation may not come back under the topology as it stands: a rollback never changes what signs, for whom, at
 * which port, or which nodes there are. Every gate of a plan judges the topology, so what of the files goes beyond it is refused here.
 */
export function unfitFiles(topology: Topology, rendered: FileSet, previous: FileSet): readonly Issue[] {
  return topology.hosts.flatMap(({ name }) => {
    const [now, then] = [rendered.get(name), previous.get(name)]
    if (!now || !then) return [unfit(name, "its files are not known")]
    const [nowServices, thenServices] = [now, then].map((files) => definitionsIn(textOf(files, layout.compose)))
    if (!nowServices || !thenServices || !sameValue([...nowServices.keys()].sort(), [...thenServices.keys()].sort()))
      return [unfit(name, "other services ran there: nodes, signers or load balancers have come or gone since")]
    return [
      ...topology.validators
        .filter(({ signerHost }) => signerHost === name)
        .flatMap((validator) => signing(serviceName.signer(validator.name), layout.signer.config(validator.name))),
      ...topology.nodes
        .filter(({ host }) => host === name)
        .flatMap((node) => [
          ...(node.candidateOf.length > 0 ? signing(serviceName.parking(node.name), layout.parking.config(node.name)) : []),
          ...nodeUnfit(node.name, now, then, nowServices.get(node.name), thenServices.get(node.name)),
        ]),
      ...balancersOf(topology)
        .filter(({ host }) => host === name)
        .map((balancer) => serviceName.balancer(balancer.name))
        .flatMap((service) => containerUnfit(service, nowServices.get(service), thenServices.get(service))),
    ]

    function signing(service: string, dir: string): Issue[] {
      const same =
        sameValue(nowServices?.get(service), thenServices?.get(service)) && sameValue(filesBelow(now, dir), filesBelow(then, dir))
      return same ? [] : [unfit(name, `image, settings or scripts of ${service} were others then, and a rollback never touches what signs`)]
    }
  })
}

function nodeUnfit(node: string, now: HostFiles, then: HostFiles, nowIs: Definition = {}, thenWas: Definition = {}): Issue[] {
  const dir = layout.node.config(node)
  const pair = (path: string) => [textOf(now, `${dir}/${path}`), textOf(then, `${dir}/${path}`)] as const
  const [settingsNow, settingsThen] = pair("settings")
  const [configNow, configThen] = pair("config.toml")
  const [startNow, startThen] = pair("start-node.sh")
  const changedSettings = FIXED_SETTINGS.filter((key) => setting(settingsNow, key) !== setting(settingsThen, key))
  return [
    ...(sameValue(privvalPorts(nowIs), privvalPorts(thenWas))
      ? []
      : [unfit(node, "its signing port was another one, at which a signer that was replaced may still dial")]),
    ...(changedSettings.length > 0 ? [unfit(node, `${changedSettings.join(", ")} of its settings were others`)] : []),
    ...containerUnfit(node, nowIs, thenWas),
    ...(sameValue(privvalLines(configNow), privvalLines(configThen)) ? [] : [unfit(node, "its priv_validator settings were others")]),
    ...(startNow === startThen ? [] : [unfit(node, "it was started by the script of another version of gonka-ha", WITH_THAT_VERSION)]),
  ]
}

function containerUnfit(service: string, nowIs: Definition = {}, thenWas: Definition = {}): Issue[] {
  const changed = FIXED_KEYS.filter((key) => !sameValue(nowIs[key], thenWas[key]))
  return changed.length > 0 ? [unfit(service, `${changed.join(", ")} of its container were others`)] : []
}

const WITH_THAT_VERSION = "use that version of gonka-ha with the topology file of that time, and run its `gonka-ha up`"

/** Steps that only change files and what runs on them. A node that is restarted or parked signs nowhere else afterwards. */
const CARRIED: ReadonlySet<Step["kind"]> = new Set([
  "files.push",
  "service.up",
  "service.create",
  "balancer.answers",
  "node.fresh",
  "node.restart",
  "standby.park",
])

/** Steps of a plan that a rollback does not do: they decide who signs, or bring keys. */
export function unfitSteps(topology: Topology, steps: readonly Step[]): readonly Issue[] {
  const signers = new Set(topology.validators.map(({ name }) => serviceName.signer(name)))
  return steps
    .filter((step) => !CARRIED.has(step.kind) || ("service" in step.args && signers.has(step.args.service)))
    .map((step) => ({
      severity: "error" as const,
      path: "host" in step.args ? step.args.host : "node" in step.args ? step.args.node : topology.deployment,
      message: `it would also need: ${stepTitle(step)} (${step.cause}); a rollback touches neither keys nor signers`,
      fix: "run `gonka-ha up` with the file as it is first, and roll back afterwards",
    }))
}

function unfit(path: string, message: string, fix = BY_FILE): Issue {
  return { severity: "error", path, message, fix }
}

function textOf(files: HostFiles, path: string): string {
  return files.files.find((file) => file.path === path)?.content ?? ""
}

function filesBelow(files: HostFiles | undefined, dir: string): readonly (readonly [string, string])[] {
  return (files?.files ?? []).filter(({ path }) => path.startsWith(`${dir}/`)).map(({ path, sha256 }) => [path, sha256])
}

function setting(text: string, key: string): string {
  return (text.split("\n").find((line) => line.startsWith(`${key}=`)) ?? "").slice(key.length + 1)
}

function privvalLines(config: string): readonly string[] {
  return config.split("\n").filter((line) => line.startsWith("priv_validator_"))
}

function privvalPorts({ ports }: Definition): readonly unknown[] {
  return Array.isArray(ports) ? ports.filter((port) => String(port).endsWith(`:${insidePort.privval}`)) : []
}
