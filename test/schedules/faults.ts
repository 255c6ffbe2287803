import { layout } from "../../src/core/render/layout.ts"
import { nodeOf, serviceName, validatorOf } from "../../src/core/topology.ts"
import type { Fault } from "./schedule.ts"
import { Container } from "./world/engine.ts"
import type { Laptop } from "./world/laptop.ts"
import type { World } from "./world/world.ts"

/** Does what goes wrong, and makes it good again after its time. */
export function strike(world: World, fault: Fault, laptopsOf: (name: string) => readonly Laptop[], onHealed: () => void): void {
  world.note("fault", `${fault.kind} ${fault.where}${lasts(fault.kind) ? ` for ${(fault.forMs / 1000).toFixed(1)} s` : ""}`)
  const heal = happen(world, fault, laptopsOf)
  if (!heal) onHealed()
  else
    world.timeline.after(fault.forMs, () => {
      heal()
      onHealed()
    })
}

/** What makes it good again; undefined when nothing lasts. */
function happen(world: World, { kind, where }: Fault, laptopsOf: (name: string) => readonly Laptop[]): (() => void) | undefined {
  const { topology } = world
  const container = (service: string) => `${topology.deployment}-${service}`
  switch (kind) {
    case "node-crash":
      world.node(where).crash()
      return undefined
    case "node-hangs": {
      const node = world.node(where)
      node.pause()
      return () => node.unpause()
    }
    case "signer-crash":
      world.signerHost(validatorOf(topology, where)).engine.crash(container(serviceName.signer(where)))
      return undefined
    case "parking-crash":
      world.host(nodeOf(topology, where).host).engine.crash(container(serviceName.parking(where)))
      return undefined
    case "power-loss": {
      const host = world.host(where)
      world.powerOff(host)
      return () => host.powerOn()
    }
    case "management-hangs": {
      const host = world.host(where)
      host.managementHangs = true
      return () => {
        host.managementHangs = false
      }
    }
    case "host-cut": {
      const host = world.host(where)
      world.cut(host, true)
      return () => world.cut(host, false)
    }
    case "laptop-cut": {
      const [laptop = "", name = ""] = where.split(" ")
      const host = world.host(name)
      host.unreachableFor.add(laptop)
      for (const each of laptopsOf(laptop)) each.reachChanged(host)
      return () => {
        host.unreachableFor.delete(laptop)
        for (const each of laptopsOf(laptop)) each.reachChanged(host)
      }
    }
    case "engine-restart": {
      const host = world.host(where)
      // Without live-restore every container ends with its engine, and the policies say what comes back.
      if (host.isOn) for (const each of host.engine.containers.values()) if (each.status === "running") host.engine.crash(each.name)
      return undefined
    }
    case "hand-compose-up": {
      const host = world.host(where)
      // `docker compose up -d` in the deployment's directory, where something is installed.
      if (host.isOn && host.disk.has(`${topology.dir}/${layout.compose}`))
        for (const service of world.files.get(where)?.serviceDigests.keys() ?? []) host.engine.up(service)
      return undefined
    }
    case "hand-kill-signer":
      world.signerHost(validatorOf(topology, where)).engine.kill(container(serviceName.signer(where)))
      return undefined
    case "hand-start-copy":
      startCopy(world, where)
      return () => stopCopy(world, where)
    case "hand-fence":
    case "hand-fence-file": {
      const validator = validatorOf(topology, where)
      if (!world.signerHost(validator).isOn || world.fencedSinceMs.has(where)) return undefined
      world.fence(validator, "by hand", kind === "hand-fence")
      return () => world.fence(validator, undefined)
    }
    case "restore-backup":
    case "restore-backup-and-start": {
      const { engine, disk, isOn, name } = world.signerHost(validatorOf(topology, where))
      const copy = world.backups.get(where)
      if (!isOn || !copy?.some(([path]) => path.endsWith("/aim"))) return undefined
      disk.restore(`${topology.dir}/signers/${where}/`, copy)
      world.directoryReplaced(validatorOf(topology, where))
      world.note(name, `the directory of ${where} is an older copy now`)
      if (kind === "restore-backup-and-start") {
        const service = serviceName.signer(where)
        engine.kill(container(service), true)
        engine.up(service)
      }
      return undefined
    }
    case "state-lost": {
      const host = world.signerHost(validatorOf(topology, where))
      host.disk.remove(`${topology.dir}/${layout.signer.stateFile(where)}`)
      world.lostState.add(where)
      host.engine.crash(container(serviceName.signer(where)))
      return undefined
    }
    case "chain-halts":
      world.chain.halted = true
      return () => {
        world.chain.halted = false
      }
  }
}

function lasts(kind: Fault["kind"]): boolean {
  return [
    "node-hangs",
    "power-loss",
    "management-hangs",
    "host-cut",
    "laptop-cut",
    "hand-start-copy",
    "hand-fence",
    "chain-halts",
  ].includes(kind)
}

/** Somebody starts a copy of the whole deployment directory beside it, under another name, with everything that belongs to it. */
function startCopy(world: World, name: string): void {
  const { topology } = world
  const validator = validatorOf(topology, name)
  const host = world.signerHost(validator)
  if (!host.isOn || host.engine.containers.has(copyName(world, name))) return
  const dir = `${topology.dir}-copy`
  for (const [path, text] of host.disk.below(`${topology.dir}/`)) host.disk.write(`${dir}${path.slice(topology.dir.length)}`, text)
  const container = new Container(`${"c".repeat(60)}${name.length.toString(16).padStart(4, "0")}`, {
    service: serviceName.signer(name),
    name: copyName(world, name),
    role: "signer",
    digest: "copy",
    image: "tmkms",
    restart: "unless-stopped",
  })
  container.log.push("made by hand")
  host.copies.set(container.name, { dir, validator: name })
  host.engine.containers.set(container.name, container)
  host.engine.start(container.name)
}

function stopCopy(world: World, name: string): void {
  const host = world.signerHost(validatorOf(world.topology, name))
  host.engine.kill(copyName(world, name), true)
  host.engine.containers.delete(copyName(world, name))
  host.copies.delete(copyName(world, name))
  for (const [path] of host.disk.below(`${world.topology.dir}-copy/`)) host.disk.remove(path)
}

function copyName(world: World, name: string): string {
  return `${world.topology.deployment}-copy-${serviceName.signer(name)}`
}
