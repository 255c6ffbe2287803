import { durationText } from "../../duration.ts"
import { chainTip } from "../../observe/health.ts"
import { valueIn } from "../../observe/state.ts"
import { clockLimitMs, middlesOf } from "../../plan/preflight/clocks.ts"
import { sizeText } from "../../size-text.ts"
import { bad, type Check, type Judged, judged, none, ofDeployment, ofHosts, ofSeenHosts, ok, unclear, warn } from "../check.ts"
import { DAY_MS, type DiskGrowth, diskGrowth } from "../disk-readings.ts"
import { isAtLeast } from "../version.ts"

const GIB = 1024 ** 3
const MIB = 1024 ** 2

const reached: Check = {
  id: "host.reached",
  title: "Every host answers over SSH.",
  why: "What cannot be reached can be neither looked at nor mended, and a signer's host must be reachable to change who signs.",
  scope: "host",
  threshold: "an answer within the time of one connection",
  fix: "try `ssh` with the host's own target, and look at its network, its sshd and its known host key",
  judge: (facts) =>
    facts.topology.hosts.map(({ name }) => {
      const probe = facts.probes.get(name)
      return probe?.kind === "seen"
        ? { subject: name, ...ok(`answers ${probe.value.user}`) }
        : { subject: name, ...bad(probe?.reason ?? "it was not asked") }
    }),
}

const root: Check = {
  id: "host.root",
  title: "gonka-ha is root on every host, by its login or by sudo.",
  why: "Containers run as root without any capability: files that another user installs, keys first of all, are closed to them.",
  scope: "host",
  threshold: "user id 0",
  fix: "set `sudo: true` for the host, where sudo asks its user no password, or log in as root",
  judge: ofSeenHosts(({ isRoot }) =>
    isRoot === undefined ? unclear("the host did not tell") : isRoot ? ok("root") : bad("the user is not root"),
  ),
}

const engine: Check = {
  id: "host.docker",
  title: "The user may use Docker on every host.",
  why: "Everything that gonka-ha does to a container goes through the engine of its host.",
  scope: "host",
  threshold: "`docker version` answers",
  fix: "start the engine, or let the user of the SSH connection use it: root, or a member of the group `docker`",
  judge: ofHosts((probe) => (probe.engine.kind === "seen" ? ok(`engine ${probe.engine.value}`) : bad(probe.engine.reason))),
}

const socket: Check = {
  id: "host.socket",
  title: "The engine is reached through SSH.",
  why: "Containers are watched, stopped and started through the engine's socket, or by `docker` itself where sshd forwards no sockets.",
  scope: "host",
  threshold: "a list of containers and the answer of the probe",
  fix: "see that `docker system dial-stdio` runs there, or allow sshd to forward sockets (`AllowStreamLocalForwarding yes`)",
  judge: ofHosts((probe, host, { observed }) => {
    // Without an engine there is nothing behind the socket.
    if (probe.engine.kind === "unknown") return unclear("no engine answers")
    const seen = observed.hosts.get(host.name)
    return seen?.kind === "seen" ? ok(`${seen.value.containers.length} containers`) : bad(seen?.reason ?? "it was not asked")
  }),
}

const OLDEST_ENGINE = "20.10.0"

const engineVersion: Check = {
  id: "host.engine-version",
  title: "The engines are new enough.",
  why: "Older engines do not know everything that the rendered compose.yaml asks for.",
  scope: "host",
  threshold: `Docker ${OLDEST_ENGINE} or newer`,
  fix: "upgrade Docker; a container that restarts with its engine costs as much as a restart of its node",
  judge: ofHosts(({ engine: version }) => judged(version, (said) => isAtLeast(said, OLDEST_ENGINE, { old: bad, new: ok }))),
}

/** From here on the engine itself drops packets that come to a container's own address. */
const CLOSED_ENGINE = "28.0.0"

const directRouting: Check = {
  id: "host.direct-routing",
  title: "Containers cannot be reached past their published ports.",
  why: "Before Docker 28, machines on the same wire reach containers at the containers' own addresses, whatever the firewall says of ports.",
  scope: "host",
  threshold: `Docker ${CLOSED_ENGINE} or newer`,
  fix: "upgrade Docker, or drop packets to Docker's own networks that come from outside of the host",
  judge: ofHosts(({ engine: version }) => judged(version, (said) => isAtLeast(said, CLOSED_ENGINE, { old: warn, new: ok }))),
}

const OLDEST_COMPOSE = "2.20.0"

const composeVersion: Check = {
  id: "host.compose-version",
  title: "Every host has `docker compose`, new enough.",
  why: "Services are shaped by compose on the host; version 1 is another program.",
  scope: "host",
  threshold: `docker compose ${OLDEST_COMPOSE} or newer`,
  fix: "install the compose plugin of your Docker",
  judge: ofHosts(({ compose, engine: docker }) => {
    if (compose.kind === "seen") return isAtLeast(compose.value, OLDEST_COMPOSE, { old: bad, new: ok })
    return docker.kind === "unknown" ? unclear(compose.reason) : bad(compose.reason)
  }),
}

const tools: Check = {
  id: "host.tools",
  title: "Every host has the programs that a move needs.",
  why: "A move runs on the signer's host as one script; a program that is missing would be missed when the signer has stopped.",
  scope: "host",
  threshold: "docker, flock, setsid, sync, timeout, sha256sum, awk, find, stat",
  fix: "install them: coreutils, util-linux, findutils and an awk",
  judge: ofHosts(({ missingTools }) => none(missingTools, bad, "all there")),
}

const directory: Check = {
  id: "host.directory",
  title: "The deployment's directory is there and can be written.",
  why: "A signer writes its state before each signature: on a disk that cannot be written it stops signing.",
  scope: "host",
  threshold: "a block is written and reaches the disk",
  fix: "`gonka-ha up` makes the directory; a disk that went read-only says why in the host's kernel log",
  judge: ofHosts((probe) =>
    !probe.directory ? bad("there is no such directory") : probe.write.kind === "seen" ? ok("written") : bad(probe.write.reason),
  ),
}

/** Of one block, on a signer's host: it writes two states for each block of the chain. */
const SLOW_WRITE_MS = 50
const VERY_SLOW_WRITE_MS = 250

const writeLatency: Check = {
  id: "host.write-latency",
  title: "Disks take writes quickly.",
  why: "A signature waits until the signer's state is on its disk, and a node's block until its log is: a slow disk misses rounds.",
  scope: "host",
  threshold: `${SLOW_WRITE_MS} ms for one block of 4 KiB with its sync, bad from ${VERY_SLOW_WRITE_MS} ms`,
  fix: "look for what else writes to that disk; take a local SSD instead of a network disk",
  judge: ofHosts(({ write }) =>
    judged(write, ({ writes, tookMs }) => {
      const each = tookMs / Math.max(1, writes)
      const measured = `${each.toFixed(1)} ms each, of ${writes}`
      return each > VERY_SLOW_WRITE_MS ? bad(measured) : each > SLOW_WRITE_MS ? warn(measured) : ok(measured)
    }),
  ),
}

const clock: Check = {
  id: "host.clock",
  title: "The hosts' clocks agree.",
  why: "Votes carry the time of their node, and ages of blocks, by which nodes are judged, are no better than the clock they are measured with.",
  scope: "host",
  threshold: (topology) => `${durationText(clockLimitMs(topology))} from the middle of all clocks`,
  fix: "bring it into step, for example with chrony or systemd-timesyncd",
  judge: ofSeenHosts((host, _, { topology, observed }) =>
    judged(host.clock, ({ offsetMs, withinMs }) => {
      const limit = clockLimitMs(topology)
      const offsets = [...observed.hosts.values()].flatMap((reading) => valueIn(valueIn(reading)?.clock)?.offsetMs ?? [])
      const off = Math.max(...middlesOf([0, ...offsets]).map((middle) => Math.abs(offsetMs - middle)))
      const measured = `${durationText(off)} off, known to ${durationText(withinMs)}`
      if (off - withinMs > limit) return bad(measured)
      return off + withinMs > limit ? unclear(`${measured}: it answers too slowly to tell`) : ok(measured)
    }),
  ),
}

const chainClock: Check = {
  id: "host.chain-clock",
  title: "The clocks agree with the chain.",
  why: "A block cannot come from the future: if the newest one seems to, the clocks here are behind, and stale nodes look fresh.",
  scope: "deployment",
  threshold: (topology) => `the newest block at most ${durationText(clockLimitMs(topology))} in the future`,
  fix: "bring the clock of this machine into step, and of the hosts where `host.clock` says so",
  judge: ofDeployment(({ topology, observed }) => {
    const tip = chainTip(observed)
    if (!tip) return unclear("no node answers")
    if (-tip.ageMs > clockLimitMs(topology)) return bad(`block ${tip.height} is ${durationText(-tip.ageMs)} in the future`)
    return ok(`block ${tip.height} is ${durationText(Math.max(0, tip.ageMs))} old`)
  }),
}

/** Too little is what lies below both, so that neither a small nor a huge disk is judged by the wrong one. */
const DISK = { warnBytes: 20 * GIB, warnPercent: 15, badBytes: 5 * GIB, badPercent: 5 } as const

const disk: Check = {
  id: "host.disk",
  title: "There is room on the disk of the deployment's directory.",
  why: "Chain data and logs grow by hundreds of megabytes a day, and a full disk stops nodes and signers alike.",
  scope: "host",
  threshold: "20 GiB or 15 % free; bad below both 5 GiB and 5 %",
  fix: "make room, or let nodes keep less: `pruning` in the topology file",
  judge: ofSeenHosts((host) =>
    judged(host.disk, ({ totalBytes, freeBytes }) => {
      const percent = (100 * freeBytes) / Math.max(1, totalBytes)
      const measured = `${sizeText(freeBytes)} of ${sizeText(totalBytes)} free`
      if (freeBytes < DISK.badBytes && percent < DISK.badPercent) return bad(measured)
      return freeBytes < DISK.warnBytes && percent < DISK.warnPercent ? warn(measured) : ok(measured)
    }),
  ),
}

const FULL_SOON = { warnDays: 30, badDays: 7 } as const

const diskFills: Check = {
  id: "host.disk-growth",
  title: "The disk of the deployment's directory does not fill up soon.",
  why: "That there is room today does not tell of the night in which there is none, and a larger disk or other pruning has to be prepared.",
  scope: "host",
  threshold: `full in ${FULL_SOON.warnDays} days as it fills now, bad within ${FULL_SOON.badDays}; by readings of doctor from this machine, a day or more apart, and not judged before there are two`,
  fix: "let nodes keep less (`pruning` in the topology file), look for what else grows there, or take a larger disk",
  judge: ofSeenHosts((host, { name }, { observed, disksBefore }) =>
    judged(host.disk, (disk) => {
      const growth = diskGrowth(disksBefore.get(name) ?? [], { atMs: observed.atMs, ...disk })
      // Nobody can know yet, and that is nothing to be alarmed about.
      return growth && fullIn(growth, disk.freeBytes)
    }),
  ),
}

function fullIn({ bytes, overMs }: DiskGrowth, freeBytes: number): Judged {
  const over = `in the last ${spanText(overMs)}`
  if (bytes <= 0) return ok(`it did not fill ${over}`)
  const perDay = bytes / (overMs / DAY_MS)
  const days = freeBytes / perDay
  const measured = `full in ${daysText(days)}: ${sizeText(perDay)} a day ${over}, ${sizeText(freeBytes)} free`
  return days < FULL_SOON.badDays ? bad(measured) : days < FULL_SOON.warnDays ? warn(measured) : ok(measured)
}

function spanText(ms: number): string {
  return ms < 2 * DAY_MS ? durationText(ms) : `${Math.round(ms / DAY_MS)} days`
}

/** Nobody knows more of a disk that lasts for years. */
function daysText(days: number): string {
  if (days < 1) return "less than a day"
  return days > 999 ? "more than 999 days" : `about ${Math.floor(days)} ${Math.floor(days) === 1 ? "day" : "days"}`
}

const inodes: Check = {
  id: "host.inodes",
  title: "The disk has room for new files.",
  why: "A database of small files runs out of inodes while there is still space, and the error says that the disk is full.",
  scope: "host",
  threshold: "5 % free",
  fix: "remove what makes so many files, or use a file system with more inodes",
  judge: ofHosts(({ inodes: reading }) =>
    judged(reading, ({ total, free }) => {
      if (total === 0) return ok("this file system has no fixed number")
      const percent = (100 * free) / total
      return percent < 5 ? warn(`${percent.toFixed(1)} % free`) : ok(`${percent.toFixed(0)} % free`)
    }),
  ),
}

const memory: Check = {
  id: "host.memory",
  title: "There is memory left.",
  why: "When it runs out, the kernel kills the largest process, and that is a node.",
  scope: "host",
  threshold: "10 % or 512 MiB available; bad below both 4 % and 256 MiB",
  fix: "give the host more memory, or limit what else runs there",
  judge: ofHosts(({ memory: reading }) =>
    judged(reading, ({ totalKb, availableKb }) => {
      const bytes = availableKb * 1024
      const percent = (100 * availableKb) / Math.max(1, totalKb)
      const measured = `${sizeText(bytes)} of ${sizeText(totalKb * 1024)} available`
      if (percent < 4 && bytes < 256 * MIB) return bad(measured)
      return percent < 10 && bytes < 512 * MIB ? warn(measured) : ok(measured)
    }),
  ),
}

const swap: Check = {
  id: "host.swap",
  title: "The host does not live on its swap.",
  why: "A node whose memory lies on the disk answers late, and a signer that does misses rounds.",
  scope: "host",
  threshold: "at most half of the swap in use",
  fix: "find what was pushed out, and give the host more memory",
  judge: ofHosts(({ memory: reading }) =>
    judged(reading, ({ swapTotalKb, swapFreeKb }) => {
      if (swapTotalKb === 0) return ok("it has none")
      const used = swapTotalKb - swapFreeKb
      const measured = `${sizeText(used * 1024)} of ${sizeText(swapTotalKb * 1024)} in use`
      return used > swapTotalKb / 2 ? warn(measured) : ok(measured)
    }),
  ),
}

const load: Check = {
  id: "host.load",
  title: "The processors keep up.",
  why: "Blocks have to be checked and signed in their time, whatever else runs on the host.",
  scope: "host",
  threshold: "a load of 2 for each processor, over one minute",
  fix: "see what runs there with `top`; move it, or move the node",
  judge: ofHosts(({ load: reading }) =>
    judged(reading, ({ oneMinute, cpus }) => {
      const measured = `load ${oneMinute.toFixed(1)} on ${cpus} processors`
      return oneMinute > 2 * cpus ? warn(measured) : ok(measured)
    }),
  ),
}

const reboot: Check = {
  id: "host.reboot",
  title: "No host waits for a reboot.",
  why: "A reboot that is due comes at some time; better when a standby is ready and somebody watches.",
  scope: "host",
  threshold: "no /var/run/reboot-required",
  fix: "promote away from the host where it is the active node's, and reboot it",
  judge: ofHosts(({ rebootWanted }) => (rebootWanted ? warn("its packages ask for a reboot") : ok("none is asked for"))),
}

export const HOST_CHECKS: readonly Check[] = [
  reached,
  root,
  engine,
  socket,
  engineVersion,
  directRouting,
  composeVersion,
  tools,
  directory,
  writeLatency,
  clock,
  chainClock,
  disk,
  diskFills,
  inodes,
  memory,
  swap,
  load,
  reboot,
]
